//! Tags of computed answers: made of what they depend on, never of the answer.
//!
//! A realisation changes when a fact, a plan or a place changes (how far the districts have come), when another day
//! begins (a period can end, a decree can lapse), with who asks (of one district or of all), and with the question
//! itself. All of these are in the tag, and nothing else.

use actix_web::HttpRequest;
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Datelike, Utc};

use crate::access::Actor;
use crate::core::civil;
use crate::platform::db::{Stamps, Stream};
use crate::platform::http::ETag;
use crate::platform::text::Lang;

/// A request and all that its answer depends on beside the stamps. Only a good answer is ever given such a tag, so who
/// sends one that still holds has asked this very question and would get the same again.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub actor: &'a Actor,
    pub req: &'a HttpRequest,
    /// The clock of this request; only its day counts.
    pub now: DateTime<Utc>,
    /// The language of the sentences in the answer; `None`: it has none.
    pub lang: Option<Lang>,
}

impl Asked<'_> {
    pub fn tag(&self, stamps: &Stamps) -> ETag {
        let day = civil::date_of(self.now).num_days_from_ce();
        let mut digest = Context::new(&SHA256);
        digest.update(&stamps.digest(|_| true, Stream::ALL));
        digest.update(&day.to_be_bytes());
        let texts = [
            env!("CARGO_PKG_VERSION"),
            self.lang.map_or("", Lang::tag),
            self.actor.district.as_deref().unwrap_or_default(),
            self.req.path(),
            self.req.query_string(),
        ];
        for text in texts {
            digest.update(text.as_bytes());
            // No text holds a zero, so no two lists of texts look the same.
            digest.update(&[0]);
        }
        ETag::of_bytes(digest.finish().as_ref())
    }
}
