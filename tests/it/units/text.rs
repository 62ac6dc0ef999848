//! Messages for people: each exists in Indonesian and in English.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use iku::platform::text::*;

use actix_web::http::header::HeaderValue;

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

#[test]
fn a_noun_is_singular_for_one() {
    assert_eq!([0, 1, 2].map(|n| quantity(n, "item")), ["0 items", "1 item", "2 items"]);
}
