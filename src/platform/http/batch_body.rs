//! JSON bodies of many items that are validated one by one: an invalid item does not make the whole body invalid.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Contract;
use super::body::{contract_of, parse, read_text, typed, unreadable};
use crate::platform::error::{Code, Error};

/// A valid body whose `items` are not validated yet: they are `Vec<RawItem>`.
#[derive(Debug)]
pub struct BatchBody<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest for BatchBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = read_text(req, payload, &["application/json"]);
        let contract = contract_of(req);
        Box::pin(async move {
            let (text, contract) = (text.await?, contract?);
            contract.check_batch_body(&T::name(), &outline(&text)?)?;
            let items = serde_json::from_slice(&text).map_err(|e| unreadable(Code::InvalidBody, &e))?;
            Ok(BatchBody(items))
        })
    }
}

/// The body as JSON, with null for each item. Items are skipped, not parsed, so that an item that nests too deeply or
/// has a number out of range is a fault of that item alone.
pub fn outline(text: &[u8]) -> Result<Value, Error> {
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(text) else {
        return parse(text);
    };
    let outlined = members.into_iter().map(|(name, value)| {
        let items = (name == "items").then(|| serde_json::from_str::<Vec<IgnoredAny>>(value.get()));
        let value = match items {
            Some(Ok(items)) => Value::Array(vec![Value::Null; items.len()]),
            _ => parse(value.get().as_bytes())?,
        };
        Ok((name, value))
    });
    outlined.collect::<Result<_, Error>>().map(Value::Object)
}

/// An item as it was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct RawItem(Box<RawValue>);

impl RawItem {
    /// The item, if the component schema of `T` accepts it. Pointers begin at the item (`#/answers`).
    pub fn read<T: DeserializeOwned + ToSchema>(&self, contract: &Contract) -> Result<T, Error> {
        let value = parse(self.0.get().as_bytes())?;
        contract.check_body(&T::name(), &value)?;
        typed(value)
    }

    /// The item as far as `T` can be read from it, without validation.
    pub fn glance<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }
}
