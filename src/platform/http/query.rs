//! Query strings and path parameters, typed. The guard has validated both before.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::body::{contract_of, unreadable};
use crate::platform::error::{Code, Error};
use crate::platform::time::in_the_future;

/// The members of a query that the guard has validated.
#[derive(Clone, Debug)]
struct ValidatedQuery(Map<String, Value>);

/// Validates the path and the query of a request against the contract; guards call this.
pub fn validate_parameters(req: &HttpRequest) -> Result<(), Error> {
    let members = contract_of(req)?.check_parameters(req)?;
    req.extensions_mut().insert(ValidatedQuery(members));
    Ok(())
}

/// Returns the members of the query.
pub fn validated_members(req: &HttpRequest) -> Result<Map<String, Value>, Error> {
    let members = req.extensions().get::<ValidatedQuery>().map(|query| query.0.clone());
    // Without a validated query the guard has already refused the request.
    members.ok_or_else(|| Error::internal("no guard has validated the query"))
}

/// The query string as `T`. A handler may have several.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(validated_members(req).and_then(|members| {
            let query = serde_json::from_value(Value::Object(members));
            query.map(Query).map_err(|e| unreadable(Code::InvalidQuery, &e))
        }))
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
    /// The reason; stored with the new version. One line, without control, invisible or direction characters.
    #[param(min_length = 1, max_length = 300, example = "Salah catat")]
    pub reason: String,
}

/// `as_of` of all results: only facts that were known, and had happened, at that instant count.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Results as they were known at this instant; default: now. Not in the future.
    #[param(example = "2025-07-01T08:00:00+08:00")]
    pub as_of: Option<DateTime<Utc>>,
}

/// Returns the instant that a parameter names, if any. 422 if it is in the future.
pub fn past(asked: Option<DateTime<Utc>>, now: DateTime<Utc>, parameter: &str) -> Result<Option<DateTime<Utc>>, Error> {
    match asked {
        Some(asked) if asked > now => Err(in_the_future(parameter)),
        asked => Ok(asked),
    }
}
