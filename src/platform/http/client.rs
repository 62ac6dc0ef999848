//! Where a request comes from, and which address it was sent to, also behind proxies.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HOST, HeaderMap, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use actix_web::http::uri::Authority;

/// A host name has at most 253 characters; a port follows.
const LONGEST_HOST: usize = 260;

/// The proxies whose `X-Forwarded-*` headers are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpAddr>);

impl TrustedProxies {
    fn include(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// The caller's address. `X-Forwarded-For` is read from its end, past the trusted proxies; entries that an untrusted
    /// sender has added are ignored.
    pub fn caller_address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut address = peer?.to_canonical();
        let lines = headers.get_all(X_FORWARDED_FOR).filter_map(|v| v.to_str().ok());
        let mut hops: Vec<&str> = lines.flat_map(|v| v.split(',')).map(str::trim).collect();
        while self.include(address) {
            let Some(hop) = hops.pop().and_then(|hop| hop.parse::<IpAddr>().ok()) else {
                break;
            };
            address = hop.to_canonical();
        }
        Some(address)
    }

    /// Scheme and host as the caller sees them. `X-Forwarded-Proto` and `X-Forwarded-Host` are believed when a trusted
    /// proxy sends the request. `None`: the request names no valid host.
    pub fn base_url(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<String> {
        let is_trusted = peer.is_some_and(|peer| self.include(peer));
        // The nearest proxy's value is the last one.
        let last = |name| {
            let line = headers.get_all(name).last()?.to_str().ok()?;
            line.rsplit(',').next().map(str::trim)
        };
        let forwarded = |name| is_trusted.then(|| last(name)).flatten();
        let scheme = match forwarded(X_FORWARDED_PROTO) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = forwarded(X_FORWARDED_HOST).or_else(|| last(HOST))?;
        let is_host = host.len() <= LONGEST_HOST && !host.contains('@') && host.parse::<Authority>().is_ok();
        is_host.then(|| format!("{scheme}://{host}"))
    }
}

/// Returns whether the request comes from this machine, and not through a proxy on it.
pub fn is_local(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
    !forwarded && peer.is_some_and(|p| p.to_canonical().is_loopback())
}
