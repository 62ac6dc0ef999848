//! Rate limits (draft-ietf-httpapi-ratelimit-headers-11): a caller with too many requests must wait, and every response
//! has the remaining quota.
//!
//! A caller with a valid token is counted by account, never by address: a whole village may share one address behind the
//! mobile network's NAT. All others are counted by address. In memory: each instance counts for itself.

pub mod at_work;
mod class;
mod store;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};
use governor::middleware::StateInformationMiddleware;

pub use class::{CLASSES, Class};
use store::BoundedStore;

use super::client::Network;
use super::request_context::RequestContext;
use crate::platform::clock::Clock;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// A burst of requests, which one window restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub requests: u32,
    pub window: Duration,
}

/// The limits of one running service. A class without a quota is not limited.
#[derive(Debug, Default)]
pub struct RateLimiter(Vec<ClassLimiter>);

#[derive(Debug)]
struct ClassLimiter {
    class: Class,
    policy: HeaderValue,
    callers: governor::RateLimiter<u128, BoundedStore, Clock, StateInformationMiddleware>,
}

/// The remaining quota of a caller in a class after a request was counted.
#[derive(Clone, Debug)]
pub struct RateLimitState {
    pub class: Class,
    policy: HeaderValue,
    remaining: u32,
    /// The time until the whole quota is free again.
    full_in: Duration,
    /// The request exceeds the quota; the caller must wait for this time.
    pub wait: Option<Duration>,
}

impl governor::clock::Clock for Clock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        self.instant()
    }
}

impl RateLimiter {
    pub fn new(quota: impl Fn(Class) -> Option<Quota>, clock: &Clock) -> Self {
        let limiter = |class: Class| ClassLimiter::new(class, quota(class)?, clock.clone());
        Self(Class::ALL.into_iter().filter_map(limiter).collect())
    }

    /// Counts a request. Returns `None` if the request is not limited.
    pub fn count(&self, req: &ServiceRequest, context: &RequestContext) -> Option<RateLimitState> {
        // The path as it is routed, so that percent-encoding makes no difference.
        let class = Class::of(req.method(), req.match_info().as_str())?;
        let network = context.network.map_or(0, Network::key);
        let (class, caller) = match (class, context.subject.get()) {
            (Class::SignIn | Class::SignOut | Class::Counter, _) => (class, network),
            _ if class::is_public(req.match_info().as_str()) => (Class::Anonymous, network),
            _ if context.page.is_some() => (Class::Pages, network),
            (_, Some(subject)) if context.quarantined.get() => (Class::Quarantine, subject.as_u128()),
            (Class::Reads, Some(subject)) if req.headers().contains_key(IF_NONE_MATCH) => {
                (Class::Revalidations, subject.as_u128())
            }
            (class, Some(subject)) => (class, subject.as_u128()),
            (_, None) => (Class::Anonymous, network),
        };
        self.count_as(class, caller)
    }

    /// Counts a revalidation that found other content among the reads. Returns `None` if reads are not limited.
    pub fn count_read(&self, context: &RequestContext) -> Option<RateLimitState> {
        self.count_as(Class::Reads, context.subject.get()?.as_u128())
    }

    fn count_as(&self, class: Class, caller: u128) -> Option<RateLimitState> {
        self.0.iter().find(|l| l.class == class).map(|l| l.count(caller))
    }
}

impl ClassLimiter {
    fn new(class: Class, quota: Quota, clock: Clock) -> Option<Self> {
        let Quota { requests, window } = quota;
        let burst = NonZeroU32::new(requests)?;
        let interval = (window / requests).max(Duration::from_nanos(1));
        let quota = governor::Quota::with_period(interval)?.allow_burst(burst);
        let policy = format!("\"{}\";q={requests};w={}", class.name(), window.as_secs());
        Some(Self {
            class,
            policy: HeaderValue::try_from(policy).ok()?,
            callers: governor::RateLimiter::new(quota, BoundedStore::default(), clock),
        })
    }

    fn count(&self, caller: u128) -> RateLimitState {
        let (quota, remaining, wait) = match self.callers.check_key(&caller) {
            Ok(state) => (state.quota(), state.remaining_burst_capacity(), None),
            Err(refused) => {
                let wait = refused.wait_time_from(self.callers.clock().instant());
                (refused.quota(), 0, Some(wait))
            }
        };
        let used = quota.burst_size().get() - remaining - u32::from(wait.is_some());
        RateLimitState {
            class: self.class,
            policy: self.policy.clone(),
            remaining,
            full_in: quota.replenish_interval() * used + wait.unwrap_or_default(),
            wait,
        }
    }
}

impl RateLimitState {
    pub fn apply_headers(&self, headers: &mut HeaderMap) {
        let (name, remaining, seconds) = (self.class.name(), self.remaining, whole_seconds(self.full_in));
        if let Ok(value) = HeaderValue::try_from(format!("\"{name}\";r={remaining};t={seconds}")) {
            headers.insert(LIMIT, value);
        }
        headers.insert(POLICY, self.policy.clone());
    }
}

/// Rounds up, so that a caller who waits this long is not too early.
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
