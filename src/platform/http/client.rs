//! Where a request comes from, also behind proxies.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HOST, HeaderMap, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use actix_web::http::uri::Authority;

/// A host name has at most 253 characters; a port follows.
const LONGEST_HOST: usize = 260;

/// The address that asks. `X-Forwarded-For` is read from its end, past the proxies that are trusted; what an
/// untrusted one says is not believed.
pub fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut address = peer?.to_canonical();
    let said: Vec<&str> = headers
        .get_all(X_FORWARDED_FOR)
        .filter_map(|v| v.to_str().ok())
        .collect();
    let mut hops: Vec<&str> = said.iter().flat_map(|v| v.split(',')).map(str::trim).collect();
    while trusted.contains(&address) {
        let Some(hop) = hops.pop() else { break };
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        address = hop.to_canonical();
    }
    Some(address)
}

/// Scheme and host as whoever asks sees them. `X-Forwarded-Proto` and `X-Forwarded-Host` are believed when a trusted
/// proxy sends the request. `None`: it names no host that could be one.
pub fn base_url(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<String> {
    let behind = peer.is_some_and(|p| trusted.contains(&p.to_canonical()));
    // Of several the last is the nearest proxy's.
    let said = |name| {
        headers
            .get_all(name)
            .last()?
            .to_str()
            .ok()?
            .rsplit(',')
            .next()
            .map(str::trim)
    };
    let forwarded = |name| behind.then(|| said(name)).flatten();
    let scheme = match forwarded(X_FORWARDED_PROTO) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    };
    let host = forwarded(X_FORWARDED_HOST).or_else(|| said(HOST))?;
    let plain = host.len() <= LONGEST_HOST && !host.contains('@') && host.parse::<Authority>().is_ok();
    plain.then(|| format!("{scheme}://{host}"))
}

/// Does the request come straight from this machine (and not through a proxy on it)?
pub fn is_local(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
    !forwarded && peer.is_some_and(|p| p.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

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
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(address(Some(ip("10.0.0.1")), &headers, &trusted), Some(ip("192.0.2.7")));
        assert_eq!(
            address(Some(ip("198.51.100.1")), &headers, &trusted),
            Some(ip("198.51.100.1"))
        );
        assert_eq!(
            address(Some(ip("10.0.0.1")), &HeaderMap::new(), &trusted),
            Some(ip("10.0.0.1"))
        );
        assert_eq!(address(None, &headers, &trusted), None);
    }

    #[test]
    fn the_address_is_the_one_that_was_asked_for() {
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
        let trusted = [ip("10.0.0.1")];
        let url = |peer, pairs: &[(&'static str, &'static str)]| base_url(peer, &with(pairs), &trusted);
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
    fn a_proxy_on_this_machine_is_not_this_machine() {
        assert!(is_local(Some(ip("127.0.0.1")), &HeaderMap::new()));
        assert!(is_local(Some(ip("::ffff:127.0.0.1")), &HeaderMap::new()));
        assert!(!is_local(Some(ip("192.0.2.7")), &HeaderMap::new()));
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("127.0.0.1"));
        assert!(!is_local(Some(ip("127.0.0.1")), &headers));
    }
}
