//! `Accept`: whether the caller takes what an operation offers.

use actix_web::http::header::{ACCEPT, HeaderMap};

use crate::platform::error::{Code, Error};

/// The media types of a PATCH, for `Accept-Patch`. The document names the first.
pub const ACCEPT_PATCH: &str = "application/merge-patch+json, application/json";

/// The media type of problems. Many clients name it alone, and mean the media type of errors. They get every response.
const PROBLEM: &str = "application/problem+json";

/// 406 if the caller takes only media types that are not offered. No `Accept`, one that cannot be read, and an operation that
/// offers nothing are fine.
pub fn ensure_acceptable(headers: &HeaderMap, offered: &[String]) -> Result<(), Error> {
    let ranges = || {
        let lines = headers.get_all(ACCEPT).filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).filter_map(Range::read)
    };
    let names_some = ranges().any(|range| !range.is_refused);
    let is_good = |offer: &String| {
        let mut covering = ranges().filter(|range| range.covers(offer));
        match names_some {
            true => covering.any(|range| !range.is_refused),
            false => covering.next().is_none(),
        }
    };
    if offered.is_empty() || offered.iter().any(is_good) {
        return Ok(());
    }
    let list = offered.join(", ");
    Err(Error::new(Code::NotAcceptable).detail(
        format!("Tersedia sebagai: {list}. Periksa Accept."),
        format!("Available as: {list}. Check Accept."),
    ))
}

/// A range of `Accept`, such as `application/*;q=0.5`.
struct Range<'a> {
    media: &'a str,
    /// It has `q=0`.
    is_refused: bool,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| media.contains('/'))?;
        let is_refused = parts.any(|parameter| {
            let weight = parameter
                .split_once('=')
                .filter(|(name, _)| name.eq_ignore_ascii_case("q"));
            weight.is_some_and(|(_, weight)| weight.parse() == Ok(0.0_f32))
        });
        Some(Self { media, is_refused })
    }

    fn covers(&self, offer: &str) -> bool {
        let is_of = |kind: &str| {
            offer
                .split('/')
                .next()
                .is_some_and(|own| own.eq_ignore_ascii_case(kind))
        };
        self.media == "*/*"
            || self.media.eq_ignore_ascii_case(offer)
            || self.media.eq_ignore_ascii_case(PROBLEM)
            || self.media.strip_suffix("/*").is_some_and(is_of)
    }
}
