//! Form bodies (`application/x-www-form-urlencoded`); only the OAuth2 endpoints take them, so everybody may send them.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{contract_of, read_text, typed};
use super::pairs::members;
use super::upload::Bounds;
use crate::platform::error::{Code, Error};

/// The most parameters of one form. Sign-in knows eight; others are ignored.
const MAX_PARAMETERS: usize = 64;

/// A valid form. Parameters without a value count as absent, unknown ones are ignored, and a repeated parameter is a
/// 400 (RFC 6749 section 3.2).
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest for Form<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_text(req, payload, &["application/x-www-form-urlencoded"], Bounds::OF_ANYBODY);
        let contract = contract_of(req);
        Box::pin(async move {
            let (bytes, contract) = (bytes.await?, contract?);
            let text = std::str::from_utf8(&bytes).map_err(|_| {
                Error::new(Code::BadRequest).detail(
                    "Isi permintaan bukan formulir yang sah.",
                    "The body is not a valid form.",
                )
            })?;
            let present = |_: &str, value: &str| (!value.is_empty()).then(|| Value::from(value));
            let (members, mut errors) = members(text, "#/", MAX_PARAMETERS, present)
                .map_err(|error| Error::fields(Code::InvalidBody, vec![error]))?;
            let members = Value::Object(members);
            let error = match contract.check_body(&T::name(), &members) {
                Ok(()) if errors.is_empty() => return typed(members).map(Form),
                Ok(()) => Error::new(Code::InvalidBody),
                Err(error) => error,
            };
            errors.extend(error.errors);
            Err(Error { errors, ..error })
        })
    }
}
