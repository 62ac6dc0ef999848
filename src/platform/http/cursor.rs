//! The cursor of a page, and the order of a list that it continues.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ColumnType, Condition, EntityTrait, ModelTrait, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::error::{Code, Error, OrInternal};

/// The years that both databases can compare.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// Where a page ends. The names on the wire are short, for the cursor is part of an address.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// Digest of the filters and the sort.
    #[serde(rename = "b")]
    pub binding: String,
    /// The instant of the first page.
    #[serde(rename = "t")]
    pub at: DateTime<Utc>,
    /// The key of the last row.
    #[serde(rename = "k")]
    pub key: Vec<CursorValue>,
}

/// One value of a row's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum CursorValue {
    #[serde(rename = "S")]
    Text(String),
    #[serde(rename = "I")]
    Integer(i64),
    #[serde(rename = "D")]
    Date(NaiveDate),
    #[serde(rename = "T")]
    Instant(DateTime<Utc>),
    #[serde(rename = "U")]
    Uuid(Uuid),
}

impl Cursor {
    /// Reads a cursor of the list with this binding.
    pub fn parse(text: &str, binding: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Self::invalid())?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| Self::invalid())?;
        if cursor.binding != binding || !YEARS.contains(&cursor.at.year()) {
            return Err(Self::invalid());
        }
        Ok(cursor)
    }

    pub fn encode(&self) -> Result<String, Error> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).or_internal()?))
    }

    pub fn invalid() -> Error {
        Error::new(Code::InvalidCursor).at("query:cursor")
    }
}

/// The order in which a list is read; the last column is unique.
#[derive(Clone, Debug)]
pub struct Keyset<C> {
    pub columns: Vec<C>,
    pub descending: bool,
}

impl<C> Keyset<C> {
    pub fn ascending(columns: Vec<C>) -> Self {
        Self {
            columns,
            descending: false,
        }
    }

    pub fn descending(columns: Vec<C>) -> Self {
        Self {
            columns,
            descending: true,
        }
    }
}

impl<C: ColumnTrait> Keyset<C> {
    /// Returns the rows after the key: a > x, or a = x and b > y, and so on.
    pub fn after(&self, key: &[CursorValue]) -> Result<Condition, Error> {
        let pairs = || self.columns.iter().zip(key);
        if key.len() != self.columns.len() || !pairs().all(|(column, value)| has_type_of(*column, value)) {
            return Err(Cursor::invalid());
        }
        let mut any = Condition::any();
        for (i, (column, value)) in pairs().enumerate() {
            let mut all = Condition::all();
            for (c, v) in pairs().take(i) {
                all = all.add(c.eq(to_column(v)));
            }
            let value = to_column(value);
            all = all.add(if self.descending {
                column.lt(value)
            } else {
                column.gt(value)
            });
            any = any.add(all);
        }
        Ok(any)
    }

    /// Returns the key of a row.
    pub fn key_of<M>(&self, row: &M) -> Result<Vec<CursorValue>, Error>
    where
        M: ModelTrait,
        M::Entity: EntityTrait<Column = C>,
    {
        self.columns
            .iter()
            .map(|column| from_column(row.get(*column)))
            .collect()
    }
}

/// Returns whether a value has the type of a column. Cursors come from clients, and PostgreSQL refuses other types.
fn has_type_of(column: impl ColumnTrait, value: &CursorValue) -> bool {
    match (column.def().get_column_type(), value) {
        (ColumnType::String(_) | ColumnType::Text | ColumnType::Char(_), CursorValue::Text(s)) => !s.contains('\0'),
        (ColumnType::SmallInteger, CursorValue::Integer(n)) => i16::try_from(*n).is_ok(),
        (ColumnType::Integer, CursorValue::Integer(n)) => i32::try_from(*n).is_ok(),
        (ColumnType::BigInteger, CursorValue::Integer(_)) | (ColumnType::Uuid, CursorValue::Uuid(_)) => true,
        (ColumnType::Date, CursorValue::Date(d)) => YEARS.contains(&d.year()),
        (ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::DateTime, CursorValue::Instant(t)) => {
            YEARS.contains(&t.year())
        }
        _ => false,
    }
}

fn from_column(value: Value) -> Result<CursorValue, Error> {
    Ok(match value {
        Value::String(Some(s)) => CursorValue::Text(s),
        Value::SmallInt(Some(n)) => CursorValue::Integer(n.into()),
        Value::Int(Some(n)) => CursorValue::Integer(n.into()),
        Value::BigInt(Some(n)) => CursorValue::Integer(n),
        Value::ChronoDate(Some(d)) => CursorValue::Date(d),
        Value::ChronoDateTimeUtc(Some(t)) => CursorValue::Instant(t),
        Value::Uuid(Some(u)) => CursorValue::Uuid(u),
        other => return Err(Error::internal(format!("a sort key of the type of {other:?}"))),
    })
}

fn to_column(value: &CursorValue) -> Value {
    match value {
        CursorValue::Text(s) => s.clone().into(),
        CursorValue::Integer(n) => (*n).into(),
        CursorValue::Date(d) => (*d).into(),
        CursorValue::Instant(t) => (*t).into(),
        CursorValue::Uuid(u) => (*u).into(),
    }
}
