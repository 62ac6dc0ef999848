//! Corrections: JSON Merge Patch (RFC 7396), and the schemas of patches.

use std::borrow::Cow;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::Contract;
use super::body::{contract_of, read_json, typed};
use crate::platform::error::{Code, Error, OrInternal};

/// A JSON Merge Patch (RFC 7396) that is valid by the schema of `P`.
///
/// It is applied to a record in the form in which it could have been created. The result is validated by the schema of
/// that form, so a patch can make only what a creation could.
#[derive(Debug)]
pub struct Patch<P> {
    members: Value,
    /// Why the correction is made; stored with the new version.
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
    /// Validates the members of a patch.
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
    /// Returns the record with the patch applied. An invalid result is a 422 and not a 400: the patch itself is valid,
    /// and the result depends on the record.
    pub fn apply<T: Serialize + DeserializeOwned + ToSchema>(&self, record: &T) -> Result<T, Error> {
        let mut value = serde_json::to_value(record).or_internal()?;
        merge(&mut value, &self.members);
        self.contract.check_body(&T::name(), &value).map_err(|broken| Error {
            code: Code::RuleBroken,
            ..broken
        })?;
        typed(value)
    }

    /// Prepares the member `name`, a union by `kind` whose current value is `before`: a patch to another kind removes the
    /// members of the old kind, as if it named them with null.
    pub fn union(&mut self, name: &str, before: &impl Serialize) -> Result<(), Error> {
        let before = serde_json::to_value(before).or_internal()?;
        if let (Some(Value::Object(patch)), Value::Object(old)) = (self.members.get_mut(name), &before)
            && patch.get("kind").is_some_and(|kind| old.get("kind") != Some(kind))
        {
            for member in old.keys() {
                patch.entry(member.clone()).or_insert(Value::Null);
            }
        }
        Ok(())
    }

    /// Removes and returns a member that is not part of the creating form, such as `from_year`.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.as_object_mut().and_then(|m| m.remove(name))
    }
}

/// RFC 7396: null removes, objects are merged, all else replaces.
pub fn merge(target: &mut Value, patch: &Value) {
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

/// The form in which a record is created, and so the form that a patch is applied to.
pub trait Patchable: ToSchema {
    /// Members that no patch can change.
    const FIXED: &'static [&'static str];

    fn example() -> Value;

    /// Adds the members that only the patch has, or has in another form.
    fn adapt(patch: ObjectBuilder) -> ObjectBuilder {
        patch
    }

    /// The schemas to which the members of [`Self::adapt`] refer.
    fn adapted_schemas(_: &mut Vec<(String, RefOr<Schema>)>) {}
}

/// The schema of a patch, derived from the creating form: every member is optional, and only members that the creating
/// form allows to be null can be removed. Give each patch a name: `pub type ReportPatch = PatchOf<NewReport>;`.
#[derive(Debug)]
pub struct PatchOf<T>(PhantomData<T>);

impl<T: Patchable> ToSchema for PatchOf<T> {
    fn name() -> Cow<'static, str> {
        let name = T::name();
        Cow::Owned(format!("{}Patch", name.strip_prefix("New").unwrap_or(&name)))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        T::adapted_schemas(schemas);
    }
}

impl<T: Patchable> PartialSchema for PatchOf<T> {
    fn schema() -> RefOr<Schema> {
        let reason = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .min_length(Some(1))
            .max_length(Some(300))
            .write_only(true)
            .description(Some("Why the correction is made; stored with the new version."));
        let mut patch = ObjectBuilder::new()
            .description(Some(
                "A correction as JSON Merge Patch (RFC 7396): absent members stay as they are, null removes a value.",
            ))
            .property("reason", reason);
        if let RefOr::T(Schema::Object(form)) = T::schema() {
            let changeable = form.properties.into_iter();
            for (name, member) in changeable.filter(|(name, _)| !T::FIXED.contains(&name.as_str())) {
                patch = patch.property(name, constraints(member));
            }
        }
        let mut patch = T::adapt(patch).build();
        patch.example = Some(T::example());
        patch.into()
    }
}

/// The schema of a member without its texts, example and default, which hold for creating only.
fn constraints(mut member: RefOr<Schema>) -> RefOr<Schema> {
    match &mut member {
        RefOr::Ref(reference) => return Ref::new(reference.ref_location.clone()).into(),
        RefOr::T(Schema::Object(object)) => {
            (object.description, object.example, object.default) = (None, None, None);
        }
        RefOr::T(Schema::Array(array)) => {
            (array.description, array.example, array.default) = (None, None, None);
        }
        RefOr::T(_) => {}
    }
    member
}
