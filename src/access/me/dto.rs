//! One's own account as it goes out, and a new password as it comes in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::role::{Role, Section};
use crate::platform::http::DistrictCode;

/// What signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    User,
    System,
    Device,
}

/// Whoever asks.
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
    #[schema(max_items = 5)]
    pub sections: Vec<Section>,
    /// What the token of this request allows.
    #[schema(max_items = 100, example = json!(["reports:read", "reports:write"]))]
    pub scopes: Vec<&'static str>,
}

/// A new password for oneself. (No `Debug`: it holds passwords.)
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"current_password": "rahasia-sekali", "new_password": "lebih-rahasia-lagi"}))]
pub struct PasswordChange {
    #[schema(write_only, min_length = 1, max_length = 200, format = "password")]
    pub current_password: String,
    #[schema(write_only, min_length = 10, max_length = 200, format = "password")]
    pub new_password: String,
}
