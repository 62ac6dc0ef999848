//! A query of results, and the ETag of its response.
//!
//! The ETag is a digest of everything that the response depends on, never of the response: the query itself, the
//! caller's district, the language, the day, the build, and the stamps of the facts that were read.

use std::sync::Arc;

use actix_web::HttpRequest;
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::facts::{Dependencies, FactReader};
use crate::access::Actor;
use crate::access::permissions::{Permission, ResponsesRead};
use crate::core::civil;
use crate::platform::db::{PlanState, Stamps};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::page::PageRequest;
use crate::platform::http::{DistrictCode, ETag};
use crate::platform::text::{Lang, Text};

/// The caller of a query, its time, its language, and the instant that it is about.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
    pub as_of: Option<DateTime<Utc>>,
    /// The language of the sentences in the response; `None`: it has no sentences.
    pub lang: Option<Lang>,
    /// Whether the caller may also read the answers of single respondents; only the index of a survey asks.
    pub sees_answers: bool,
    /// On a later page of a list: the instant of its first page, so that all pages show one state.
    pub snapshot_at: Option<DateTime<Utc>>,
}

impl<'a> Query<'a> {
    /// Returns a query about the present. Its response has no sentences.
    pub fn of(actor: &'a Actor, now: DateTime<Utc>) -> Self {
        Self {
            actor,
            now,
            as_of: None,
            lang: None,
            sees_answers: false,
            snapshot_at: None,
        }
    }

    /// Returns the day (WITA) that the query is about: that of `as_of`, or today.
    pub fn day(&self) -> NaiveDate {
        civil::date_of(self.as_of.unwrap_or(self.now))
    }

    /// Returns the one district that a result is about: the requested district, the actor's own, or the only one. 422 if there
    /// are several, 404 if the actor does not see it.
    pub async fn one_district(&self, reader: &FactReader<'_>, asked: Option<&str>) -> Result<DistrictCode, Error> {
        let district = match self.actor.scope_district(asked)? {
            Some(named) => reader.has_district(&named).await?.then_some(named),
            None => Some(reader.only_district().await?.ok_or_else(|| {
                Error::rule(
                    "query:district_code",
                    "Sebutkan kecamatannya: ?district_code=63.11.06.",
                    "Name the district: ?district_code=63.11.06.",
                )
            })?),
        };
        DistrictCode::try_from(district.ok_or_else(Error::not_found)?).or_internal()
    }

    pub fn on_page(self, page: &PageRequest) -> Self {
        Self {
            snapshot_at: page.snapshot_at(),
            ..self
        }
    }

    /// Returns the instant at which a fact must have been known; `None`: now. Shipped facts count as always known.
    pub fn known_at(&self) -> Option<DateTime<Utc>> {
        self.as_of.or(self.snapshot_at).map(|t| t.max(DateTime::UNIX_EPOCH))
    }

    /// 422 if the caller may not read answers of single respondents, and `as_of` is not the last microsecond of a day in WITA.
    /// Stamps are whole microseconds, so a day has exactly one end, and two results differ by whole days.
    pub fn ensure_aggregate(&self) -> Result<(), Error> {
        let next = self.as_of.map(|t| t + TimeDelta::microseconds(1));
        let is_end_of_day = next.is_none_or(|next| next == civil::start_of_day(civil::date_of(next)));
        if is_end_of_day || self.actor.scopes.contains(&ResponsesRead::SCOPE) {
            return Ok(());
        }
        Err(Error::rule(
            "query:as_of",
            "Tanpa izin `responses:read`, `as_of` harus akhir hari WITA: 2025-06-30T23:59:59.999999+08:00.",
            "Without `responses:read`, `as_of` must be the end of a day in WITA: 2025-06-30T23:59:59.999999+08:00.",
        ))
    }

    /// Returns the sentence in the caller's language.
    pub fn translate(&self, text: &Text) -> String {
        text.in_lang(self.lang.unwrap_or(Lang::Id)).to_owned()
    }

    /// Returns a digest of everything that the response depends on, except the facts. Of the time only the day counts:
    /// on another day a period can be over, or a decree can have lapsed.
    pub fn digest(&self, req: &HttpRequest) -> [u8; 32] {
        let day = self.day().num_days_from_ce();
        let mut digest = Context::new(&SHA256);
        digest.update(&day.to_be_bytes());
        digest.update(&[u8::from(self.sees_answers)]);
        let texts = [
            env!("CARGO_PKG_VERSION"),
            self.lang.map_or("", Lang::tag),
            self.actor.district.as_deref().unwrap_or_default(),
            req.path(),
            req.query_string(),
        ];
        for text in texts {
            digest.update(text.as_bytes());
            // No text contains a zero byte, so two different lists of texts never have the same bytes.
            digest.update(&[0]);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.finish().as_ref());
        bytes
    }
}

/// Returns the ETag of a response to the query with this digest.
pub fn etag(query_digest: &[u8; 32], dependencies: &Dependencies, stamps: &(Arc<Stamps>, Option<PlanState>)) -> ETag {
    let mut digest = Context::new(&SHA256);
    digest.update(query_digest);
    dependencies.for_each(stamps, |bytes| digest.update(bytes));
    ETag::of_bytes(digest.finish().as_ref())
}
