//! One's own account as it goes out, and a new password as it comes in.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;
use uuid::Uuid;

use crate::access::accounts::AccountKind;
use crate::access::role::{Role, Section};
use crate::platform::http::{DistrictCode, schema};

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
    #[schema(schema_with = scopes)]
    pub scopes: Vec<&'static str>,
}

fn scopes() -> ArrayBuilder {
    schema::texts("What the token of this request allows.", 0..=100, 64)
        .examples([json!(["reports:read", "reports:write"])])
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
