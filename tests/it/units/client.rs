//! Where a request comes from, and which address it was sent to, also behind proxies.

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use iku::platform::http::client::*;
use std::net::IpAddr;

use actix_web::http::header::HeaderValue;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn only_trusted_proxies_are_believed() {
    let mut headers = HeaderMap::new();
    headers.append(
        X_FORWARDED_FOR,
        HeaderValue::from_static("1.2.3.4, 192.0.2.7, 10.0.0.2"),
    );
    let trusted = TrustedProxies(vec![ip("10.0.0.1"), ip("10.0.0.2")]);
    for (peer, headers, expected) in [
        (Some("10.0.0.1"), &headers, Some("192.0.2.7")),
        (Some("198.51.100.1"), &headers, Some("198.51.100.1")),
        (Some("10.0.0.1"), &HeaderMap::new(), Some("10.0.0.1")),
        (None, &headers, None),
    ] {
        assert_eq!(
            trusted.caller_address(peer.map(ip), headers),
            expected.map(ip),
            "{peer:?}"
        );
    }
}

#[test]
fn the_base_url_is_the_one_that_the_caller_sees() {
    let with = |pairs: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                name.parse().unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        headers
    };
    let (proxy, phone) = (Some(ip("::ffff:10.0.0.1")), Some(ip("192.0.2.7")));
    let trusted = TrustedProxies(vec![ip("10.0.0.1")]);
    let url = |peer, pairs: &[(&'static str, &'static str)]| trusted.base_url(peer, &with(pairs));
    let direct = ("host", "192.168.1.5:8080");
    assert_eq!(url(phone, &[direct]).as_deref(), Some("http://192.168.1.5:8080"));
    let forwarded = [
        direct,
        ("x-forwarded-proto", "http"),
        ("x-forwarded-proto", "HTTPS"),
        ("x-forwarded-host", "lain.example, iku.example.go.id"),
    ];
    assert_eq!(url(proxy, &forwarded).as_deref(), Some("https://iku.example.go.id"));
    assert_eq!(url(phone, &forwarded).as_deref(), Some("http://192.168.1.5:8080"));
    assert_eq!(url(proxy, &[direct]).as_deref(), Some("http://192.168.1.5:8080"));
    assert_eq!(
        url(phone, &[("host", "[::1]:8080")]).as_deref(),
        Some("http://[::1]:8080")
    );
    for bad in ["", "a b", "iku@lain.example", "a/b?c", "\u{e9}"] {
        assert_eq!(url(phone, &[("host", bad)]), None, "{bad}");
    }
    assert_eq!(url(phone, &[]), None);
}

#[test]
fn a_request_through_a_proxy_on_this_machine_is_not_local() {
    assert!(is_local(Some(ip("127.0.0.1")), &HeaderMap::new()));
    assert!(is_local(Some(ip("::ffff:127.0.0.1")), &HeaderMap::new()));
    assert!(!is_local(Some(ip("192.0.2.7")), &HeaderMap::new()));
    let mut headers = HeaderMap::new();
    headers.append(X_FORWARDED_FOR, HeaderValue::from_static("127.0.0.1"));
    assert!(!is_local(Some(ip("127.0.0.1")), &headers));
}
