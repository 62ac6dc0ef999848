//! Lists: `{items, next_cursor}`, sought by key, each row once.
//!
//! The cursor holds the last row's key, the instant of the first page and a mark of filters and sort. A list
//! of versions is read as it was at that instant, so whoever writes meanwhile cannot make a row appear twice
//! or vanish between two pages.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, ColumnType, Condition, ConnectionTrait, EntityTrait, ModelTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Value,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;

const DEFAULT_LIMIT: u64 = 25;

/// The years that both databases can compare.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// The paging part of every list's query.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Rows a page.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before; good for the same filters and sort only.
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
    /// Also count all rows of the list (`total`).
    #[param(default = false)]
    pub count: Option<bool>,
}

/// One value of a row's key as the cursor carries it.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Key {
    S(String),
    I(i64),
    D(NaiveDate),
    T(DateTime<Utc>),
    U(Uuid),
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// Mark of the filters and the sort.
    b: String,
    /// The instant of the first page.
    t: DateTime<Utc>,
    /// The last row's key.
    k: Vec<Key>,
}

/// What one request for a page asks for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    limit: u64,
    after: Option<Vec<Key>>,
    at: Option<DateTime<Utc>>,
    count: bool,
    binding: String,
}

impl Paging {
    /// Reads the cursor. `binding` is all that decides which rows the list has and in which order; a cursor
    /// that came from another list is a 400.
    pub fn open(&self, binding: &impl Serialize) -> Result<PageRequest, Error> {
        let binding: String = fingerprint::hex(binding)?.chars().take(16).collect();
        let bad = || Error::new(Code::InvalidCursor).at("query:cursor");
        let (after, at) = match &self.cursor {
            None => (None, None),
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
                let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| bad())?;
                if cursor.b != binding || !YEARS.contains(&cursor.t.year()) {
                    return Err(bad());
                }
                (Some(cursor.k), Some(cursor.t))
            }
        };
        Ok(PageRequest {
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            after,
            at,
            count: self.count.unwrap_or(false),
            binding,
        })
    }
}

/// In which order a list is read; the last column is unique.
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

/// One page of rows.
#[derive(Debug)]
pub struct PageRows<M> {
    pub rows: Vec<M>,
    pub next_cursor: Option<String>,
    pub total: Option<u64>,
}

impl<M> PageRows<M> {
    pub fn map<T>(self, f: impl FnMut(M) -> T) -> Page<T> {
        Page {
            items: self.rows.into_iter().map(f).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
        }
    }

    /// Replaces all rows at once, for example to add what a second statement reads for them.
    pub async fn with_rows<T>(
        self,
        f: impl AsyncFnOnce(Vec<M>) -> Result<Vec<T>, Error>,
    ) -> Result<PageRows<T>, Error> {
        Ok(PageRows {
            rows: f(self.rows).await?,
            next_cursor: self.next_cursor,
            total: self.total,
        })
    }

    pub fn try_map<T>(self, f: impl FnMut(M) -> Result<T, Error>) -> Result<Page<T>, Error> {
        let items = self.rows.into_iter().map(f).collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next_cursor: self.next_cursor,
            total: self.total,
        })
    }
}

impl PageRequest {
    /// The instant at which the list is read: that of the first page, or `now` when this is the first.
    pub fn at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.at.unwrap_or(now)
    }

    /// Reads one page of `query` (already filtered) at the instant `at`, in one statement (two with `count`).
    pub async fn fetch<E>(
        &self,
        conn: &impl ConnectionTrait,
        query: Select<E>,
        keyset: &Keyset<E::Column>,
        at: DateTime<Utc>,
    ) -> Result<PageRows<E::Model>, Error>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + Sync,
    {
        let total = if self.count {
            Some(query.clone().count(conn).await?)
        } else {
            None
        };
        let mut query = query;
        if let Some(after) = &self.after {
            query = query.filter(beyond(keyset, after)?);
        }
        let order = if keyset.descending { Order::Desc } else { Order::Asc };
        for column in &keyset.columns {
            query = query.order_by(*column, order.clone());
        }
        let mut rows = query.limit(self.limit + 1).all(conn).await?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => {
                let k = keyset
                    .columns
                    .iter()
                    .map(|c| key_of(last.get(*c)))
                    .collect::<Result<_, _>>()?;
                Some(encode(&Cursor {
                    b: self.binding.clone(),
                    t: at,
                    k,
                })?)
            }
            _ => None,
        };
        Ok(PageRows {
            rows,
            next_cursor,
            total,
        })
    }

    /// The instant of the first page, on a later one.
    pub fn snapshot_at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// Pages a list that is already in memory, by position.
    pub fn slice<T>(&self, all: Vec<T>, at: DateTime<Utc>) -> Result<PageRows<T>, Error> {
        let start = match self.after.as_deref() {
            None => 0,
            Some([Key::I(n)]) => usize::try_from(*n).unwrap_or(usize::MAX),
            Some(_) => return Err(Error::new(Code::InvalidCursor).at("query:cursor")),
        };
        let total = self.count.then_some(all.len() as u64);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let end = start.saturating_add(limit);
        let next_cursor = if end < all.len() {
            let position = i64::try_from(end).unwrap_or(i64::MAX);
            Some(encode(&Cursor {
                b: self.binding.clone(),
                t: at,
                k: vec![Key::I(position)],
            })?)
        } else {
            None
        };
        let rows = all.into_iter().skip(start).take(limit).collect();
        Ok(PageRows {
            rows,
            next_cursor,
            total,
        })
    }
}

