//! Responses that need no computing: 304, or a body that was computed before (docs/adr/0008).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;

use super::facts::{Dependencies, FactCaches, FactReader, Recorder};
use super::query::{Query, etag};
use crate::access::Actor;
use crate::platform::db::{Db, ReadTx, Stamps};
use crate::platform::error::Error;
use crate::platform::http::cached_response::{CachedResponse, not_modified};
use crate::platform::http::page::{HasNextPage, next_link};
use crate::platform::http::{AsOf, ETag};
use crate::platform::text::Lang;

/// The expected size of a body in bytes; the cache lays out its tables by it.
const TYPICAL_BODY: u64 = 2048;
/// Questions with known dependencies, at about 100 bytes for each district.
const QUESTIONS: usize = 4096;

/// The responses of all workers, and the facts they were computed from. Both are bounded.
#[derive(Debug)]
pub struct ResponseCache {
    db: Db,
    /// The dependencies of the last response to each question, by the digest of the question.
    dependencies: Cache<[u8; 32], Arc<Dependencies>>,
    /// `None`: bodies are not cached.
    bodies: Option<Cache<ETag, CachedResponse, BySize>>,
    facts: FactCaches,
}

#[derive(Clone, Debug)]
struct BySize;

impl Weighter<ETag, CachedResponse> for BySize {
    fn weight(&self, _: &ETag, body: &CachedResponse) -> u64 {
        body.size()
    }
}

impl ResponseCache {
    /// A cache for bodies of at most this many bytes in all.
    pub fn new(db: Db, bytes: u64) -> Self {
        let expected = usize::try_from(bytes / TYPICAL_BODY).unwrap_or(usize::MAX);
        Self {
            db,
            dependencies: Cache::new(QUESTIONS),
            bodies: (bytes > 0).then(|| Cache::with_weighter(expected, bytes, BySize)),
            facts: FactCaches::default(),
        }
    }

    /// A question about `as_of`, whose response has sentences in the caller's language.
    pub fn query<'a>(&self, actor: &'a Actor, req: &'a HttpRequest, as_of: &AsOf) -> Result<Query<'a>, Error> {
        let query = self.query_now(actor, req);
        Ok(Query {
            as_of: as_of.past(query.now)?,
            lang: Some(Lang::of(req.headers())),
            ..query
        })
    }

    /// A question about the present, whose response has no sentences.
    pub fn query_now<'a>(&self, actor: &'a Actor, req: &'a HttpRequest) -> Query<'a> {
        Query {
            actor,
            req,
            now: self.db.clock().now(),
            as_of: None,
            lang: None,
            snapshot_at: None,
        }
    }

    /// Responds to a question: 304 if the caller has the response, else the cached body, else what `compute` returns.
    pub async fn respond<T: Serialize + HasNextPage>(
        &self,
        query: &Query<'_>,
        compute: impl AsyncFn(FactReader<'_>) -> Result<T, Error>,
    ) -> Result<HttpResponse, Error> {
        let (district, question) = (query.actor.district.as_deref(), query.digest());
        let stamps = self.db.stamps(district).await?;
        if !stamps.is_settled(query.as_of) {
            self.db.wait_for_writers(district).await?;
        } else if let Some(response) = self.find(query, &question, &stamps) {
            return Ok(response);
        }
        let computed = async |tx: &ReadTx, stamps: &Stamps| {
            // Another request may have computed it while this one waited for a connection.
            if let Some(response) = self.find(query, &question, stamps) {
                return Ok(response);
            }
            let recorder = Recorder::default();
            let value = compute(FactReader::new(tx, stamps, &self.facts, query.known_at(), &recorder)).await?;
            let (dependencies, loaded) = recorder.finish();
            let tag = etag(&question, &dependencies, stamps);
            let next = next_link(query.req, value.next_cursor());
            let body = CachedResponse::new(tag.clone(), query.lang.is_some(), next, &value)?;
            let response = body.respond(query.req.headers());
            if tx.is_consistent() {
                loaded.into_iter().for_each(|insert| insert());
                self.dependencies.insert(question, Arc::new(dependencies));
                if let Some(bodies) = &self.bodies {
                    bodies.insert(tag, body);
                }
            }
            Ok(response)
        };
        self.db.read_with_stamps(district, computed).await
    }

    /// Returns the response if it is known. An ETag proves the whole response: only a 200 ever gets one, and only for
    /// this question. `If-None-Match: *` proves nothing, so it needs the body.
    fn find(&self, query: &Query<'_>, question: &[u8; 32], stamps: &Stamps) -> Option<HttpResponse> {
        let headers = query.req.headers();
        let tag = etag(question, &*self.dependencies.get(question)?, stamps);
        if tag.matches_if_none_match(headers, false) {
            return Some(not_modified(&tag, query.lang.is_some()));
        }
        Some(self.bodies.as_ref()?.get(&tag)?.respond(headers))
    }
}
