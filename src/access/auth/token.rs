//! Access tokens by RFC 9068: `typ: at+jwt`, EdDSA, 15 minutes.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Key;
use crate::access::actor::Actor;
use crate::access::permissions::SCOPES;
use crate::access::role::{Role, Section};
use crate::platform::error::{Code, Error};

/// Seconds that an access token lives.
pub const LIFETIME: i64 = 900;
pub const AUDIENCE: &str = "iku";
const TYPE: &str = "at+jwt";
/// Seconds that the clocks of two instances may differ.
const LEEWAY: i64 = 5;

/// The claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Uuid,
    pub client_id: String,
    pub iat: i64,
    pub exp: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
    pub jti: Uuid,
    pub scope: String,
    pub username: String,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub district: Option<String>,
    pub sections: Vec<Section>,
    /// Of a reporter: the village whose reports it hands in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub village: Option<String>,
    /// When the holder last showed a password or a secret.
    #[serde(default)]
    pub auth_time: i64,
    /// The token generation of the account: a change that must end earlier tokens increments it.
    pub generation: i32,
    /// The session that this token belongs to.
    pub sid: Uuid,
}

impl Claims {
    /// Returns whether the token is neither expired nor from the future, and lives no longer than this service lets it.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let lives = self.exp.saturating_sub(self.iat);
        lives <= LIFETIME && now <= self.exp && self.iat.max(self.nbf.unwrap_or(self.iat)) <= now + LEEWAY
    }

    /// Returns the actor, without scopes that the role does not have (or no longer has).
    pub fn actor(&self) -> Actor {
        let allowed = self.role.may_hold();
        let held = |scope: &&str| self.scope.split(' ').any(|s| s == *scope) && allowed.contains(scope);
        Actor {
            id: self.sub,
            username: self.username.clone(),
            role: self.role,
            district: self.district.clone(),
            sections: self.sections.clone(),
            village: self.village.clone(),
            scopes: SCOPES.iter().map(|(scope, _)| *scope).filter(held).collect(),
            session: Some(self.sid),
            token_id: Some(self.jti),
            client_id: Some(self.client_id.clone()),
            authenticated_at: DateTime::from_timestamp(self.auth_time, 0).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }
}

pub fn sign(key: &Key, claims: &Claims) -> Result<String, Error> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, claims, &key.signs).map_err(Error::internal)
}

/// Tokens of this service have some 700 bytes. A longer text than this is not parsed.
const LONGEST: usize = 4096;

/// The id of the key that a token names.
pub fn kid(token: &str) -> Option<String> {
    let read = (token.len() <= LONGEST).then(|| jsonwebtoken::decode_header(token));
    read?.ok()?.kid
}

/// Returns the claims of a token that one of these keys signed for this service, whatever its times are; else 401.
/// `issuer`: the only valid one; `None`: every address, because only this service has the keys.
pub fn verify<'a>(token: &str, keys: impl IntoIterator<Item = &'a Key>, issuer: Option<&str>) -> Result<Claims, Error> {
    let refuse = || Error::new(Code::InvalidToken);
    if token.len() > LONGEST {
        return Err(refuse());
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| refuse())?;
    let ours = header.alg == Algorithm::EdDSA
        && header
            .typ
            .as_deref()
            .is_some_and(|t| t.eq_ignore_ascii_case(TYPE) || t.eq_ignore_ascii_case("application/at+jwt"))
        && header.crit.is_none();
    let kid = header.kid.filter(|_| ours).ok_or_else(refuse)?;
    let key = keys.into_iter().find(|k| k.kid == kid).ok_or_else(refuse)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    if let Some(issuer) = issuer {
        validation.set_issuer(&[issuer]);
    }
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The service's clock judges the times: `Claims::is_current`.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.verifies, &validation);
    let claims = claims.map_err(|_| refuse())?.claims;
    let is_address = ["https://", "http://"]
        .iter()
        .any(|scheme| claims.iss.starts_with(scheme));
    is_address.then_some(claims).ok_or_else(refuse)
}
