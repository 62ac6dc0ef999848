//! The code: 80 random bits as 16 characters of Crockford's base32, which people can read out and type.
//!
//! Only its SHA-256 is stored, as of secrets: that many random bits cannot be guessed from the digest.

use crate::access::auth::secret;
use crate::platform::error::Error;

/// No I, L, O or U (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Returns a new code, `XXXX-XXXX-XXXX-XXXX`.
pub fn generate() -> Result<String, Error> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(Error::internal)?;
    // Five bits of each byte: all 32 characters are equally likely.
    let characters: Vec<char> = bytes
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(b & 31)]))
        .collect();
    let groups: Vec<String> = characters.chunks(4).map(|g| g.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Returns the stored digest of a code. Lower case, missing hyphens, O for 0 and I or L for 1 make no difference.
pub fn digest_of(typed: &str) -> Vec<u8> {
    let meant = typed
        .chars()
        .filter(|c| *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        });
    secret::digest_of(&meant.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_four_groups_of_the_alphabet_and_does_not_come_again() {
        let codes: Vec<String> = (0..200).map(|_| generate().unwrap()).collect();
        for code in &codes {
            let groups: Vec<&str> = code.split('-').collect();
            assert!(groups.iter().all(|g| g.len() == 4) && groups.len() == 4, "{code}");
            assert!(groups.concat().bytes().all(|b| ALPHABET.contains(&b)), "{code}");
        }
        let mut once = codes.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), codes.len());
        // Every character comes: of 3200, none is missing by chance.
        let all = codes.concat();
        assert!(ALPHABET.iter().all(|b| all.contains(char::from(*b))));
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = "10AB-CDEF-0123-WXYZ";
        for typed in ["10ABCDEF0123WXYZ", "ioab-cdef-ol23-wxyz", "L0AB-CDEF-O123WXYZ"] {
            assert_eq!(digest_of(typed), digest_of(code), "{typed}");
        }
        assert_ne!(digest_of("10AB-CDEF-0123-WXY0"), digest_of(code));
    }
}
