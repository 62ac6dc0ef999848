//! Pages of lists that stay in memory.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;

use super::cursor::CursorValue;
use super::shared_body::SharedBody;
use crate::platform::error::{Error, OrInternal};

/// The bytes of a page as they are sent.
#[derive(Clone, Debug)]
pub struct SerialisedPage {
    next_cursor: Option<String>,
    body: SharedBody,
}

impl SerialisedPage {
    pub fn new(page: &impl Serialize, next_cursor: Option<String>) -> Result<Self, Error> {
        Ok(Self {
            next_cursor,
            // The body can stay in the cache, so drop the unused capacity of the vector.
            body: SharedBody::new(serde_json::to_vec(page).or_internal()?.into_boxed_slice()),
        })
    }
}

/// A serialised page of a list of `T` as a response.
#[derive(Clone, Debug)]
pub struct PageBody<T> {
    page: SerialisedPage,
    of: PhantomData<T>,
}

impl<T> PageBody<T> {
    pub fn next_cursor(&self) -> Option<&str> {
        self.page.next_cursor.as_deref()
    }

    pub fn body(&self) -> &SharedBody {
        &self.page.body
    }
}

impl<T> From<SerialisedPage> for PageBody<T> {
    fn from(page: SerialisedPage) -> Self {
        let of = PhantomData;
        Self { page, of }
    }
}

/// What decides the content of a page: the digest of the list, limit, count, instant, and the key of the row before it.
pub type PageKey = ([u8; 32], u64, bool, DateTime<Utc>, Option<Vec<CursorValue>>);

/// The memory of all cached pages in bytes.
const CACHE_BYTES: u64 = 1 << 20;
/// The expected number of cached pages.
const CACHED_PAGES: usize = 256;

/// The pages of lists of one district that were read last.
#[derive(Clone, Debug)]
pub struct PageCache(pub(super) Arc<Cache<PageKey, SerialisedPage, BySize>>);

impl Default for PageCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(CACHED_PAGES, CACHE_BYTES, BySize)))
    }
}

#[derive(Clone, Debug)]
pub struct BySize;

impl Weighter<PageKey, SerialisedPage> for BySize {
    fn weight(&self, _: &PageKey, page: &SerialisedPage) -> u64 {
        let cursor = page.next_cursor.as_ref().map_or(0, String::len);
        u64::try_from(size_of::<(PageKey, SerialisedPage)>() + page.body.size() + 2 * cursor).unwrap_or(u64::MAX)
    }
}
