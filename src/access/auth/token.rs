//! Access tokens by RFC 9068: `typ: at+jwt`, EdDSA, 15 minutes.

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
const LEEWAY: u64 = 5;

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Uuid,
    pub client_id: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: Uuid,
    pub scope: String,
    pub username: String,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub district: Option<String>,
    pub sections: Vec<Section>,
    /// The account's generation: a change that must end tokens raises it.
    pub generation: i32,
    /// The session that this token belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Uuid>,
}

impl Claims {
    /// The actor; scopes that are not (or no longer) known or allowed to the role are passed over.
    pub fn actor(&self) -> Actor {
        let allowed = self.role.may_hold();
        let held = |scope: &&str| self.scope.split(' ').any(|s| s == *scope) && allowed.contains(scope);
        Actor {
            id: self.sub,
            username: self.username.clone(),
            role: self.role,
            district: self.district.clone(),
            sections: self.sections.clone(),
            scopes: SCOPES.iter().map(|(scope, _)| *scope).filter(held).collect(),
            session: self.sid,
        }
    }
}

pub fn sign(key: &Key, claims: &Claims) -> Result<String, Error> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, claims, &key.signs).map_err(Error::internal)
}

/// Ours have some 700 bytes; what is far longer is not read.
const LONGEST: usize = 4096;

/// The id of the key that a token names.
pub fn kid(token: &str) -> Option<String> {
    let read = (token.len() <= LONGEST).then(|| jsonwebtoken::decode_header(token));
    read?.ok()?.kid
}

/// The claims of a token that one of these keys signed for us and that is in its time; else 401.
pub fn verify<'a>(token: &str, keys: impl IntoIterator<Item = &'a Key>, issuer: &str) -> Result<Claims, Error> {
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
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = LEEWAY;
    jsonwebtoken::decode::<Claims>(token, &key.verifies, &validation)
        .map(|d| d.claims)
        .map_err(|_| refuse())
}
