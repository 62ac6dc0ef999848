//! Lists: `{items, next_cursor}`, paged by key, each row once.
//!
//! The cursor holds the key of the last row, the instant of the first page and a digest of filters and sort, and is signed.
//! Records are listed as they were at that instant, so writes between two pages neither repeat a row nor hide one.

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, ModelTrait, PaginatorTrait, Select};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};

pub use super::cursor::Keyset;
use super::cursor::{Cursor, CursorKey, CursorValue};
use super::page_cache::SerialisedPage;
pub use super::page_cache::{PageBody, PageCache};
use super::query::validated_members;
use crate::platform::error::Error;
use crate::platform::fingerprint;

const DEFAULT_LIMIT: u64 = 25;

/// The paging part of every list's query.
#[derive(Clone, Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    pub limit: Option<u64>,
    /// `next_cursor` of the previous page; valid only with the same filters and sort.
    #[param(min_length = 1, max_length = 2000)]
    pub cursor: Option<String>,
    /// Also count all rows of the list (`total`); absent: do not count.
    pub count: Option<bool>,
    #[param(ignore)]
    pub key: CursorKey,
    #[param(ignore)]
    pub cache: PageCache,
}

impl FromRequest for Paging {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(validated_members(req).and_then(|members| {
            let key = req.app_data::<web::Data<CursorKey>>();
            let key = key.ok_or_else(|| Error::internal("no key for cursors in the app"))?;
            let cache = req.app_data::<web::Data<PageCache>>();
            let cache = cache.ok_or_else(|| Error::internal("no cache of pages in the app"))?;
            let member = |name| members.get(name);
            Ok(Self {
                limit: member("limit").and_then(Value::as_u64),
                cursor: member("cursor").and_then(Value::as_str).map(str::to_owned),
                count: member("count").and_then(Value::as_bool),
                key: CursorKey::clone(key),
                cache: PageCache::clone(cache),
            })
        }))
    }
}

/// A request for one page.
#[derive(Clone, Debug)]
pub struct PageRequest {
    limit: u64,
    after: Option<Vec<CursorValue>>,
    at: Option<DateTime<Utc>>,
    count: bool,
    /// Digest of all that decides which rows the list has, and their order.
    digest: [u8; 32],
    binding: String,
    key: CursorKey,
    cache: PageCache,
}

impl Paging {
    /// Reads the cursor. `binding` is everything that decides which rows the list has, and their order: the kind of list,
    /// its filters, and the district to which it is limited. A cursor of another list is a 400.
    pub fn open(&self, binding: &impl Serialize) -> Result<PageRequest, Error> {
        let digest = fingerprint::canonical_digest(binding)?;
        let binding: String = fingerprint::to_hex(&digest).chars().take(16).collect();
        let cursor = self
            .cursor
            .as_ref()
            .map(|text| Cursor::parse(text, &self.key, &binding))
            .transpose()?;
        let (after, at) = cursor.map(|c| (c.key, c.at)).unzip();
        Ok(PageRequest {
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            after,
            at,
            count: self.count.unwrap_or(false),
            digest,
            binding,
            key: self.key.clone(),
            cache: self.cache.clone(),
        })
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

    /// Replaces all rows, for example to add data that a second statement reads.
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
    /// Returns the instant at which the list is read: the instant of the first page, or `now` on the first page.
    pub fn at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.at.unwrap_or(now)
    }

    /// Returns the instant of the first page, if this is a later page.
    pub fn snapshot_at(&self) -> Option<DateTime<Utc>> {
        self.at
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
        let (rows, last) = keyset.rows(conn, query, self.after.as_deref(), self.limit).await?;
        let next_cursor = last.map(|key| self.cursor(at, key)).transpose()?;
        Ok(PageRows {
            rows,
            next_cursor,
            total,
        })
    }

