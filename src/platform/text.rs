//! Messages for people: each exists in Indonesian and in English.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT_LANGUAGE, AcceptLanguage, HeaderMap, Preference, Quality, from_comma_delimited};
use serde::Deserialize;
use utoipa::ToSchema;

/// The languages of the service; Indonesian unless the caller prefers English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Id,
    En,
}

impl Lang {
    /// Returns the preferred language of `Accept-Language`. Unknown languages are ignored; `*` means all languages that
    /// are not named.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = from_comma_delimited(headers.get_all(ACCEPT_LANGUAGE)).unwrap_or_default();
        let AcceptLanguage(given) = AcceptLanguage(given);
        let best = |is_meant: &dyn Fn(&str) -> bool| {
            let meant = given.iter().filter(|range| match &range.item {
                Preference::Any => is_meant("*"),
                Preference::Specific(tag) => is_meant(tag.primary_language()),
            });
            meant.map(|range| range.quality).max()
        };
        let quality = |language: Option<Quality>| language.or(best(&|tag| tag == "*")).unwrap_or(Quality::ZERO);
        let indonesian = quality(best(&|tag| tag == "id" || tag == "in"));
        match quality(best(&|tag| tag == "en")) > indonesian {
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

/// One message in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub id: Cow<'static, str>,
    pub en: Cow<'static, str>,
}

impl Text {
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

/// Returns a number with an English noun: `1 item`, `2 items`.
pub fn quantity(n: impl std::fmt::Display, noun: &str) -> String {
    match n.to_string().as_str() {
        "1" => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}