fn encode(cursor: &Cursor) -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).map_err(Error::internal)?))
}

/// Rows after the key: a > x, or a = x and b > y, and so on.
fn beyond<C: ColumnTrait>(keyset: &Keyset<C>, after: &[Key]) -> Result<Condition, Error> {
    if after.len() != keyset.columns.len() {
        return Err(Error::new(Code::InvalidCursor).at("query:cursor"));
    }
    let mut any = Condition::any();
    if !keyset.columns.iter().zip(after).all(|(column, key)| fits(*column, key)) {
        return Err(Error::new(Code::InvalidCursor).at("query:cursor"));
    }
    for (i, (column, key)) in keyset.columns.iter().zip(after).enumerate() {
        let mut all = Condition::all();
        for (c, k) in keyset.columns.iter().zip(after).take(i) {
            all = all.add(c.eq(value_of(k)));
        }
        let value = value_of(key);
        all = all.add(if keyset.descending {
            column.lt(value)
        } else {
            column.gt(value)
        });
        any = any.add(all);
    }
    Ok(any)
}

/// Is the key a value of the column? A cursor comes from outside, and PostgreSQL takes no other type.
fn fits(column: impl ColumnTrait, key: &Key) -> bool {
    match (column.def().get_column_type(), key) {
        (ColumnType::String(_) | ColumnType::Text | ColumnType::Char(_), Key::S(s)) => !s.contains('\0'),
        (ColumnType::SmallInteger, Key::I(n)) => i16::try_from(*n).is_ok(),
        (ColumnType::Integer, Key::I(n)) => i32::try_from(*n).is_ok(),
        (ColumnType::BigInteger, Key::I(_)) | (ColumnType::Uuid, Key::U(_)) => true,
        (ColumnType::Date, Key::D(d)) => YEARS.contains(&d.year()),
        (ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::DateTime, Key::T(t)) => {
            YEARS.contains(&t.year())
        }
        _ => false,
    }
}

fn key_of(value: Value) -> Result<Key, Error> {
    Ok(match value {
        Value::String(Some(s)) => Key::S(s),
        Value::SmallInt(Some(n)) => Key::I(n.into()),
        Value::Int(Some(n)) => Key::I(n.into()),
        Value::BigInt(Some(n)) => Key::I(n),
        Value::ChronoDate(Some(d)) => Key::D(d),
        Value::ChronoDateTimeUtc(Some(t)) => Key::T(t),
        Value::Uuid(Some(u)) => Key::U(u),
        other => return Err(Error::internal(format!("a sort key of this kind: {other:?}"))),
    })
}

fn value_of(key: &Key) -> Value {
    match key {
        Key::S(s) => s.clone().into(),
        Key::I(n) => (*n).into(),
        Key::D(d) => (*d).into(),
        Key::T(t) => (*t).into(),
        Key::U(u) => (*u).into(),
    }
}

/// One page as it is answered. Give each list a name: `pub type ReportPage = Page<Report>;` (a plain alias keeps
/// the schema's name and its reference to the item).
#[derive(Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// What may be a page of a list, and then may have a next one.
pub trait HasNextPage {
    fn next_cursor(&self) -> Option<&str> {
        None
    }
}

impl<T> HasNextPage for Page<T> {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Page", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .max_items(Some(100));
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .max_length(Some(1000))
            .description(Some("Cursor of the next page; null on the last one."));
        let total = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .maximum(Some(9_007_199_254_740_991_i64))
            .description(Some("All rows of the list; only with `count=true`."));
        ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property("items", items)
            .property("next_cursor", cursor)
            .property("total", total)
            .required("items")
            .required("next_cursor")
            .into()
    }
}
