//! Where a request comes from, and which address it was sent to, also behind proxies.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::header::{HOST, HeaderMap, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use actix_web::http::uri::Authority;
use ipnet::IpNet;
use parking_lot::Mutex;

/// A host name has at most 253 characters; a port follows.
const LONGEST_HOST: usize = 260;

/// Who a caller is by address, for limits and failed sign-ins: an IPv4 address, or an IPv6 network of 64 bits, which one
/// subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => v4.into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        })
    }

    /// Returns a number that no other network has.
    pub fn key(self) -> u128 {
        match self.0 {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }
}

/// `192.0.2.7` or `2001:db8:1:2::/64`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

/// The most unnamed senders of `X-Forwarded-For` that the log names.
const MOST_WARNINGS: usize = 64;

/// The proxies whose `X-Forwarded-*` headers are believed.
#[derive(Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    warned: Mutex<HashSet<Network>>,
}

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self {
            networks,
            warned: Mutex::default(),
        }
    }

    pub fn include(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Warns once for each peer that sends `X-Forwarded-For` and is not named: if it is a proxy, all its callers have one
    /// address. Returns whether this call has warned.
    pub fn warn_unnamed(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let Some(peer) = peer.filter(|peer| headers.contains_key(X_FORWARDED_FOR) && !self.include(*peer)) else {
            return false;
        };
        let network = Network::of(peer);
        let mut warned = self.warned.lock();
        let is_new = warned.len() < MOST_WARNINGS && warned.insert(network);
        if is_new {
            tracing::warn!(%network, "X-Forwarded-For is ignored: IKU_TRUSTED_PROXIES does not name this sender; if it is \
                                      a proxy, all its callers count as one");
        }
        is_new
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
