//! Passwords: argon2id with OWASP's parameters (12 MiB, three passes, one lane), stored as PHC strings.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use unicode_normalization::UnicodeNormalization;

use super::hash_queue::{self, Caller, HashPermit};
use crate::platform::error::Error;

/// Characters of a password that people choose.
pub const SHORTEST: usize = 10;
pub const LONGEST: usize = 200;

const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// The password of an unknown user is compared with this hash, so that the refusal takes the same time. No password is
/// known for it.
const NOBODY: &str =
    "$argon2id$v=19$m=12288,t=3,p=1$aWt1LW5vYm9keS1zYWx0MQ$Uo8gW5yUQmTqkzkCwYyqB1v5Hq0m0mD1y9oJt8f3c2E";

/// Hashes a password.
pub async fn hash(password: &str, caller: Caller<'_>) -> Result<String, Error> {
    let permit = hash_queue::acquire(caller).await?;
    let password = normal(password);
    // The permit moves into the task: a caller that disconnects does not free it before the hash is done.
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let hash = hasher()?.hash_password(password.as_bytes()).map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await
    .map_err(Error::internal)?
}

/// Returns whether this is the password. `None` (an unknown user) takes as long and returns false.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let caller = Caller {
            network: "192.0.2.7",
            is_known: true,
        };
        let hash = hash("kata sandi é", caller).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{hash}");
        let right = |hash: Option<&str>, password: &'static str| {
            let hash = hash.map(str::to_owned);
            async move {
                verify(hash_queue::acquire(caller).await.unwrap(), hash, password)
                    .await
                    .unwrap()
            }
        };
        assert!(right(Some(&hash), "kata sandi é").await);
        // The same letters, composed differently.
        assert!(right(Some(&hash), "kata sandi e\u{301}").await);
        assert!(!right(Some(&hash), "kata sandi").await);
        assert!(!right(None, "kata sandi é").await);
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
