//! The code: 80 random bits as 16 characters of Crockford's base32, which people can read out and type.
//!
//! Only its SHA-256 is stored, as of secrets: that many random bits cannot be guessed from the digest.

use crate::access::auth::secret;
use crate::platform::error::Error;

/// No I, L, O or U (<https://www.crockford.com/base32.html>).
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Returns a new code, `XXXX-XXXX-XXXX-XXXX`.
pub fn generate() -> Result<String, Error> {
    Ok(grouped(&random::<16>()?, 4))
}

/// Returns random characters of the alphabet.
pub fn random<const N: usize>() -> Result<String, Error> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(Error::internal)?;
    // Five bits of each byte: all 32 characters are equally likely.
    Ok(bytes
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(b & 31)]))
        .collect())
}

/// Returns a code in groups, as it is read out.
pub fn grouped(code: &str, size: usize) -> String {
    let characters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = characters.chunks(size).map(|g| g.iter().collect()).collect();
    groups.join("-")
}

/// Returns the code that a typed text means. Lower case, hyphens, O for 0 and I or L for 1 make no difference.
pub fn meant(typed: &str) -> String {
    let meant = typed
        .chars()
        .filter(|c| *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        });
    meant.collect()
}

/// Returns the stored digest of a code.
pub fn digest_of(typed: &str) -> Vec<u8> {
    secret::digest_of(&meant(typed))
}
