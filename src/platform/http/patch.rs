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
use super::body::{contract_of, read_text, typed};
use super::field_errors::reference_token;
use super::json::parse;
use super::upload::Bounds;
use crate::platform::error::{Code, Error, OrInternal};

/// A JSON Merge Patch (RFC 7396) that is valid by the schema of `P`.
///
/// It is applied to a record in its creating form. The schema of that form validates the result, so a patch can only
/// make a record that a request could also create.
#[derive(Debug)]
pub struct Patch<P> {
    members: Value,
    /// The reason for the correction; stored with the new version.
    pub reason: Option<String>,
    contract: web::Data<Contract>,
    schema: PhantomData<P>,
}

impl<P: ToSchema + 'static> FromRequest for Patch<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = &["application/merge-patch+json", "application/json"];
        let text = read_text(req, payload, accepted, Bounds::OF_MEMBERS);
        let contract = contract_of(req);
        Box::pin(async move { Patch::of(parse(&text.await?)?, contract?) })
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
        match self.contract.check_body(&T::name(), &value) {
            Err(mut broken) if broken.code == Code::InvalidBody => {
                // A member that the patch does not name is as it was recorded, perhaps by the rules of an earlier version.
                broken.errors.retain(|error| self.has_named(&error.pointer));
                if !broken.errors.is_empty() {
                    broken.code = Code::RuleBroken;
                    return Err(broken);
                }
            }
            checked => checked?,
        }
        typed(value)
    }

    /// Returns whether a pointer leads into a member of the patch, or to the whole record.
    fn has_named(&self, pointer: &str) -> bool {
        let first = pointer.trim_start_matches("#/").split('/').next().unwrap_or_default();
        let members = self.members.as_object();
        first.is_empty() || members.is_some_and(|m| m.keys().any(|name| reference_token(name) == first))
    }

    /// Prepares the member `name`, an object whose `kind` decides its members and whose current value is `before`: a patch to
    /// another kind removes the members of the old kind, as if it named them with null.
    pub fn replace_kind(&mut self, name: &str, before: &impl Serialize) -> Result<(), Error> {
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

/// Merges a patch by RFC 7396: null removes, objects are merged, other values replace.
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

/// The form in which a record is created. A patch is applied to this form.
pub trait Patchable: ToSchema {
    /// Members that no patch can change.
    const FIXED: &'static [&'static str];

    fn example() -> Value;

    /// Adds the members that only the patch has, or that have another form in the patch.
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
            .description(Some(
                "Why the correction is made; stored with the new version. Null, like absent: no reason.",
            ));
        let mut patch = ObjectBuilder::new()
            .description(Some(
                "A correction as JSON Merge Patch (RFC 7396): absent members do not change, null removes a value. Only members that say so may be null.",
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

/// The schema of a member without its texts, example and default, which apply to creation only. It says when null removes.
fn constraints(mut member: RefOr<Schema>) -> RefOr<Schema> {
    let removes = |may_be_null: bool| may_be_null.then(|| "Null removes it.".to_owned());
    match &mut member {
        RefOr::Ref(reference) => return Ref::new(reference.ref_location.clone()).into(),
        RefOr::T(Schema::Object(object)) => {
            object.description = removes(may_be_null(&object.schema_type));
            (object.example, object.default) = (None, None);
        }
        RefOr::T(Schema::Array(array)) => {
            array.description = removes(may_be_null(&array.schema_type));
            (array.example, array.default) = (None, None);
        }
        // A reference, or null.
        RefOr::T(Schema::OneOf(choice)) => choice.description = removes(true),
        RefOr::T(_) => {}
    }
    member
}

fn may_be_null(kind: &SchemaType) -> bool {
    matches!(kind, SchemaType::Array(kinds) if kinds.contains(&Type::Null))
}
