//! Users in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::account;

use crate::access::accounts;
use crate::access::role::{Role, Section};
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, ETag, Page, Resource};

/// A user to create. (No `Debug`: it holds a password.)
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"username": "kasi.pemerintahan", "name": "Kasi Pemerintahan", "role": "officer", "district_code": "63.11.06", "sections": ["pemerintahan"], "password": "rahasia-sekali"}))]
pub struct NewUser {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// Unique, also after the user is deleted.
    #[schema(
        min_length = 3,
        max_length = 64,
        pattern = "^[a-z0-9._-]{3,64}$",
        example = "kasi.pemerintahan"
    )]
    pub username: String,
    #[schema(min_length = 1, max_length = 200, example = "Kasi Pemerintahan")]
    pub name: String,
    pub role: Role,
    /// Null: the whole regency. Heads, secretaries, officers and surveyors need a district.
    pub district_code: Option<DistrictCode>,
    /// The sections of an officer, at least one. Other roles have no sections.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub sections: Vec<Section>,
    /// Whether the user can sign in.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
    // Never serialised: the fingerprint of the request must not depend on the password.
    #[serde(skip_serializing_if = "is_secret")]
    #[schema(
        required,
        write_only,
        min_length = 10,
        max_length = 200,
        format = "password",
        example = "rahasia-sekali"
    )]
    pub password: String,
}

fn is_secret(_: &String) -> bool {
    true
}

fn yes() -> bool {
    true
}

/// A change as JSON Merge Patch (RFC 7396).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"sections": ["pemerintahan", "pembinaan-pengawasan"], "reason": "Merangkap"}))]
pub struct UserPatch {
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// Null: the whole regency.
    pub district_code: Option<DistrictCode>,
    #[schema(nullable = false, max_items = 5)]
    pub sections: Option<Vec<Section>>,
    #[schema(nullable = false)]
    pub active: Option<bool>,
    /// A new password; all sessions of the user end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only, nullable = false, min_length = 10, max_length = 200, format = "password")]
    pub password: Option<String>,
    /// Why the change is made; written to the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only, nullable = false, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    pub id: Uuid,
    #[schema(
        min_length = 3,
        max_length = 64,
        pattern = "^[a-z0-9._-]{3,64}$",
        example = "kasi.pemerintahan"
    )]
    pub username: String,
    #[schema(min_length = 1, max_length = 200, example = "Kasi Pemerintahan")]
    pub name: String,
    pub role: Role,
    /// Null: the whole regency.
    #[schema(required)]
    pub district_code: Option<DistrictCode>,
    #[schema(max_items = 5)]
    pub sections: Vec<Section>,
    /// Whether the user can sign in.
    pub active: bool,
    pub changed_at: DateTime<Utc>,
}

pub type UserPage = Page<User>;

/// Filters and order of a list of users.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    pub district_code: Option<DistrictCode>,
    pub role: Option<Role>,
    /// Only officers who work for this section.
    pub section: Option<Section>,
    /// Only users who can sign in, or only users who cannot.
    pub active: Option<bool>,
}

impl Resource for User {
    fn etag(&self) -> ETag {
        ETag::at(self.changed_at)
    }

    fn location(&self) -> String {
        format!("/v1/users/{}", self.id)
    }
}

impl TryFrom<account::Model> for User {
    type Error = Error;

    fn try_from(row: account::Model) -> Result<Self, Error> {
        let (role, sections) = (accounts::role_of(&row)?, accounts::sections_of(&row)?);
        let account::Model {
            id,
            kind: _,
            username,
            name,
            role: _,
            district_code,
            sections: _,
            active,
            generation: _,
            changed_at,
            created_at: _,
            created_by: _,
            deleted_at: _,
            last_used_at: _,
            fingerprint: _,
            enrolled_at: _,
            village_code: _,
        } = row;
        let district_code = district_code.map(DistrictCode::try_from).transpose();
        Ok(Self {
            id,
            username,
            name,
            role,
            district_code: district_code.map_err(Error::internal)?,
            sections,
            active,
            changed_at,
        })
    }
}

impl User {
    /// Returns the form to which a patch is applied: all members that it can change.
    pub fn as_patch(&self) -> UserPatch {
        UserPatch {
            name: Some(self.name.clone()),
            role: Some(self.role),
            district_code: self.district_code.clone(),
            sections: Some(self.sections.clone()),
            active: Some(self.active),
            password: None,
            reason: None,
        }
    }

    /// Returns the user with the members of an applied patch.
    pub fn patched(&self, patch: UserPatch) -> User {
        let old = self.clone();
        User {
            name: patch.name.unwrap_or(old.name),
            role: patch.role.unwrap_or(old.role),
            district_code: patch.district_code,
            sections: patch.sections.unwrap_or(old.sections),
            active: patch.active.unwrap_or(old.active),
            ..self.clone()
        }
    }
}
