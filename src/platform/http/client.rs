//! Where a request comes from, also behind proxies.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HeaderMap, X_FORWARDED_FOR};

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
    fn a_proxy_on_this_machine_is_not_this_machine() {
        assert!(is_local(Some(ip("127.0.0.1")), &HeaderMap::new()));
        assert!(is_local(Some(ip("::ffff:127.0.0.1")), &HeaderMap::new()));
        assert!(!is_local(Some(ip("192.0.2.7")), &HeaderMap::new()));
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("127.0.0.1"));
        assert!(!is_local(Some(ip("127.0.0.1")), &headers));
    }
}
