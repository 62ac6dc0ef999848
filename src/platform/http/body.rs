//! JSON bodies: read within a limit, validated by the contract, then typed.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::Contract;
use super::upload::read_bytes;
use crate::platform::error::{Code, Error};

/// A body that is valid by the schema of `T`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest for Body<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let value = read_json(req, payload, &["application/json"]);
        let contract = contract_of(req);
        Box::pin(async move {
            let (value, contract) = (value.await?, contract?);
            contract.check_body(&T::name(), &value)?;
            typed(value).map(Body)
        })
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

/// The 400 for a body or a query that is valid by its schema but cannot be read as its type.
pub fn unreadable(code: Code, error: &serde_json::Error) -> Error {
    tracing::warn!(%error, "valid input cannot be read as its type");
    Error::new(code).detail(
        "Salah satu nilai tidak dapat dibaca sebagai jenisnya.",
        "A value has the wrong type.",
    )
}

/// Reads a JSON body of one of these media types.
pub fn read_json(
    req: &HttpRequest,
    payload: &mut Payload,
    accepted: &'static [&'static str],
) -> LocalBoxFuture<'static, Result<Value, Error>> {
    let text = read_text(req, payload, accepted);
    Box::pin(async move { parse(&text.await?) })
}

/// Reads the bytes of a body of one of these media types.
pub fn read_text(
    req: &HttpRequest,
    payload: &mut Payload,
    accepted: &'static [&'static str],
) -> LocalBoxFuture<'static, Result<web::Bytes, Error>> {
    let media = media_type(req);
    let bytes = read_bytes(req, payload);
    Box::pin(async move {
        if !accepted.iter().any(|a| media.eq_ignore_ascii_case(a)) {
            let list = accepted.join(", ");
            return Err(Error::new(Code::UnsupportedMediaType)
                .detail(format!("Kirim sebagai {list}."), format!("Send it as {list}.")));
        }
        bytes.await
    })
}

/// Parses JSON; whole numbers become integers.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    let value = serde_json::from_slice(text).map_err(|e: serde_json::Error| {
        let (line, column) = (e.line(), e.column());
        Error::new(Code::InvalidJson).detail(
            format!("Salah di baris {line}, kolom {column}."),
            format!("Wrong at line {line}, column {column}."),
        )
    })?;
    Ok(whole_numbers(value))
}

/// The media type of a request without its parameters.
fn media_type(req: &HttpRequest) -> String {
    let header = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_owned()
}

/// To JSON Schema 86.0 is an integer, so it is one here too.
pub fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => match n.as_f64() {
            #[allow(clippy::cast_possible_truncation)]
            Some(f) if f.fract() == 0.0 && f.abs() < 9_007_199_254_740_992.0 => Value::from(f as i64),
            _ => Value::Number(n),
        },
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(members) => members.into_iter().map(|(k, v)| (k, whole_numbers(v))).collect(),
        other => other,
    }
}
