//! JSON bodies: read within a limit, held against the contract, then typed.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::Contract;
use super::upload::read_bytes;
use crate::platform::error::{Code, Error};

/// A body that kept to its schema.
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

/// A JSON Merge Patch (RFC 7396) whose members kept to the schema of `P`.
///
/// It is applied to the thing in the form in which it could have been created; the result is held against that
/// form's schema again, so a patch can make nothing that a creation could not.
#[derive(Debug)]
pub struct Patch<P> {
    members: Value,
    /// Why the correction was made; kept with the new version.
    pub reason: Option<String>,
    contract: web::Data<Contract>,
    schema: PhantomData<P>,
}

impl<P: ToSchema + 'static> FromRequest for Patch<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let value = read_json(req, payload, &["application/merge-patch+json", "application/json"]);
        let contract = contract_of(req);
        Box::pin(async move { Patch::of(value.await?, contract?) })
    }
}

impl<P: ToSchema> Patch<P> {
    /// A patch of these members, if they keep to the schema.
    pub fn of(mut members: Value, contract: web::Data<Contract>) -> Result<Self, Error> {
        contract.check_body(&P::name(), &members)?;
        let reason = members.as_object_mut().and_then(|m| m.remove("reason"));
        let reason = reason.and_then(|r| r.as_str().map(str::to_owned));
        Ok(Patch {
            members,
            reason,
            contract,
            schema: PhantomData,
        })
    }
}

impl<P> Patch<P> {
    /// The thing with the patch applied. 422 when the result is not one that could be created: the patch kept to its own
    /// schema, and what it leads to depends on the thing.
    pub fn apply<T: Serialize + DeserializeOwned + ToSchema>(&self, thing: &T) -> Result<T, Error> {
        let mut value = serde_json::to_value(thing).map_err(Error::internal)?;
        merge(&mut value, &self.members);
        self.contract.check_body(&T::name(), &value).map_err(|broken| Error {
            code: Code::RuleBroken,
            ..broken
        })?;
        typed(value)
    }

    /// The member `name` is a union by `kind`, `before` its value now: naming another kind replaces it whole, as if the
    /// patch took away by null what the old kind had.
    pub fn union(&mut self, name: &str, before: &impl Serialize) -> Result<(), Error> {
        let before = serde_json::to_value(before).map_err(Error::internal)?;
        if let (Some(Value::Object(patch)), Value::Object(old)) = (self.members.get_mut(name), &before)
            && patch.get("kind").is_some_and(|kind| old.get("kind") != Some(kind))
        {
            for member in old.keys() {
                patch.entry(member.clone()).or_insert(Value::Null);
            }
        }
        Ok(())
    }

    /// A member of the patch that is not part of the thing's creating form (`from_year`).
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.as_object_mut().and_then(|m| m.remove(name))
    }
}

/// RFC 7396: null removes, objects are merged, all else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

pub fn contract_of(req: &HttpRequest) -> Result<web::Data<Contract>, Error> {
    req.app_data::<web::Data<Contract>>()
        .cloned()
        .ok_or_else(|| Error::internal("no contract in the app"))
}

pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(unreadable)
}

/// What the schema let through and the type does not.
pub fn unreadable(error: serde_json::Error) -> Error {
    tracing::warn!(%error, "a body kept to the contract and cannot be read");
    Error::new(Code::InvalidBody).detail(
        "Salah satu nilai tidak dapat dibaca sebagai jenisnya.",
        "One of the values cannot be read as what it is.",
    )
}

/// A body of one of these media types, as JSON.
fn read_json(
    req: &HttpRequest,
    payload: &mut Payload,
    accepted: &'static [&'static str],
) -> LocalBoxFuture<'static, Result<Value, Error>> {
    let text = read_text(req, payload, accepted);
    Box::pin(async move { parse(&text.await?) })
}

/// A body of one of these media types, not read yet.
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

/// JSON with whole numbers as integers.
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
pub fn media_type(req: &HttpRequest) -> String {
    let header = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_owned()
}

/// JSON Schema says 86.0 is an integer; so does this service.
fn whole_numbers(value: Value) -> Value {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merge_patch_as_rfc_7396_has_it() {
        let mut target = json!({"a": "b", "c": {"d": "e", "f": "g"}});
        merge(&mut target, &json!({"a": "z", "c": {"f": null}}));
        assert_eq!(target, json!({"a": "z", "c": {"d": "e"}}));
        let mut list = json!({"a": [1, 2]});
        merge(&mut list, &json!({"a": [3]}));
        assert_eq!(list, json!({"a": [3]}));
    }

    #[test]
    fn whole_floats_are_integers() {
        assert_eq!(whole_numbers(json!({"a": [86.0, 1.5]})), json!({"a": [86, 1.5]}));
    }
}
