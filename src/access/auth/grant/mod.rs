//! The three grants that issue a token: `password`, `client` and `refresh`. [`tokens`] makes the tokens of all three.

pub mod client;
pub mod password;
mod refresh;
pub mod tokens;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use self::tokens::IssuedTokens;
use super::TokenService;
use super::dto::TokenRequest;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error, FieldCode, FieldError};
use crate::platform::text::Text;

/// Id and secret of a client.
pub type Basic = (String, String);

/// Issues the tokens that a request asks for.
pub async fn grant(
    db: &Db,
    token_service: &TokenService,
    asked: TokenRequest,
    basic: Option<Basic>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    ensure_one_client(&asked, basic.as_ref())?;
    match asked.grant_type.as_str() {
        "password" => {
            let (username, password) = both(needed(asked.username, "username"), needed(asked.password, "password"))?;
            password::by_password(db, token_service, username, password, asked.scope, network).await
        }
        "refresh_token" => {
            let token = needed(asked.refresh_token, "refresh_token")?;
            refresh::by_refresh_token(db, token_service, token, asked.scope, network).await
        }
        "client_credentials" => {
            let client = basic
                .or_else(|| asked.client_id.zip(asked.client_secret))
                .ok_or_else(|| Error::new(Code::InvalidClient))?;
            client::by_client_credentials(db, token_service, client, asked.scope, network).await
        }
        _ => Err(Error::new(Code::UnsupportedGrantType).detail(
            "Pakai password, refresh_token, atau client_credentials.",
            "Use password, refresh_token or client_credentials.",
        )),
    }
}

/// 400 when a request names a client twice (RFC 6749 section 2.3): a proxy or a log may have believed either of them.
fn ensure_one_client(asked: &TokenRequest, basic: Option<&Basic>) -> Result<(), Error> {
    let Some((id, _)) = basic else { return Ok(()) };
    if asked.client_secret.is_none() && asked.client_id.as_ref().is_none_or(|other| other == id) {
        return Ok(());
    }
    Err(Error::new(Code::BadRequest).detail(
        "Sebut klien sekali saja: dengan HTTP Basic, atau di formulir.",
        "Name the client once: with HTTP Basic, or in the form.",
    ))
}

fn needed(value: Option<String>, name: &str) -> Result<String, Error> {
    value.ok_or_else(|| {
        let text = Text::new("Wajib diisi.", "Is required.");
        let fault = FieldError::new(format!("#/{name}"), FieldCode::Required, text);
        Error::fields(Code::InvalidBody, vec![fault])
    })
}

/// Returns both values, or the field errors of both.
fn both<A, B>(one: Result<A, Error>, other: Result<B, Error>) -> Result<(A, B), Error> {
    match (one, other) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(one), Err(other)) => Err(Error {
            errors: [one.errors, other.errors].concat(),
            ..Error::new(Code::InvalidBody)
        }),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Returns the client of `Authorization: Basic`, both parts form-encoded (RFC 6749 section 2.3.1). Swagger UI sends an
/// empty id and secret (`Og==`): no client.
pub fn basic(headers: &HeaderMap) -> Option<Basic> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    (!id.is_empty()).then_some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Into::into)
}
