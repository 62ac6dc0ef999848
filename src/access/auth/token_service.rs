//! Signs and verifies tokens. The keys and the ended sessions are in memory, so a request reads no database for this.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::keys::{self, Key};
use super::throttle::FailureLimiter;
use super::token::{self, Claims};
use crate::access::actor::Actor;
use crate::platform::clock::Clock;
use crate::platform::error::{Code, Error};

/// The number of verified tokens in memory. When it is reached, the memory is cleared.
const CAPACITY: usize = 10_000;
/// How long a revocation stays in memory: longer than an access token lives.
const REVOCATION_LIFETIME: Duration = Duration::from_secs(20 * 60);

/// The least time between two readings of the keys because of tokens with an unknown key.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);

/// A token with a valid signature.
type Verified = (Arc<Claims>, Arc<Actor>);

/// Verifies tokens. Shared by all workers.
#[derive(Debug)]
pub struct TokenService {
    /// The only valid issuer; `None`: every address.
    issuer: Option<String>,
    state: RwLock<State>,
    verified: RwLock<HashMap<String, Verified>>,
    throttle: FailureLimiter,
    clock: Clock,
    /// When the keys were last read because of a token with an unknown key.
    refreshed_at: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Key>,
    /// The lowest valid token generation of each account that changed recently.
    generations: HashMap<Uuid, (i32, Instant)>,
    /// Sessions that ended recently.
    ended: HashMap<Uuid, Instant>,
}

impl TokenService {
    pub fn new(issuer: Option<String>, keys: Vec<Key>, clock: Clock) -> Self {
        let state = State {
            keys,
            ..State::default()
        };
        Self {
            issuer,
            state: RwLock::new(state),
            verified: RwLock::default(),
            throttle: FailureLimiter::new(clock.clone()),
            clock,
            refreshed_at: Mutex::default(),
        }
    }

    /// The limiter of failed passwords and enrolment codes.
    pub fn throttle(&self) -> &FailureLimiter {
        &self.throttle
    }

    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The published keys, the signing one first.
    pub fn keys(&self) -> Vec<Key> {
        let now = self.clock.now();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let signs = keys::signing(&state.keys, now).map(|key| key.kid.clone());
        let mut published: Vec<Key> = state.keys.iter().filter(|k| k.is_published(now)).cloned().collect();
        published.sort_by_key(|key| Some(&key.kid) != signs.as_ref());
        published
    }

    /// Replaces the keys by the current ones of the database.
    pub fn set_keys(&self, keys: Vec<Key>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let identity = |key: &Key| (key.kid.clone(), key.signs_from, key.retired_at);
        let same = state.keys.iter().map(identity).eq(keys.iter().map(identity));
        if !same {
            for key in &keys {
                let (kid, signs_from, retired_at) = identity(key);
                tracing::info!(target: "iku::audit", what = "signing key in use", kid, %signs_from, ?retired_at);
            }
            state.keys = keys;
            // Tokens of a retired key are no longer valid.
            self.verified.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Ends the tokens of these sessions.
    pub fn end_sessions(&self, sessions: impl IntoIterator<Item = Uuid>) {
        let now = self.clock.instant();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.ended.extend(sessions.into_iter().map(|id| (id, now)));
    }

    /// Ends the tokens of these accounts that carry a lower generation.
    pub fn revoke_tokens_before(&self, accounts: impl IntoIterator<Item = (Uuid, i32)>) {
        let now = self.clock.instant();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (id, generation) in accounts {
            let entry = state.generations.entry(id).or_insert((generation, now));
            *entry = (entry.0.max(generation), now);
        }
    }

    /// Forgets revocations that are older than any valid token.
    pub fn forget_old(&self) {
        let now = self.clock.instant();
        let recent = |at: &Instant| now.duration_since(*at) < REVOCATION_LIFETIME;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.generations.retain(|_, (_, at)| recent(at));
        state.ended.retain(|_, at| recent(at));
    }

    /// Signs claims with the current key.
    pub fn sign(&self, claims: &Claims) -> Result<String, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys::signing(&state.keys, self.clock.now());
        token::sign(key.ok_or_else(|| Error::internal("no signing key"))?, claims)
    }

    /// Returns whether a token names a key that is unknown here; another instance may have made it.
    pub fn has_unknown_kid(&self, token: &str) -> bool {
        let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        if verified.contains_key(token) {
            return false;
        }
        drop(verified);
        let Some(kid) = token::kid(token) else { return false };
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.keys.iter().all(|key| key.kid != kid)
    }

    /// Returns whether the keys may be read again now: at most every two seconds, so that invalid tokens cost little.
    pub fn should_refresh_keys(&self) -> bool {
        let now = self.clock.instant();
        let mut last = self.refreshed_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|at| now.duration_since(at) >= REFRESH_INTERVAL);
        if may {
            *last = Some(now);
        }
        may
    }

    /// Returns the actor of a token, or 401. Checks expiry and revocation at each call, the signature once.
    pub fn verify(&self, token: &str) -> Result<Arc<Actor>, Error> {
        let known = self
            .verified
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(token)
            .cloned();
        let (claims, actor) = match known {
            Some(known) => known,
            None => self.verify_afresh(token)?,
        };
        if !claims.is_current(self.clock.now()) || self.is_revoked(&claims) {
            return Err(Error::new(Code::InvalidToken));
        }
        Ok(actor)
    }

    fn verify_afresh(&self, token: &str) -> Result<Verified, Error> {
        // Locked to the end: a key must not be withdrawn between the check and the insertion.
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let published = |key: &&Key| key.is_published(now);
        let claims = token::verify(token, state.keys.iter().filter(published), self.issuer())?;
        let entry = (Arc::new(claims.clone()), Arc::new(claims.actor()));
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= CAPACITY {
            verified.clear();
        }
        verified.insert(token.to_owned(), entry.clone());
        Ok(entry)
    }

    fn is_revoked(&self, claims: &Claims) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let outdated = state
            .generations
            .get(&claims.sub)
            .is_some_and(|(lowest, _)| claims.generation < *lowest);
        outdated || state.ended.contains_key(&claims.sid)
    }
}
