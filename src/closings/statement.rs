//! The statement of a closing: a compact JWS (RFC 7515) with Ed25519, which any JWT library verifies.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::document::{Closer, Head};
use crate::access::auth::keys::Key;
use crate::core::formula::Status;
use crate::platform::db::journal;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint::{sha256_hex, to_hex};
use crate::results::realisations::dto::Realisation;

/// `typ` of the header.
pub const TYPE: &str = "iku-closing+jwt";

#[derive(Serialize)]
pub struct Claims<'a> {
    /// The address of the service.
    pub iss: &'a str,
    /// The id of the closing.
    pub jti: Uuid,
    /// `as_of` in seconds.
    pub iat: i64,
    pub district: &'a str,
    /// The numbers of the decrees that set the indicators.
    pub decrees: Vec<String>,
    pub period: String,
    pub version: i32,
    pub reason: Option<&'a str>,
    pub as_of: DateTime<Utc>,
    pub closed_by: &'a Closer,
    pub same_hand: bool,
    pub document: Document,
    /// The closing of the district before this one.
    pub previous: Option<Reference>,
    /// The version before of the same period.
    pub replaces: Option<Reference>,
    /// The head of the district's journal before the closing itself.
    pub journal: Option<JournalHead>,
    pub values: Vec<Value>,
}

/// The document of a closing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// In hexadecimal, as `sha256sum` prints it.
    pub sha256: String,
    pub bytes: u64,
}

impl Document {
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: sha256_hex(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

/// Another statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub jti: Uuid,
    pub sha256: String,
}

/// The last row of a chain of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalHead {
    pub chain: String,
    pub seq: i64,
    pub hash: String,
}

impl JournalHead {
    /// Returns the head of a district's chain; `None` if the chain is empty.
    pub async fn of(conn: &impl ConnectionTrait, district: &str) -> Result<Option<Self>, Error> {
        let head = journal::head(conn, district).await?;
        Ok(head.map(|head| Self {
            chain: district.to_owned(),
            seq: head.seq,
            hash: to_hex(&head.hash),
        }))
    }
}

#[derive(Serialize)]
pub struct Value {
    indicator: String,
    value: Option<Decimal2>,
    exact: Option<String>,
    target: Option<Decimal2>,
    achievement: Option<Decimal2>,
    status: Status,
}

impl Value {
    pub fn of(realisation: &Realisation) -> Self {
        Self {
            indicator: realisation.indicator.code.to_string(),
            value: realisation.value,
            exact: realisation.exact.clone(),
            target: realisation.target,
            achievement: realisation.achievement,
            status: realisation.status,
        }
    }
}

impl<'a> Claims<'a> {
    pub fn new(iss: &'a str, head: &'a Head, document: &[u8]) -> Self {
        Self {
            iss,
            jti: head.id,
            iat: head.closed_at.timestamp(),
            district: &head.district_code,
            decrees: Vec::new(),
            period: head.period.to_string(),
            version: head.version,
            reason: head.reason.as_deref(),
            as_of: head.closed_at,
            closed_by: &head.closed_by,
            same_hand: false,
            document: Document::of(document),
            previous: None,
            replaces: None,
            journal: None,
            values: Vec::new(),
        }
    }

    pub fn sign(&self, key: &Key) -> Result<String, Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, self, &key.signs).or_internal()
    }
}
