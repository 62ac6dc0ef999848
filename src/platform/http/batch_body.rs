//! JSON bodies of many items that are validated one by one: an invalid item does not make the whole body invalid.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Contract;
use super::body::{contract_of, read_text, typed, unreadable};
use super::json::{outline, parse};
use super::upload::Bounds;
use crate::platform::error::{Code, Error, OrInternal};

/// A valid body whose `items` are not validated yet: they are `Vec<RawItem>`.
#[derive(Debug)]
pub struct BatchBody<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest for BatchBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = read_text(req, payload, &["application/json"], Bounds::OF_MEMBERS);
        let contract = contract_of(req);
        Box::pin(async move {
            let (text, contract) = (text.await?, contract?);
            contract.check_batch_body(&T::name(), &outline(&text)?)?;
            let items = serde_json::from_slice(&text).map_err(|e| unreadable(Code::InvalidBody, &e))?;
            Ok(BatchBody(items))
        })
    }
}

/// An item as it was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct RawItem(Box<RawValue>);

impl RawItem {
    /// Returns an item as JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        serde_json::value::to_raw_value(value).map(Self).or_internal()
    }

    /// Returns the item, if the component schema of `T` accepts it. Pointers begin at the item (`#/answers`).
    pub fn read<T: DeserializeOwned + ToSchema>(&self, contract: &Contract) -> Result<T, Error> {
        let value = parse(self.0.get().as_bytes())?;
        contract.check_body(&T::name(), &value)?;
        typed(value)
    }

    /// Returns the item as far as `T` can be read from it, without validation.
    pub fn read_partially<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }
}
