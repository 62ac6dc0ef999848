//! The address of the caller and the base URL of a request, also behind proxies.

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use iku::platform::http::client::*;
use std::net::IpAddr;

use actix_web::http::header::HeaderValue;

fn trusted(networks: &[&str]) -> TrustedProxies {
    TrustedProxies::new(networks.iter().map(|network| network.parse().unwrap()).collect())
}

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
    let trusted = trusted(&["10.0.0.1/32", "10.0.0.2/32"]);
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
fn the_base_url_is_the_url_that_the_caller_used() {
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
    let trusted = trusted(&["10.0.0.1/32"]);
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
fn unnamed_sender_of_a_forwarded_address_is_warned_about_once() {
    let mut headers = HeaderMap::new();
    headers.append(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.7"));
    let trusted = trusted(&["10.0.0.0/8"]);
    let warns = |peer: &str, headers: &HeaderMap| trusted.warn_unnamed(Some(ip(peer)), headers);
    assert!(!warns("10.1.2.3", &headers));
    assert!(!warns("127.0.0.1", &HeaderMap::new()));
    assert!(warns("127.0.0.1", &headers));
    assert!(!warns("127.0.0.1", &headers));
    assert!(warns("2001:db8::1", &headers));
    assert!(!warns("2001:db8::2", &headers));
    // Who sends from many networks writes few lines.
    let many = (0..10_000u32).filter(|n| warns(&std::net::Ipv4Addr::from_bits(n << 8).to_string(), &headers));
    assert!(many.count() < 64);
}

#[test]
fn proxies_are_named_by_address_or_network() {
    let mut headers = HeaderMap::new();
    headers.append(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.7, 172.17.0.1"));
    let trusted = trusted(&["172.16.0.0/12", "2001:db8::/32"]);
    let caller = |peer: &str| trusted.caller_address(Some(ip(peer)), &headers).unwrap();
    for proxy in ["172.31.255.1", "::ffff:172.17.0.9", "2001:db8:1::1"] {
        assert_eq!(caller(proxy), ip("192.0.2.7"), "{proxy}");
    }
    for stranger in ["172.32.0.1", "2001:db9::1"] {
        assert_eq!(caller(stranger), ip(stranger));
    }
}