    /// As [`Self::fetch`], for a list whose last item, if any, is not a row of `query`: it is on the last page if there is room, else
    /// on a page of its own.
    pub async fn fetch_and_end<E, T>(
        &self,
        conn: &impl ConnectionTrait,
        query: Select<E>,
        keyset: &Keyset<E::Column>,
        at: DateTime<Utc>,
        to_item: impl FnMut(E::Model) -> T,
        last: Option<T>,
    ) -> Result<Page<T>, Error>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + Sync,
    {
        let PageRows {
            rows,
            mut next_cursor,
            total,
        } = self.fetch(conn, query, keyset, at).await?;
        let is_full = u64::try_from(rows.len()).is_ok_and(|length| length == self.limit);
        if let Some(row) = rows.last()
            && is_full
            && next_cursor.is_none()
            && last.is_some()
        {
            next_cursor = Some(self.cursor(at, keyset.key_of(row)?)?);
        }
        let total = total.map(|total| total + u64::from(last.is_some()));
        let mut items: Vec<T> = rows.into_iter().map(to_item).collect();
        if next_cursor.is_none() {
            items.extend(last);
        }
        Ok(Page {
            items,
            next_cursor,
            total,
        })
    }

    /// Returns the page at the instant `at`: the page that was read before, or what `read` returns now. `is_final`: no later
    /// write changes the page, which holds for a list of one district; in another district a running write can still get an
    /// earlier instant.
    pub async fn respond<T: Serialize>(
        &self,
        at: DateTime<Utc>,
        is_final: bool,
        read: impl AsyncFnOnce() -> Result<Page<T>, Error>,
    ) -> Result<PageBody<T>, Error> {
        if !is_final {
            return Ok(read().await?.serialised()?.into());
        }
        let key = (self.digest, self.limit, self.count, at, self.after.clone());
        if let Some(known) = self.cache.0.get(&key) {
            return Ok(known.into());
        }
        let body = read().await?.serialised()?;
        self.cache.0.insert(key, body.clone());
        Ok(body.into())
    }

    /// Returns a request for at most this many rows a page.
    pub fn at_most(self, rows: u64) -> Self {
        let limit = self.limit.min(rows);
        Self { limit, ..self }
    }

    /// Returns whether the first page has all rows of a list of this length.
    pub fn is_one_page(&self, length: usize) -> bool {
        self.after.is_none() && u64::try_from(length).is_ok_and(|rows| rows <= self.limit)
    }

    /// Pages a list that is already in memory, by position. Only for lists that cannot grow: tests/it/architecture names
    /// them.
    pub fn paginate_in_memory<T>(&self, all: Vec<T>, at: DateTime<Utc>) -> Result<PageRows<T>, Error> {
        let start = match self.after.as_deref() {
            None => 0,
            Some([CursorValue::Integer(n)]) => usize::try_from(*n).unwrap_or(usize::MAX),
            Some(_) => return Err(Cursor::invalid()),
        };
        let total = self.count.then_some(all.len() as u64);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let end = start.saturating_add(limit);
        let next_cursor = if end < all.len() {
            let position = i64::try_from(end).unwrap_or(i64::MAX);
            Some(self.cursor(at, vec![CursorValue::Integer(position)])?)
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

    fn cursor(&self, at: DateTime<Utc>, key: Vec<CursorValue>) -> Result<String, Error> {
        let binding = self.binding.clone();
        Cursor { binding, at, key }.encode(&self.key)
    }
}

/// One page as a response. Give each list a name: `pub type ReportPage = Page<Report>;` (a plain alias keeps the name of
/// the schema and its reference to the item).
#[derive(Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T: Serialize> Page<T> {
    fn serialised(&self) -> Result<SerialisedPage, Error> {
        SerialisedPage::new(self, self.next_cursor.clone())
    }
}

/// A response body that may be a page of a list with a next page.
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
            .max_length(Some(2000))
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

/// Returns the `Link` to the next page, if there is one.
pub fn next_link(req: &HttpRequest, next_cursor: Option<&str>) -> Option<HeaderValue> {
    let cursor = next_cursor?;
    let rest = req
        .query_string()
        .split('&')
        .filter(|p| !p.is_empty() && !p.starts_with("cursor="));
    let query = rest
        .chain([format!("cursor={cursor}").as_str()])
        .collect::<Vec<_>>()
        .join("&");
    HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", req.path())).ok()
}
