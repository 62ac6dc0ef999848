//! Encrypts what the database holds with a key from outside of it, so that a copy of the database is of no use alone.
//!
//! A sealed value is one byte (the format, 1), the nonce, the ciphertext and its tag: AES-256-GCM, with the name of the
//! value as associated data, so that two sealed values cannot be exchanged.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::db::lock;
use crate::platform::error::{Error, OrInternal};

/// The first byte of a sealed value. A plain private key (DER) begins with 0x30.
const FORMAT: u8 = 1;
const KEY_LEN: usize = 32;

/// A key from outside the database.
#[derive(Clone)]
pub struct SealingKey(Arc<RandomizedNonceKey>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SealingKey {
    /// Reads a file with 32 random bytes, raw or as base64. The error is a sentence that names the setting.
    pub fn from_file(file: &Path) -> Result<Self, String> {
        let shown = file.display();
        let content = fs::read(file).map_err(|e| format!("IKU_KEY_FILE cannot be read: {shown}: {e}."))?;
        lock::make_private(file);
        let bytes = key_bytes(&content).ok_or_else(|| {
            format!("IKU_KEY_FILE must name a file with 32 random bytes, raw or as base64; {shown} has something else.")
        })?;
        Self::new(&bytes).map_err(|e| e.to_string())
    }

    pub fn new(key: &[u8; KEY_LEN]) -> Result<Self, Error> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).or_internal()?;
        Ok(Self(Arc::new(key)))
    }

    pub fn seal(&self, name: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut text = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut text);
        let nonce = nonce.or_internal()?;
        Ok([&[FORMAT][..], nonce.as_ref().as_slice(), text.as_slice()].concat())
    }

    /// Returns the plain value; `None`: another key, or another name, sealed it.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.strip_prefix(&[FORMAT])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut text)
            .ok()?;
        Some(plain.to_vec())
    }
}

/// Returns whether a value is sealed.
pub fn is_sealed(value: &[u8]) -> bool {
    value.first() == Some(&FORMAT)
}

fn key_bytes(content: &[u8]) -> Option<[u8; KEY_LEN]> {
    if let Ok(raw) = content.try_into() {
        return Some(raw);
    }
    let text = std::str::from_utf8(content).ok()?.trim();
    let decoded = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok())?;
    decoded.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_name_open_a_sealed_value() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let sealed = key.seal("kid", b"rahasia").unwrap();
        assert!(is_sealed(&sealed) && !sealed.windows(7).any(|w| w == b"rahasia"));
        assert_eq!(key.open("kid", &sealed).unwrap(), b"rahasia");
        assert!(key.open("lain", &sealed).is_none());
        assert!(SealingKey::new(&[8; 32]).unwrap().open("kid", &sealed).is_none());
        assert!(key.open("kid", &[]).is_none() && key.open("kid", &sealed[..9]).is_none());
        assert_ne!(sealed, key.seal("kid", b"rahasia").unwrap());
    }

    #[test]
    fn a_key_file_has_32_bytes_raw_or_as_base64() {
        let bytes: [u8; 32] = std::array::from_fn(|i| i as u8);
        assert_eq!(key_bytes(&bytes), Some(bytes));
        for text in [STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes) + "\n"] {
            assert_eq!(key_bytes(text.as_bytes()), Some(bytes));
        }
        for wrong in [
            &b"rahasia"[..],
            &[0; 31],
            &[0xff; 33],
            STANDARD.encode([0; 31]).as_bytes(),
        ] {
            assert_eq!(key_bytes(wrong), None);
        }
    }
}
