//! JSON bodies: read within a limit, validated by the contract, then typed.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::Contract;
use super::idempotency::{self, IDEMPOTENCY_KEY};
use super::json::parse;
use super::upload::{Bounds, media_type, read_bytes};
use crate::platform::error::{Code, Error};

/// A body that is valid by the schema of `T`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read_body(req, payload, Bounds::OF_MEMBERS);
        Box::pin(async move { body.await.map(Body) })
    }
}

/// The same for an operation that needs no token: everybody may send it, so it is small and not compressed.
#[derive(Debug)]
pub struct PublicBody<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for PublicBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read_body(req, payload, Bounds::OF_ANYBODY);
        Box::pin(async move { body.await.map(PublicBody) })
    }
}

fn read_body<T: DeserializeOwned + ToSchema>(
    req: &HttpRequest,
    payload: &mut Payload,
    bounds: Bounds,
) -> impl Future<Output = Result<T, Error>> + use<T> {
    let text = read_text(req, payload, &["application/json"], bounds);
    let contract = contract_of(req);
    let headers = req
        .headers()
        .contains_key(IDEMPOTENCY_KEY)
        .then(|| req.headers().clone());
    async move {
        let (mut value, contract) = (parse(&text.await?)?, contract?);
        if let Some(headers) = headers.filter(|_| contract.is_creation(&T::name())) {
            idempotency::apply(&headers, &mut value)?;
        }
        contract.check_body(&T::name(), &value)?;
        typed(value)
    }
}

pub fn contract_of(req: &HttpRequest) -> Result<web::Data<Contract>, Error> {
    req.app_data::<web::Data<Contract>>()
        .cloned()
        .ok_or_else(|| Error::internal("no contract in the app"))
}

pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|e| unreadable(Code::InvalidBody, &e))
}

/// Returns the 400 for a body or a query that is valid by its schema but cannot be read as its type.
pub fn unreadable(code: Code, error: &serde_json::Error) -> Error {
    tracing::warn!(%error, "valid input cannot be read as its type");
    Error::new(code).detail(
        "Salah satu nilai tidak dapat dibaca sebagai jenisnya.",
        "A value has the wrong type.",
    )
}

/// 415 with the media types that are accepted.
pub fn send_as(accepted: &[&str]) -> Error {
    let list = accepted.join(", ");
    Error::new(Code::UnsupportedMediaType).detail(format!("Kirim sebagai {list}."), format!("Send it as {list}."))
}

/// Reads the bytes of a body of one of these media types.
pub fn read_text(
    req: &HttpRequest,
    payload: &mut Payload,
    accepted: &'static [&'static str],
    bounds: Bounds,
) -> LocalBoxFuture<'static, Result<web::Bytes, Error>> {
    let media = media_type(req);
    let bytes = read_bytes(req, payload, bounds);
    Box::pin(async move {
        if !accepted.iter().any(|a| media.eq_ignore_ascii_case(a)) {
            return Err(send_as(accepted));
        }
        bytes.await
    })
}
