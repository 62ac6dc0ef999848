//! Rate limits (draft-ietf-httpapi-ratelimit-headers-11): whoever asks too much waits, and everybody is told how much is
//! left.
//!
//! Who holds a valid token is counted by its subject, never by the address: a whole village may share one behind the
//! mobile network's NAT. Who does not is counted by the address. In memory: each instance counts for itself.

mod class;
mod table;

use std::net::IpAddr;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, web};
use uuid::Uuid;

pub use class::{Class, SIGN_IN, SYNC};
use table::Table;
pub use table::Ticks;

use super::client;
use super::front::Front;
use super::visit::Visit;
use crate::platform::error::{Code, Error};

/// Sent with every counted answer: what is allowed, and what is left of it.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// So many requests at once, and as many again in each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub requests: u32,
    pub window: Duration,
}

/// Where a caller stands in a class after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    class: Class,
    left: u64,
    /// Until everything is left again.
    full_in: Duration,
    /// The request is one too many; one more may come after this.
    wait: Option<Duration>,
}

/// What is counted of one class.
#[derive(Debug)]
struct Counter {
    table: Table,
    policy: HeaderValue,
}

/// The limits of one running service. A class without a quota is not limited.
#[derive(Debug)]
pub struct Limits {
    counters: [Option<Counter>; Class::ALL.len()],
    trusted_proxies: Vec<IpAddr>,
    ticks: Ticks,
}

impl Default for Limits {
    /// Nothing is limited.
    fn default() -> Self {
        Self::new(|_| None, Vec::new(), Ticks::default())
    }
}

impl Limits {
    /// `trusted_proxies`: their `X-Forwarded-For` is believed.
    pub fn new(quota: impl Fn(Class) -> Option<Quota>, trusted_proxies: Vec<IpAddr>, ticks: Ticks) -> Self {
        let counter = |class: Class| {
            let quota = quota(class)?;
            let (q, w) = (quota.requests, quota.window.as_secs());
            Some(Counter {
                table: Table::new(quota),
                policy: HeaderValue::try_from(format!("\"{}\";q={q};w={w}", class.name())).ok()?,
            })
        };
        Self {
            counters: Class::ALL.map(counter),
            trusted_proxies,
            ticks,
        }
    }

    /// Counts what can be counted before anything is done for the request: all that brings no token, and what signs in.
    /// 429 when it is one too many.
    pub fn before(&self, req: &ServiceRequest, visit: &Visit) -> Result<(), Error> {
        // As it is routed, without percent-encoding: whoever writes a path otherwise is counted the same.
        let class = match Class::of(req.method(), req.match_info().as_str()) {
            Some(Class::SignIn) => Class::SignIn,
            Some(_) if !req.headers().contains_key(AUTHORIZATION) => Class::Anonymous,
            _ => return Ok(()),
        };
        self.count_address(class, req.request(), visit)
    }

    /// Counts what has not been counted yet, though it should be: a token that is not valid, or one that was brought
    /// where none is asked for.
    pub fn after(&self, req: &HttpRequest, visit: &Visit) -> Result<(), Error> {
        if visit.is_counted() || Class::of(req.method(), req.match_info().as_str()).is_none() {
            return Ok(());
        }
        self.count_address(Class::Anonymous, req, visit)
    }

    fn count_address(&self, class: Class, req: &HttpRequest, visit: &Visit) -> Result<(), Error> {
        let peer = req.peer_addr().map(|a| a.ip());
        let address = client::address(peer, req.headers(), &self.trusted_proxies);
        self.count(class, address.map_or(0, network), visit)
    }

    fn count(&self, class: Class, key: u128, visit: &Visit) -> Result<(), Error> {
        let counter = self.counters[class as usize].as_ref();
        let standing = counter.map(|c| c.table.take(class, key, self.ticks.at(visit.started)));
        visit.count(standing);
        match standing.and_then(|s| s.wait) {
            None => Ok(()),
            Some(wait) => Err(too_many(whole_seconds(wait))),
        }
    }

    /// Says in an answer where its caller stands.
    pub fn tell(&self, visit: &Visit, headers: &mut HeaderMap) {
        let Some(standing) = visit.standing() else { return };
        let Some(counter) = &self.counters[standing.class as usize] else {
            return;
        };
        let (left, seconds) = (standing.left, whole_seconds(standing.full_in));
        if let Ok(value) = HeaderValue::try_from(format!("\"{}\";r={left};t={seconds}", standing.class.name())) {
            headers.insert(LEFT, value);
        }
        headers.insert(POLICY, counter.policy.clone());
    }
}

/// Counts a request whose token was found valid; 429 when it is one too many. The guard calls this.
pub fn count_subject(req: &HttpRequest, subject: Uuid) -> Result<(), Error> {
    let (Some(front), Some(visit)) = (req.app_data::<web::Data<Front>>(), Visit::of(req)) else {
        return Ok(());
    };
    match Class::of(req.method(), req.match_info().as_str()) {
        Some(class) => front.limits.count(class, subject.as_u128(), &visit),
        None => Ok(()),
    }
}

/// What one subscriber has: an IPv4 address, or an IPv6 network of 64 bits.
fn network(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits() >> 64 << 64,
    }
}

/// Rounded up: who comes after so many seconds does not come too early.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn too_many(seconds: u64) -> Error {
    Error {
        retry_after: Some(seconds),
        ..Error::new(Code::TooManyRequests).detail(
            format!("Terlalu banyak permintaan. Coba lagi setelah {seconds} detik."),
            format!("Too many requests. Try again after {seconds} seconds."),
        )
    }
}
