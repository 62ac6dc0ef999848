//! The cursor of a page, and the order of a list that it continues.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, ColumnType, Condition, ConnectionTrait, EntityTrait, ModelTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::error::{Code, Error, OrInternal};

/// The bytes of a code that is put before the content of a cursor.
const MAC_LENGTH: usize = 16;

/// Signs cursors, so that only those come back that the service gave: a cursor decides the instant at which a list is read.
#[derive(Clone, Debug)]
pub struct CursorKey(Arc<hmac::Key>);

impl CursorKey {
    pub fn new(bytes: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// Returns the code of a content that is no cursor: its purpose stands before it. A cursor's content begins with a brace.
    pub fn code_for(&self, purpose: &str, content: &[u8]) -> Vec<u8> {
        self.code(&[purpose.as_bytes(), &[0], content].concat())
    }

    /// Returns whether a code is that of a content. Takes constant time.
    pub fn is_code_for(&self, purpose: &str, content: &[u8], code: &[u8]) -> bool {
        verify_slices_are_equal(&self.code_for(purpose, content), code).is_ok()
    }

    /// Returns the message authentication code of a content.
    fn code(&self, content: &[u8]) -> Vec<u8> {
        let tag = hmac::sign(&self.0, content);
        tag.as_ref().iter().copied().take(MAC_LENGTH).collect()
    }
}

/// A key of its own, for a list that is not read over HTTP.
impl Default for CursorKey {
    fn default() -> Self {
        Self::new(Uuid::new_v4().as_bytes())
    }
}

/// The end of a page. The serialised names are short, because the cursor is part of an address.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// Digest of all that decides which rows the list has, and their order.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Reads a cursor that this service gave for the list with this binding.
    pub fn parse(text: &str, key: &CursorKey, binding: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Self::invalid())?;
        let (code, content) = bytes.split_at_checked(MAC_LENGTH).ok_or_else(Self::invalid)?;
        verify_slices_are_equal(&key.code(content), code).map_err(|_| Self::invalid())?;
        let cursor: Cursor = serde_json::from_slice(content).map_err(|_| Self::invalid())?;
        match cursor.binding == binding {
            true => Ok(cursor),
            false => Err(Self::invalid()),
        }
    }

    pub fn encode(&self, key: &CursorKey) -> Result<String, Error> {
        let content = serde_json::to_vec(self).or_internal()?;
        Ok(URL_SAFE_NO_PAD.encode([key.code(&content), content].concat()))
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
        // Follows from the above, and lets a database start in an index.
        let Some((column, value)) = pairs().next() else {
            return Ok(any);
        };
        let bound = match self.descending {
            true => column.lte(to_column(value)),
            false => column.gte(to_column(value)),
        };
        Ok(Condition::all().add(bound).add(any))
    }

    /// Reads at most `limit` rows of a query in this order, after the key of a row (`None`: from the start). If there are more, it
    /// also returns the key of the last.
    pub async fn rows<E>(
        &self,
        conn: &impl ConnectionTrait,
        mut query: Select<E>,
        after: Option<&[CursorValue]>,
        limit: u64,
    ) -> Result<(Vec<E::Model>, Option<Vec<CursorValue>>), Error>
    where
        E: EntityTrait<Column = C>,
        E::Model: ModelTrait<Entity = E> + Sync,
    {
        if let Some(after) = after {
            query = query.filter(self.after(after)?);
        }
        let order = if self.descending { Order::Desc } else { Order::Asc };
        for column in &self.columns {
            query = query.order_by(*column, order.clone());
        }
        let mut rows = query.limit(limit.saturating_add(1)).all(conn).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more).map(|row| self.key_of(row));
        let last = last.transpose()?;
        Ok((rows, last))
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

/// Returns whether a value has the type of a column. An earlier version of the service may have given the cursor for another
/// order, and PostgreSQL refuses other types.
fn has_type_of(column: impl ColumnTrait, value: &CursorValue) -> bool {
    matches!(
        (column.def().get_column_type(), value),
        (
            ColumnType::String(_) | ColumnType::Text | ColumnType::Char(_),
            CursorValue::Text(_)
        ) | (
            ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger,
            CursorValue::Integer(_)
        ) | (ColumnType::Uuid, CursorValue::Uuid(_))
            | (ColumnType::Date, CursorValue::Date(_))
            | (
                ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::DateTime,
                CursorValue::Instant(_)
            )
    )
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
