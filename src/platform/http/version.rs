//! One version of a record, as `/versions` lists it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::platform::db::versions::VersionInfo;

/// A version of a record: its recorder, time, reason and content.
#[derive(Debug, Serialize)]
pub struct Version<T> {
    pub version: i32,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub reason: Option<String>,
    pub deleted: bool,
    pub content: T,
}

impl<T> Version<T> {
    pub fn new(info: VersionInfo, content: T) -> Self {
        Self {
            version: info.version,
            recorded_at: info.recorded_at,
            recorded_by: info.recorded_by,
            reason: info.change_reason,
            deleted: info.deleted,
            content,
        }
    }
}

impl<T: ToSchema> ToSchema for Version<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Version", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Version<T> {
    fn schema() -> RefOr<Schema> {
        let text = |max, about| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(max))
                .description(Some(about))
        };
        let reason = text(300, "The reason for this version; null if no reason was given.")
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(i32::MAX));
        let instant = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let version = ObjectBuilder::new()
            .description(Some(
                "A version of a record: who recorded it, when and why, and its content.",
            ))
            .property("version", number)
            .property("recorded_at", instant)
            .property("recorded_by", text(100, "User name or client id."))
            .property("reason", reason)
            .property("deleted", ObjectBuilder::new().schema_type(Type::Boolean))
            .property("content", Ref::from_schema_name(T::name()));
        let required = ["version", "recorded_at", "recorded_by", "reason", "deleted", "content"];
        required.into_iter().fold(version, ObjectBuilder::required).into()
    }
}
