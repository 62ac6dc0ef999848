//! Passwords: argon2id with OWASP's parameters (12 MiB, three passes, one lane), stored as PHC strings.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, SemaphorePermit};
use unicode_normalization::UnicodeNormalization;

use crate::platform::error::{Code, Error, FieldCode, FieldError};
use crate::platform::text::Text;

/// Characters of a password that people choose.
pub const SHORTEST: usize = 10;
pub const LONGEST: usize = 200;

const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Hashes at work at one time: each takes 12 MiB and one core.
static AT_WORK: Semaphore = Semaphore::const_new(2);
/// Hashes at work or waiting; beyond that the caller is told 503.
static ADMITTED: Semaphore = Semaphore::const_new(512);

/// The password of an unknown user is compared with this hash, so that the refusal takes the same time. No password is
/// known for it.
const NOBODY: &str =
    "$argon2id$v=19$m=12288,t=3,p=1$aWt1LW5vYm9keS1zYWx0MQ$Uo8gW5yUQmTqkzkCwYyqB1v5Hq0m0mD1y9oJt8f3c2E";

/// The right to compute one hash; it can be asked for before the decision whether to compute at all.
#[derive(Debug)]
pub struct HashPermit {
    _work: SemaphorePermit<'static>,
    _admission: SemaphorePermit<'static>,
}

/// Waits for one's turn.
pub async fn acquire() -> Result<HashPermit, Error> {
    let admission = ADMITTED.try_acquire().map_err(|_| Error::unavailable())?;
    let work = AT_WORK.acquire().await.map_err(Error::internal)?;
    Ok(HashPermit {
        _work: work,
        _admission: admission,
    })
}

/// Hashes a password.
pub async fn hash(password: &str) -> Result<String, Error> {
    let permit = acquire().await?;
    let password = normal(password);
    // The turn moves along: a caller who goes away does not make room for a third one.
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let hash = hasher()?.hash_password(password.as_bytes()).map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await
    .map_err(Error::internal)?
}

/// Is this the password? `None`, an unknown user, takes as long and is never right.
pub async fn verify(permit: HashPermit, hash: Option<String>, password: &str) -> Result<bool, Error> {
    let password = normal(password);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let known = hash.is_some();
        let hash = hash.as_deref().unwrap_or(NOBODY);
        let parsed = PasswordHash::new(hash).map_err(Error::internal)?;
        let right = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(known && right)
    })
    .await
    .map_err(Error::internal)?
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// One password typed on two keyboards is the same password (NIST SP 800-63B).
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// For passwords that did not come through the API (whose contract says the same).
pub fn must_be_long_enough(password: &str) -> Result<(), Error> {
    if (SHORTEST..=LONGEST).contains(&password.chars().count()) {
        return Ok(());
    }
    let detail = Text::new(
        format!("Kata sandi harus {SHORTEST} sampai {LONGEST} karakter."),
        format!("A password has {SHORTEST} to {LONGEST} characters."),
    );
    Err(Error::fields(
        Code::RuleBroken,
        vec![FieldError {
            pointer: "#/password".to_owned(),
            code: FieldCode::Problem(Code::RuleBroken),
            detail,
        }],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let hash = hash("kata sandi é").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{hash}");
        let right = |hash: Option<&str>, password: &'static str| {
            let hash = hash.map(str::to_owned);
            async move { verify(acquire().await.unwrap(), hash, password).await.unwrap() }
        };
        assert!(right(Some(&hash), "kata sandi é").await);
        // The same letters, composed differently.
        assert!(right(Some(&hash), "kata sandi e\u{301}").await);
        assert!(!right(Some(&hash), "kata sandi").await);
        assert!(!right(None, "kata sandi é").await);
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
