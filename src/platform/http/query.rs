//! Query strings and path parameters, typed. The guard has validated both before.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::Contract;
use crate::platform::error::{Code, Error};
use crate::platform::time::in_the_future;

/// The members of a query that the guard has validated.
#[derive(Clone, Debug)]
struct ValidatedQuery(Map<String, Value>);

/// Validates the path and the query of a request against the contract; guards call this.
pub fn validate_parameters(req: &HttpRequest) -> Result<(), Error> {
    let Some(contract) = req.app_data::<web::Data<Contract>>() else {
        return Err(Error::internal("no contract in the app"));
    };
    let members = contract.check_parameters(req)?;
    req.extensions_mut().insert(ValidatedQuery(members));
    Ok(())
}

/// The query string as `T`; several may share one query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let members = req.extensions().get::<ValidatedQuery>().map(|a| a.0.clone());
        ready(match members {
            // Unreachable: without a validated query the guard has already refused the request.
            None => Err(Error::new(Code::Internal)),
            Some(members) => serde_json::from_value(Value::Object(members)).map(Query).map_err(|e| {
                tracing::warn!(error = %e, "a validated query cannot be read");
                Error::new(Code::InvalidQuery).detail(
                    "Salah satu nilai tidak dapat dibaca sebagai jenisnya.",
                    "A value has the wrong type.",
                )
            }),
        })
    }
}

/// Path parameters as `T`.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = web::Path::<T>::from_request(req, payload).into_inner();
        ready(path.map(|p| Path(p.into_inner())).map_err(|_| {
            Error::new(Code::InvalidPath).detail(
                "Salah satu bagian alamat bukan kode, periode, atau UUID yang sah.",
                "One part of the path is not a valid code, period or UUID.",
            )
        }))
    }
}

/// `reason` of every DELETE.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteReason {
    /// Why; kept with the versions.
    #[param(min_length = 1, max_length = 300, example = "Salah catat")]
    pub reason: String,
}

/// `as_of` of all results: what was known, and had happened, at that instant.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// What was known at this instant; default: now. Not in the future.
    #[param(example = "2025-07-01T08:00:00+08:00")]
    pub as_of: Option<DateTime<Utc>>,
}

impl AsOf {
    /// The requested instant, if any. 422 if it is in the future.
    pub fn past(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Error> {
        match self.as_of {
            Some(asked) if asked > now => Err(in_the_future("query:as_of")),
            asked => Ok(asked),
        }
    }
}
