//! Form bodies (`application/x-www-form-urlencoded`); only the OAuth2 endpoints take them.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Contract;
use super::body::{media_type, typed};
use super::contract::repeated;
use super::faults::too_many_parameters;
use super::upload::read_bytes;
use crate::platform::error::{Code, Error, FieldError};

const FORM: &str = "application/x-www-form-urlencoded";

/// The most parameters of one form. Sign-in knows eight; others are ignored.
const MAX_PARAMETERS: usize = 64;

/// A valid form. Parameters without a value count as absent, unknown ones are ignored, and a repeated one is a 400 (RFC
/// 6749 section 3.2).
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest for Form<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = media_type(req);
        let contract = req.app_data::<web::Data<Contract>>().cloned();
        let bytes = read_bytes(req, payload);
        Box::pin(async move {
            if !media.eq_ignore_ascii_case(FORM) {
                return Err(Error::new(Code::UnsupportedMediaType)
                    .detail(format!("Kirim sebagai {FORM}."), format!("Send it as {FORM}.")));
            }
            let bytes = bytes.await?;
            let contract = contract.ok_or_else(|| Error::internal("no contract in the app"))?;
            let (members, mut faults) = members(&bytes)?;
            if let Err(error) = contract.check_body(&T::name(), &members) {
                faults.extend(error.errors.iter().cloned());
                return Err(Error {
                    errors: faults,
                    ..error
                });
            }
            if !faults.is_empty() {
                return Err(Error::fields(Code::InvalidBody, faults));
            }
            typed(members).map(Form)
        })
    }
}

/// The members, and the faults of those that are repeated.
fn members(bytes: &[u8]) -> Result<(Value, Vec<FieldError>), Error> {
    let bad = || {
        Error::new(Code::BadRequest).detail(
            "Isi permintaan bukan formulir yang sah.",
            "The body is not a valid form.",
        )
    };
    let text = std::str::from_utf8(bytes).map_err(|_| bad())?;
    if text.split('&').nth(MAX_PARAMETERS).is_some() {
        let fault = too_many_parameters("#/", MAX_PARAMETERS);
        return Err(Error::fields(Code::InvalidBody, vec![fault]));
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| bad())?;
    let (mut members, mut faults) = (Map::new(), Vec::new());
    for (name, value) in pairs.into_inner().into_iter().filter(|(_, value)| !value.is_empty()) {
        if members.insert(name.clone(), Value::from(value)).is_some() {
            faults.push(repeated(format!("#/{name}")));
        }
    }
    Ok((Value::Object(members), faults))
}
