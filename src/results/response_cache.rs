//! Responses that need no computing: 304, or a body that was computed before (docs/adr/0008).

use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;

use super::facts::{Dependencies, FactCaches, FactReader, Recorder, Trace};
use super::query::{Query, etag};
use crate::access::Actor;
use crate::platform::db::{Db, ReadConnection, ReadTx, StampView};
use crate::platform::error::Error;
use crate::platform::http::cached_response::{CachedResponse, not_modified};
use crate::platform::http::page::{HasNextPage, next_link};
use crate::platform::http::{AsOf, ETag, past};
use crate::platform::text::Lang;

/// The expected size of a body in bytes; the cache sizes its tables by it.
const TYPICAL_BODY: u64 = 2048;
/// The expected number of queries with known dependencies.
const QUERIES: usize = 4096;
/// The most memory of all dependencies. A query depends on at most a page of districts.
const DEPENDENCY_BYTES: u64 = 8 << 20;

/// The responses of all workers, and the facts they were computed from. Both are bounded.
#[derive(Debug)]
pub struct ResponseCache {
    db: Db,
    /// The last response to each query, without its body, by the digest of the query.
    known: Cache<[u8; 32], Arc<Known>, BySize>,
    /// `None`: bodies are not cached.
    bodies: Option<Cache<ETag, CachedResponse, BySize>>,
    facts: FactCaches,
}

/// What is known about the last response to a query.
#[derive(Debug)]
struct Known {
    dependencies: Dependencies,
    tag: ETag,
    /// The link to the next page.
    next: Option<HeaderValue>,
}

#[derive(Clone, Debug)]
struct BySize;

impl Weighter<ETag, CachedResponse> for BySize {
    fn weight(&self, _: &ETag, body: &CachedResponse) -> u64 {
        body.size()
    }
}

impl Weighter<[u8; 32], Arc<Known>> for BySize {
    fn weight(&self, key: &[u8; 32], known: &Arc<Known>) -> u64 {
        let next = known.next.as_ref().map_or(0, HeaderValue::len);
        let bytes = key.len() + size_of::<Known>() + known.dependencies.size() + next;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl ResponseCache {
    /// Returns a cache for bodies of at most this many bytes in total.
    pub fn new(db: Db, bytes: u64) -> Self {
        let expected = usize::try_from(bytes / TYPICAL_BODY).unwrap_or(usize::MAX);
        Self {
            db,
            known: Cache::with_weighter(QUERIES, DEPENDENCY_BYTES, BySize),
            bodies: (bytes > 0).then(|| Cache::with_weighter(expected, bytes, BySize)),
            facts: FactCaches::default(),
        }
    }

    /// Returns a query about `as_of`. Its response has sentences in the caller's language.
    pub fn query<'a>(&self, actor: &'a Actor, req: &'a HttpRequest, as_of: &AsOf) -> Result<Query<'a>, Error> {
        self.query_until(actor, req, as_of.as_of, "query:as_of")
    }

    /// Returns a query about the instant of a parameter.
    pub fn query_until<'a>(
        &self,
        actor: &'a Actor,
        req: &'a HttpRequest,
        until: Option<DateTime<Utc>>,
        parameter: &str,
    ) -> Result<Query<'a>, Error> {
        let query = self.query_now(actor);
        Ok(Query {
            as_of: past(until, query.now, parameter)?,
            lang: Some(Lang::of(req.headers())),
            ..query
        })
    }

