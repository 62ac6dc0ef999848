//! Digests of content. The order of keys, white space, the Unicode form, and null instead of an absent member do not
//! change them.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::error::{Error, OrInternal};

/// Returns the SHA-256 of the canonical form of a value.
pub fn canonical_digest(content: &impl Serialize) -> Result<[u8; 32], Error> {
    let mut value = serde_json::to_value(content).or_internal()?;
    make_canonical(&mut value);
    let bytes = serde_json::to_vec(&value).or_internal()?;
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, &bytes).as_ref());
    Ok(out)
}

/// Returns the same digest in lower-case hexadecimal.
pub fn canonical_hex(content: &impl Serialize) -> Result<String, Error> {
    Ok(to_hex(&canonical_digest(content)?))
}

/// Returns the SHA-256 of bytes in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    to_hex(digest(&SHA256, bytes).as_ref())
}

pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digits = bytes.iter().flat_map(|b| [b >> 4, b & 15]);
    digits.filter_map(|d| DIGITS.get(usize::from(d))).collect()
}

/// Sorts keys (serde_json's map is a B-tree), drops nulls, and converts strings to NFC.
fn make_canonical(value: &mut Value) {
    match value {
        Value::String(s) if !s.is_ascii() => *s = s.nfc().collect(),
        Value::Array(items) => items.iter_mut().for_each(make_canonical),
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(make_canonical);
        }
        _ => {}
    }
}
