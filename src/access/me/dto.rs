//! The caller's own account, and a change of its password.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;
use uuid::Uuid;

use crate::access::accounts::AccountKind;
use crate::access::role::{Role, Section};
use crate::platform::http::{DistrictCode, schema};

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
    #[schema(max_items = 5)]
    pub sections: Vec<Section>,
    /// The scopes of the token of this request.
    #[schema(schema_with = scopes)]
    pub scopes: Vec<&'static str>,
}

fn scopes() -> ArrayBuilder {
    schema::texts("The scopes of the token of this request.", 0..=100, 64)
        .examples([json!(["reports:read", "reports:write"])])
}

/// A change of the caller's own password. (No `Debug`: it holds passwords.)
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"current_password": "rahasia-sekali", "new_password": "lebih-rahasia-lagi"}))]
pub struct PasswordChange {
    #[schema(write_only, min_length = 1, max_length = 200, format = "password")]
    pub current_password: String,
    #[schema(write_only, min_length = 10, max_length = 200, format = "password")]
    pub new_password: String,
}
