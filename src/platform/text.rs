//! Messages for people: each exists in Indonesian and in English.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT_LANGUAGE, AcceptLanguage, HeaderMap, Preference, Quality, from_comma_delimited};
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
    /// The preferred language of `Accept-Language`. Unknown languages are ignored; `*` means all languages that are not named.
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
