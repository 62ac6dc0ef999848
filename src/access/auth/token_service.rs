//! Signs and verifies tokens: the keys and the ended sessions in memory, for every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::Utc;
use uuid::Uuid;

use super::keys::{self, Key};
use super::throttle::FailureLimiter;
use super::token::{self, Claims};
use crate::access::actor::Actor;
use crate::platform::error::{Code, Error};

/// The number of verified tokens in memory; at the bound the memory is cleared.
const REMEMBERED: usize = 10_000;
/// How long a revocation stays in memory: longer than an access token lives.
const REMEMBERED_FOR: Duration = Duration::from_secs(20 * 60);

/// The least time between two readings of the keys that tokens by strange keys lead to.
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// A token with a valid signature.
type Verified = (Arc<Claims>, Arc<Actor>);

/// Verifies tokens. Shared by all workers.
#[derive(Debug)]
pub struct TokenService {
    issuer: String,
    state: RwLock<State>,
    verified: RwLock<HashMap<String, Verified>>,
    throttle: FailureLimiter,
    /// When keys were last read for a token whose key is unknown here.
    looked: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Key>,
    /// Lowest generation that is still good, for accounts that changed lately.
    generations: HashMap<Uuid, (i32, Instant)>,
    /// Sessions that ended lately.
    ended: HashMap<Uuid, Instant>,
}

impl TokenService {
    pub fn new(issuer: impl Into<String>, keys: Vec<Key>) -> Self {
        let state = State {
            keys,
            ..State::default()
        };
        Self {
            issuer: issuer.into(),
            state: RwLock::new(state),
            verified: RwLock::default(),
            throttle: FailureLimiter::default(),
            looked: Mutex::default(),
        }
    }

    /// The failed passwords and enrolment codes.
    pub fn throttle(&self) -> &FailureLimiter {
        &self.throttle
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The published keys, the signing one first.
    pub fn keys(&self) -> Vec<Key> {
        let now = Utc::now();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let signs = keys::signing(&state.keys, now).map(|key| key.kid.clone());
        let mut published: Vec<Key> = state.keys.iter().filter(|k| k.is_published(now)).cloned().collect();
        published.sort_by_key(|key| Some(&key.kid) != signs.as_ref());
        published
    }

    /// Takes the keys as the database has them now.
    pub fn set_keys(&self, keys: Vec<Key>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let said = |key: &Key| (key.kid.clone(), key.signs_from, key.retired_at);
        let same = state.keys.iter().map(said).eq(keys.iter().map(said));
        if !same {
            for key in &keys {
                let (kid, signs_from, retired_at) = said(key);
                tracing::info!(target: "iku::audit", what = "signing key in use", kid, %signs_from, ?retired_at);
            }
            state.keys = keys;
            // Tokens of a retired key are no longer valid.
            self.verified.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Ends the tokens of these sessions.
    pub fn end_sessions(&self, sessions: impl IntoIterator<Item = Uuid>) {
        let now = Instant::now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.ended.extend(sessions.into_iter().map(|id| (id, now)));
    }

    /// Ends the tokens of these accounts that carry a lower generation.
    pub fn revoke_tokens_before(&self, accounts: impl IntoIterator<Item = (Uuid, i32)>) {
        let now = Instant::now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (id, generation) in accounts {
            let entry = state.generations.entry(id).or_insert((generation, now));
            *entry = (entry.0.max(generation), now);
        }
    }

    /// Forgets revocations that are older than any valid token.
    pub fn forget_old(&self) {
        let now = Instant::now();
        let recent = |at: &Instant| now.duration_since(*at) < REMEMBERED_FOR;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.generations.retain(|_, (_, at)| recent(at));
        state.ended.retain(|_, at| recent(at));
    }

    /// Signs claims with the current key.
    pub fn sign(&self, claims: &Claims) -> Result<String, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys::signing(&state.keys, Utc::now());
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

    /// Returns whether the keys may be read again now. At most every two seconds, so that made-up tokens cost nothing.
    pub fn should_refresh_keys(&self) -> bool {
        let now = Instant::now();
        let mut last = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|at| now.duration_since(at) >= LOOKS_EVERY);
        if may {
            *last = Some(now);
        }
        may
    }

    /// The actor behind a token, or 401. Expiry and revocation are checked at each call, the signature once.
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
        if claims.exp < Utc::now().timestamp() || self.is_revoked(&claims) {
            return Err(Error::new(Code::InvalidToken));
        }
        Ok(actor)
    }

    fn verify_afresh(&self, token: &str) -> Result<Verified, Error> {
        // Locked to the end: withdrawing a key clears the verified tokens and must not happen in between.
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let now = Utc::now();
        let published = |key: &&Key| key.is_published(now);
        let claims = token::verify(token, state.keys.iter().filter(published), &self.issuer)?;
        let entry = (Arc::new(claims.clone()), Arc::new(claims.actor()));
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
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
        outdated || claims.sid.is_some_and(|sid| state.ended.contains_key(&sid))
    }
}
