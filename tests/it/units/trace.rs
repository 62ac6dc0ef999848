//! The ids of a request in its response and in every log line of the request (W3C Trace Context).

use actix_web::http::header::HeaderMap;
use iku::platform::trace::*;

use actix_web::http::header::HeaderValue;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn traceparent_for(given: &[&str]) -> String {
    let mut headers = HeaderMap::new();
    for value in given {
        headers.append(TRACEPARENT, HeaderValue::from_str(value).unwrap());
    }
    let ids = TraceContext::of(&headers);
    assert_eq!(given_trace_of(&ids.traceparent), Some(ids.trace_id().to_owned()));
    ids.traceparent.clone()
}

fn given_trace_of(traceparent: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(TRACEPARENT, HeaderValue::from_str(traceparent).unwrap());
    given_trace(&headers).map(|(trace, _)| trace.to_owned())
}

#[test]
fn a_trace_continues_with_a_new_span_id() {
    let parent = "00f067aa0ba902b7";
    for (given, flags) in [
        (format!("00-{TRACE}-{parent}-01"), "01"),
        (format!("00-{TRACE}-{parent}-00"), "00"),
        (format!("00-{TRACE}-{parent}-ff"), "ff"),
        (format!("cc-{TRACE}-{parent}-01-what-the-future-will-be-like"), "01"),
    ] {
        let traceparent = traceparent_for(&[&given]);
        assert!(
            traceparent.starts_with(&format!("00-{TRACE}-")),
            "{given}: {traceparent}"
        );
        assert!(
            traceparent.ends_with(&format!("-{flags}")) && !traceparent.contains(parent),
            "{given}: {traceparent}"
        );
    }
}

#[test]
fn an_invalid_traceparent_starts_a_new_trace() {
    let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let zeros = "0".repeat(32);
    for bad in [
        "",
        "00",
        &good.replace("00-4", "ff-4"),
        &good.to_uppercase(),
        &good.replace(TRACE, &zeros),
        &good.replace("00f067aa0ba902b7", &zeros[..16]),
        &good.replace("-01", "-1"),
        &good.replace(TRACE, &TRACE[1..]),
        &format!("{good}-more"),
        &format!("{good}."),
    ] {
        let traceparent = traceparent_for(&[bad]);
        assert!(
            !traceparent.contains(TRACE) && traceparent.ends_with("-00"),
            "{bad}: {traceparent}"
        );
    }
    assert!(
        !traceparent_for(&[&good, &good]).contains(TRACE),
        "two values are ambiguous"
    );
    assert_ne!(traceparent_for(&[]), traceparent_for(&[]));
}
