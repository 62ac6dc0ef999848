//! The caller's own account, and a change of its password.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;
use uuid::Uuid;

use crate::access::accounts::AccountKind;
use crate::access::role::{Role, Section};
use crate::platform::http::{DistrictCode, Page, VillageCode, schema};

/// The account that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    pub kind: AccountKind,
    /// User name, or the id of a client.
    #[schema(max_length = 64, example = "kasi.pemerintahan")]
    pub username: String,
    #[schema(max_length = 200, example = "Kasi Pemerintahan")]
    pub name: String,
    pub role: Role,
    /// Null: the whole regency.
    #[schema(required)]
    pub district_code: Option<DistrictCode>,
    /// Only of a reporter: the village whose reports it hands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub village_code: Option<VillageCode>,
    #[schema(max_items = 5)]
    pub sections: Vec<Section>,
    /// The scopes of the token of this request.
    #[schema(schema_with = scopes)]
    pub scopes: Vec<&'static str>,
    /// What the office should do soon, for those who may read it; they change with the day (WITA).
    #[schema(max_items = 100)]
    pub notices: Vec<Notice>,
}

/// Something that the office should do soon.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    pub code: NoticeCode,
    pub district_code: DistrictCode,
    /// The last year that has indicators.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub last_year: i32,
}

/// `decree_ends`: the last decree of the district ends within three months, or has ended. Record the next one (`POST
/// /v1/decrees` with `copy_of`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    DecreeEnds,
}

fn scopes() -> ArrayBuilder {
    schema::texts("The scopes of the token of this request.", 0..=100, 64)
        .examples([json!(["reports:read", "reports:write"])])
}

/// A sign-in that has not ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInSession)]
pub struct Session {
    pub id: Uuid,
    /// When the account signed in.
    pub created_at: DateTime<Utc>,
    /// When the session last got a new access token.
    pub last_used_at: DateTime<Utc>,
    /// The instant until which it can get a new access token. Each use moves it.
    pub expires_at: DateTime<Utc>,
    /// The network of its last use; null: not known.
    #[schema(required, max_length = 64, example = "203.0.113.7")]
    pub network: Option<String>,
    /// The session of this request.
    pub current: bool,
}

pub type SessionPage = Page<Session>;

/// A change of the caller's own password. (No `Debug`: it holds passwords.)
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"current_password": "rahasia-sekali", "new_password": "lebih-rahasia-lagi"}))]
pub struct PasswordChange {
    #[schema(write_only, min_length = 1, max_length = 200, format = "password")]
    pub current_password: String,
    #[schema(write_only, min_length = 10, max_length = 200, format = "password")]
    pub new_password: String,
}
