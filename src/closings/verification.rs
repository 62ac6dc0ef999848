//! Verifies a statement and its document without a database, as a stranger does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use uuid::Uuid;

pub use super::statement::{Document, JournalHead, Reference};

use super::statement::TYPE;
use crate::access::auth::closing_keys;
use crate::platform::fingerprint::sha256_hex;

/// Clocks of instances may differ by this much.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// The name of Ed25519 signatures in RFC 8037, and the one of RFC 9864.
const ALGORITHMS: [&str; 2] = ["EdDSA", "Ed25519"];

/// What a statement says, as far as it is verified.
#[derive(Clone, Debug, Deserialize)]
pub struct Statement {
    pub jti: Uuid,
    pub district: String,
    pub period: String,
    pub version: i32,
    pub as_of: DateTime<Utc>,
    pub document: Document,
    pub previous: Option<Reference>,
    pub replaces: Option<Reference>,
    pub journal: Option<JournalHead>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Deserialize)]
struct ClosedBy {
    closed_by: Office,
}

#[derive(Deserialize)]
struct Office {
    title: String,
}

/// A published key.
#[derive(Clone, Debug, Deserialize)]
pub struct PublishedKey {
    pub kid: String,
    crv: String,
    x: String,
    signs_until: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublishedKey>,
}

impl PublishedKey {
    /// Returns the fingerprint to compare with the one that the office published elsewhere.
    pub fn fingerprint(&self) -> String {
        closing_keys::fingerprint(&URL_SAFE_NO_PAD.decode(&self.x).unwrap_or_default())
    }
}

/// Returns the keys of a JSON Web Key Set. The error is a sentence.
pub fn keys(text: &str) -> Result<Vec<PublishedKey>, String> {
    let set: KeySet = serde_json::from_str(text).map_err(|e| format!("The keys cannot be read: {e}."))?;
    Ok(set.keys)
}

/// Returns what a statement says and the key that signed it. The error is a sentence.
pub fn statement(text: &str, keys: &[PublishedKey]) -> Result<(Statement, PublishedKey), String> {
    let [header, payload, signature] = parts(text)?;
    let read: Header = json(header, "header")?;
    if !ALGORITHMS.contains(&read.alg.as_str()) || read.typ != TYPE {
        return Err(format!(
            "The file is no statement of a closing: {} {}.",
            read.typ, read.alg
        ));
    }
    let key = keys.iter().find(|key| key.kid == read.kid && key.crv == "Ed25519");
    let key = key.ok_or_else(|| format!("The key {} that signed the statement is not among the keys.", read.kid))?;
    let public = DecodingKey::from_ed_components(&key.x).map_err(|e| format!("The key {}: {e}.", key.kid))?;
    let signed = format!("{header}.{payload}");
    match crypto::verify(signature, signed.as_bytes(), &public, Algorithm::EdDSA) {
        Ok(true) => {}
        Ok(false) | Err(_) => {
            return Err("The signature of the statement is wrong: the statement was changed.".to_owned());
        }
    }
    let said: Statement = json(payload, "content")?;
    match key.signs_until {
        Some(until) if said.as_of > until + MARGIN => Err(format!(
            "The key {} did not sign at {}: it signed until {until}.",
            key.kid, said.as_of
        )),
        _ => Ok((said, key.clone())),
    }
}

/// Returns the office of the person who closed, such as `Camat`. Nothing is verified. The error is a sentence.
pub fn office_of_closer(text: &str) -> Result<String, String> {
    let [_, payload, _] = parts(text)?;
    json::<ClosedBy>(payload, "content").map(|said| said.closed_by.title)
}

/// Checks that a document is the one that the statement names. The error is a sentence.
pub fn document(bytes: &[u8], said: &Statement) -> Result<(), String> {
    let found = sha256_hex(bytes);
    match found == said.document.sha256 && bytes.len() as u64 == said.document.bytes {
        true => Ok(()),
        false => Err(format!(
            "The document is not the one of the statement: its SHA-256 is {found}, and the statement names {}.",
            said.document.sha256
        )),
    }
}

fn parts(text: &str) -> Result<[&str; 3], String> {
    let parts: Vec<&str> = text.split('.').collect();
    parts
        .try_into()
        .map_err(|_| "The statement has not the three parts of a compact JWS.".to_owned())
}

fn json<T: for<'a> Deserialize<'a>>(part: &str, name: &str) -> Result<T, String> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|e| format!("The {name} of the statement: {e}."))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("The {name} of the statement: {e}."))
}
