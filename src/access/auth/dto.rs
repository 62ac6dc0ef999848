//! Requests and responses of the token endpoints (RFC 6749, 7009, 7517).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request for a token. `grant_type` decides which members are needed. Other members are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "password", "username": "admin", "password": "rahasia-sekali"}))]
pub struct TokenRequest {
    /// `password` (people), `client_credentials` (systems and phones) or `refresh_token`.
    #[schema(min_length = 1, max_length = 200, example = "password")]
    pub grant_type: String,
    /// With `password`.
    #[schema(max_length = 200, nullable = false, example = "admin")]
    pub username: Option<String>,
    /// With `password`.
    #[schema(max_length = 200, nullable = false, format = "password")]
    pub password: Option<String>,
    /// With `refresh_token`.
    #[schema(max_length = 4096, nullable = false)]
    pub refresh_token: Option<String>,
    /// With `client_credentials`, unless HTTP Basic carries it.
    #[schema(max_length = 200, nullable = false, example = "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69")]
    pub client_id: Option<String>,
    /// With `client_credentials`, unless HTTP Basic carries it.
    #[schema(max_length = 200, nullable = false, format = "password")]
    pub client_secret: Option<String>,
    /// Scopes, separated by spaces. Absent or empty: all scopes of the role.
    #[schema(max_length = 4096, nullable = false, example = "reports:read reports:write")]
    pub scope: Option<String>,
}

/// An access token, to be sent as `Authorization: Bearer ...`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// A JWT (RFC 9068).
    #[schema(max_length = 8192)]
    pub access_token: String,
    #[schema(max_length = 10, example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds.
    #[schema(minimum = 1, maximum = 86400, example = 900)]
    pub expires_in: i64,
    /// Exchanges for the next access token. Absent with `client_credentials`: send that request again instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, nullable = false)]
    pub refresh_token: Option<String>,
    /// The scopes of the token.
    #[schema(max_length = 4096, example = "reports:read reports:write")]
    pub scope: String,
}

/// The token to revoke.
#[derive(Deserialize, ToSchema)]
pub struct RevokeRequest {
    /// A refresh token or an access token.
    #[schema(min_length = 1, max_length = 8192, example = "contoh-token-penyegar")]
    pub token: String,
    /// Ignored: the service recognises the kind of the token.
    #[schema(max_length = 100, nullable = false, example = "refresh_token")]
    pub token_type_hint: Option<String>,
}

/// The public keys that verify access tokens (RFC 7517, 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonWebKeySet {
    #[schema(max_items = 100)]
    pub keys: Vec<JsonWebKey>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JsonWebKey {
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
}
