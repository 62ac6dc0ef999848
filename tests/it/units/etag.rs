//! Strong entity tags and conditional headers.

use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use iku::platform::error::Code;
use iku::platform::http::etag::*;

use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;

use iku::platform::text::Lang;

fn if_match(values: &[&'static str]) -> Option<IfMatch> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(IF_MATCH, HeaderValue::from_static(value));
    }
    IfMatch::parse(&headers)
}

#[test]
fn malformed_if_match_is_a_412_that_names_the_right_form() {
    for malformed in ["1", "\"1", "", " ,", "\"2\", 1", "w/\"1\""] {
        let error = if_match(&[malformed])
            .unwrap()
            .check(&ETag::of_digest("1"))
            .unwrap_err();
        assert_eq!(error.code, Code::PreconditionFailed, "{malformed}");
        assert!(
            error
                .detail
                .as_ref()
                .unwrap()
                .in_lang(Lang::En)
                .contains("quotation marks"),
            "{malformed}"
        );
    }
    assert!(if_match(&[]).is_none());
}

#[test]
fn if_match_compares_strongly_and_takes_lists() {
    let current = ETag::of_digest("1");
    for (values, matches) in [
        (&["\"1\""][..], true),
        (&["\"2\", \"1\""], true),
        (&["\"2\"", "\"1\""], true),
        (&["*"], true),
        (&["\"2\""], false),
        (&["W/\"1\""], false),
    ] {
        let condition = if_match(values).unwrap();
        assert_eq!(condition.check(&current).is_ok(), matches, "{values:?}");
    }
}

#[test]
fn if_none_match_compares_weakly_and_any_only_where_it_is_allowed() {
    let current = ETag::of_digest("1");
    for (value, named, or_any) in [
        ("\"1\"", true, true),
        ("W/\"1\"", true, true),
        ("\"2\", \"1\"", true, true),
        ("\"2\"", false, false),
        ("1", false, false),
        ("*", false, true),
    ] {
        let req = TestRequest::default()
            .insert_header((IF_NONE_MATCH, value))
            .to_http_request();
        assert_eq!(current.matches_if_none_match(req.headers(), false), named, "{value}");
        assert_eq!(current.matches_if_none_match(req.headers(), true), or_any, "{value}");
    }
}
