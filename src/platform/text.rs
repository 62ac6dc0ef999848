//! Words for people: every message exists in Indonesian and English.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use serde::Deserialize;
use utoipa::ToSchema;

/// The languages the service speaks; Indonesian unless the caller prefers English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Id,
    En,
}

impl Lang {
    /// The preferred one of `Accept-Language`: quality values count, unknown languages are passed over, and `*` stands
    /// for the ones that are not named.
    pub fn of(headers: &HeaderMap) -> Self {
        let said = headers.get_all(ACCEPT_LANGUAGE).filter_map(|v| v.to_str().ok());
        let (mut id, mut en, mut others) = (None, None, None);
        for range in said.flat_map(|v| v.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1000, thousandths);
            let named = match tag.split('-').next() {
                Some("id" | "in") => &mut id,
                Some("en") => &mut en,
                Some("*") => &mut others,
                _ => continue,
            };
            *named = (*named).max(Some(quality));
        }
        let quality = |named: Option<u32>| named.or(others).unwrap_or(0);
        match quality(en) > quality(id) {
            true => Lang::En,
            false => Lang::Id,
        }
    }

    pub fn tag(self) -> &'static str {
        match self {
            Lang::Id => "id",
            Lang::En => "en",
        }
    }
}

/// A quality value such as `0.8` in thousandths; what cannot be read counts as 0.
fn thousandths(q: &str) -> u32 {
    let (whole, part) = q.split_once('.').unwrap_or((q, ""));
    let digits = format!("{whole}{part:0<3}");
    digits.get(..whole.len() + 3).and_then(|d| d.parse().ok()).unwrap_or(0)
}

/// One message in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub id: Cow<'static, str>,
    pub en: Cow<'static, str>,
}

impl Text {
    pub const fn fixed(id: &'static str, en: &'static str) -> Self {
        Self {
            id: Cow::Borrowed(id),
            en: Cow::Borrowed(en),
        }
    }

    pub fn new(id: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: id.into(),
            en: en.into(),
        }
    }

    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Id => &self.id,
            Lang::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn lang(value: &str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(value).unwrap());
        Lang::of(&headers)
    }

    #[test]
    fn the_preferred_language_wins() {
        assert_eq!(Lang::of(&HeaderMap::new()), Lang::Id);
        assert_eq!(lang("en"), Lang::En);
        assert_eq!(lang("en-GB;q=0.4, id;q=0.5"), Lang::Id);
        assert_eq!(lang("fr, en;q=0.2"), Lang::En);
        assert_eq!(lang("en;q=rubbish, id;q=0.1"), Lang::Id);
        assert_eq!(lang("en;q=0"), Lang::Id);
        assert_eq!(lang("*"), Lang::Id);
        assert_eq!(lang("id;q=0, *;q=0.1"), Lang::En);
        assert_eq!(lang("en-GB;q=0.2, en;q=0.9, id;q=0.5, *"), Lang::En);
    }
}
