//! Answers that are computed, and those that need not be: 304 without looking, a body that was made before, and what
//! was read of the ground (docs/adr/0007).

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;

use super::realisations::ground::{Grounds, Kept};
use super::tag::Asked;
use crate::platform::db::{Db, Reached, ReadTx, State, stamps};
use crate::platform::error::Error;
use crate::platform::http::ETag;
use crate::platform::http::page::HasNextPage;
use crate::platform::http::reply::{self, Finished};

/// What a kept body is expected to take, in bytes; the cache lays out its tables by it.
const TYPICAL: u64 = 2048;

/// What was computed and read before. Shared by all workers; bounded.
#[derive(Debug)]
pub struct Answers {
    db: Db,
    /// Finished bodies by their tags; `None`: none are kept.
    bodies: Option<Cache<ETag, Finished, ByBytes>>,
    grounds: Grounds,
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<ETag, Finished> for ByBytes {
    fn weight(&self, _: &ETag, kept: &Finished) -> u64 {
        kept.size()
    }
}

impl Answers {
    /// Keeps bodies of at most so many bytes in all.
    pub fn keeping(db: Db, bytes: u64) -> Self {
        let expected = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX);
        let bodies = (bytes > 0).then(|| Cache::with_weighter(expected, bytes, ByBytes));
        Self {
            db,
            bodies,
            grounds: Grounds::default(),
        }
    }

    /// The clock of the questions.
    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }

    /// Answers a question about `as_of` (`None`: now): 304 when the caller has the answer, else what is kept, else what
    /// `f` computes in one snapshot.
    pub async fn answer<T: Serialize + HasNextPage>(
        &self,
        asked: Asked<'_>,
        as_of: Option<DateTime<Utc>>,
        f: impl AsyncFn(&ReadTx, Kept<'_>) -> Result<T, Error>,
    ) -> Result<HttpResponse, Error> {
        let district = asked.actor.district.as_deref();
        let reached = self.db.reached(district).await?;
        if !reached.settles(as_of) {
            self.db.settle(district).await?;
        } else if let Some(answer) = self.known(&asked, &asked.tag(&reached)) {
            return Ok(answer);
        }
        let at_rest = async |tx: &ReadTx, state: State<'_>| self.compute(&asked, tx, state, &f).await;
        if let Some(answer) = self.db.read_at_rest(district, at_rest).await? {
            return Ok(answer);
        }
        let read = async |tx: &ReadTx| {
            let stamps = stamps::list(tx, district).await?;
            self.compute(&asked, tx, State::of_snapshot(&stamps), &f).await
        };
        self.db.read(read).await
    }

    /// What `f` computes in a state, unless it is known after all.
    async fn compute<T: Serialize + HasNextPage>(
        &self,
        asked: &Asked<'_>,
        tx: &ReadTx,
        state: State<'_>,
        f: &impl AsyncFn(&ReadTx, Kept<'_>) -> Result<T, Error>,
    ) -> Result<HttpResponse, Error> {
        let tag = asked.tag(&Reached::of(state.stamps));
        if let Some(answer) = self.known(asked, &tag) {
            return Ok(answer);
        }
        let kept = Kept {
            grounds: &self.grounds,
            state,
        };
        let thing = f(tx, kept).await?;
        let next = reply::next(asked.req, thing.next_cursor());
        let finished = Finished::new(tag.clone(), asked.lang.is_some(), next, &thing)?;
        let answer = finished.answer_to(asked.req.headers());
        if let Some(bodies) = &self.bodies
            && state.holds()
        {
            bodies.insert(tag, finished);
        }
        Ok(answer)
    }

    /// The answer that takes no computing, if there is one. `If-None-Match: *` proves nothing, a kept body does.
    fn known(&self, asked: &Asked<'_>, tag: &ETag) -> Option<HttpResponse> {
        let headers = asked.req.headers();
        if tag.matches_if_none_match(headers, false) {
            return Some(reply::not_modified(tag, asked.lang.is_some()));
        }
        let finished = self.bodies.as_ref()?.get(tag)?;
        Some(finished.answer_to(headers))
    }
}