    /// Returns a query about the present. Its response has no sentences.
    pub fn query_now<'a>(&self, actor: &'a Actor) -> Query<'a> {
        Query::of(actor, self.db.clock().now())
    }

    /// Waits until no running write can get an instant that a query is about, so that two reads of that instant agree.
    pub async fn settle(&self, query: &Query<'_>) -> Result<(), Error> {
        let district = query.actor.district.as_deref();
        match self.db.stamp_view().await?.is_settled(query.as_of, district).await? {
            true => Ok(()),
            false => self.db.wait_for_writers(district).await,
        }
    }

    /// Computes what no cache keeps and no caller has: an export.
    pub async fn compute<T>(
        &self,
        query: &Query<'_>,
        compute: impl AsyncFn(FactReader<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.computed(query, compute, false).await
    }

    /// Computes what a page shows. The facts that were read stay in memory for the next page; the result does not.
    pub async fn compute_for_page<T>(
        &self,
        query: &Query<'_>,
        compute: impl AsyncFn(FactReader<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.computed(query, compute, true).await
    }

    async fn computed<T>(
        &self,
        query: &Query<'_>,
        compute: impl AsyncFn(FactReader<'_>) -> Result<T, Error>,
        keeps_facts: bool,
    ) -> Result<T, Error> {
        self.settle(query).await?;
        let district = query.actor.district.as_deref();
        let read = async |tx: &ReadTx, stamps: StampView<'_>| {
            let recorder = Recorder::default();
            let facts = FactReader::new(
                ReadConnection::View(tx),
                &stamps,
                district,
                &self.facts,
                query.known_at(),
                &recorder,
            );
            let value = compute(facts).await?;
            let Trace {
                loaded, is_asked_once, ..
            } = recorder.finish();
            if keeps_facts && tx.is_consistent() && !is_asked_once {
                loaded.into_iter().for_each(|insert| insert());
            }
            Ok(value)
        };
        self.db.read_with_stamps(read).await
    }

    /// Responds to a query: 304 if the caller has the response, else the cached body, else what `compute` returns.
    pub async fn respond<T: Serialize + HasNextPage>(
        &self,
        req: &HttpRequest,
        query: &Query<'_>,
        compute: impl AsyncFn(FactReader<'_>) -> Result<T, Error>,
    ) -> Result<HttpResponse, Error> {
        let (district, query_digest) = (query.actor.district.as_deref(), query.digest(req));
        let stamps = self.db.stamp_view().await?;
        if !stamps.is_settled(query.as_of, district).await? {
            self.db.wait_for_writers(district).await?;
        } else if let Some(response) = self.find(req, query, &query_digest, &stamps).await? {
            return Ok(response);
        }
        let computed = async |tx: &ReadTx, stamps: StampView<'_>| {
            // Another request may have computed it while this one waited for a connection.
            if let Some(response) = self.find(req, query, &query_digest, &stamps).await? {
                return Ok(response);
            }
            let recorder = Recorder::default();
            let facts = FactReader::new(
                ReadConnection::View(tx),
                &stamps,
                district,
                &self.facts,
                query.known_at(),
                &recorder,
            );
            let value = compute(facts).await?;
            let Trace {
                dependencies,
                stamps,
                loaded,
                is_asked_once,
            } = recorder.finish();
            let tag = etag(&query_digest, &dependencies, &stamps);
            let next = next_link(req, value.next_cursor());
            let body = CachedResponse::new(tag.clone(), query.lang, next.clone(), &value)?;
            let response = body.respond(req);
            if tx.is_consistent() && !is_asked_once {
                loaded.into_iter().for_each(|insert| insert());
                let known = Known {
                    dependencies,
                    tag: tag.clone(),
                    next,
                };
                self.known.insert(query_digest, Arc::new(known));
                if let Some(bodies) = &self.bodies {
                    bodies.insert(tag, body);
                }
            }
            Ok(response)
        };
        self.db.read_with_stamps(computed).await
    }

    /// Returns the response if it is known. An ETag proves the whole response: only a 200 gets an ETag, and only for
    /// this query. `If-None-Match: *` proves nothing, so it needs the body.
    async fn find(
        &self,
        req: &HttpRequest,
        query: &Query<'_>,
        query_digest: &[u8; 32],
        stamps: &StampView<'_>,
    ) -> Result<Option<HttpResponse>, Error> {
        let Some(known) = self.known.get(query_digest) else {
            return Ok(None);
        };
        let headers = req.headers();
        let tag = etag(
            query_digest,
            &known.dependencies,
            &known.dependencies.stamps(stamps).await?,
        );
        // The link to the next page is known of the last response only, and one page may have another link than the last.
        let has_link = known.next.is_none() || known.tag == tag;
        if has_link && tag.matches_if_none_match(headers, false) {
            return Ok(Some(not_modified(&tag, query.lang.is_some(), known.next.as_ref())));
        }
        let body = self.bodies.as_ref().and_then(|bodies| bodies.get(&tag));
        Ok(body.map(|body| body.respond(req)))
    }
}
