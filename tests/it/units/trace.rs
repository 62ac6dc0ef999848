//! The ids of a request, in its answer and in every log line that it causes (W3C Trace Context).

use actix_web::http::header::HeaderMap;
use iku::platform::trace::*;

use actix_web::http::header::HeaderValue;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn answer_to(given: &[&str]) -> String {
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
        let answer = answer_to(&[&given]);
        assert!(answer.starts_with(&format!("00-{TRACE}-")), "{given}: {answer}");
        assert!(
            answer.ends_with(&format!("-{flags}")) && !answer.contains(parent),
            "{given}: {answer}"
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
        let answer = answer_to(&[bad]);
        assert!(!answer.contains(TRACE) && answer.ends_with("-00"), "{bad}: {answer}");
    }
    assert!(!answer_to(&[&good, &good]).contains(TRACE), "which of the two?");
    assert_ne!(answer_to(&[]), answer_to(&[]));
}
