//! The public keys that verify statements. None is ever withdrawn.

use actix_web::{get, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use ::entity::signing_key;

use crate::access::Public;
use crate::access::auth::closing_keys;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::Tagged;

/// The public keys that verify the statements of closings (RFC 7517, 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingKeySet {
    #[schema(max_items = 1000)]
    pub keys: Vec<ClosingKey>,
}

/// A public key with its validity.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingKey {
    #[schema(max_length = 10, example = "OKP")]
    pub kty: &'static str,
    #[schema(max_length = 20, example = "Ed25519")]
    pub crv: &'static str,
    #[serde(rename = "use")]
    #[schema(max_length = 10, example = "sig")]
    pub usage: &'static str,
    #[schema(max_length = 20, example = "EdDSA")]
    pub alg: &'static str,
    #[schema(max_length = 100, example = "3f0e4c579a316c1f0e3c2b110b6f7d9e")]
    pub kid: String,
    /// The public key, base64url.
    #[schema(max_length = 100, example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
    /// SHA-256 of the 32 bytes of the public key. Compare it with the fingerprint that the office published elsewhere.
    #[schema(
        max_length = 100,
        example = "21fe 31df a154 a261 626b f854 046f d227 1b7b ed4b 6abe 45aa 5887 7ef4 7f97 21b9"
    )]
    pub fingerprint: String,
    /// The instant from which the key signs.
    pub signs_from: DateTime<Utc>,
    /// The instant from which the key signs no more; null: it signs. It verifies earlier statements for ever.
    #[schema(required)]
    pub signs_until: Option<DateTime<Utc>>,
}

impl From<signing_key::Model> for ClosingKey {
    fn from(row: signing_key::Model) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            usage: "sig",
            alg: "EdDSA",
            kid: row.kid,
            x: URL_SAFE_NO_PAD.encode(&row.public_key),
            fingerprint: closing_keys::fingerprint(&row.public_key),
            signs_from: row.signs_from,
            signs_until: row.retired_at,
        }
    }
}

/// Keys of closings
///
/// The public keys that verify the statements of closings, as a JSON Web Key Set, the oldest first. Keys that sign no more stay in
/// it. They are not the keys of access tokens.
#[utoipa::path(
    tag = "closings", operation_id = "getClosingKeys",
    security(()),
    responses((status = 200, description = "The keys", body = ClosingKeySet, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/closings/keys")]
pub async fn list(_public: Public, db: web::Data<Db>) -> Result<Tagged<ClosingKeySet>, Error> {
    Tagged::by_content(db.read_one(async |tx| published(tx).await).await?)
}

/// Returns all keys that ever signed closings.
pub async fn published(conn: &impl ConnectionTrait) -> Result<ClosingKeySet, Error> {
    let rows = closing_keys::list(conn).await?;
    let keys = rows.into_iter().map(ClosingKey::from).collect();
    Ok(ClosingKeySet { keys })
}
