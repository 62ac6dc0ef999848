//! Clients in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::account;

use crate::access::accounts;
use crate::access::role::Role;
use crate::core::closed_list::closed_list;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, ETag, Page, Resource, VillageCode};

/// The kind of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Another service, such as the regency's SAKIP.
    System,
    /// A phone or tablet that collects survey answers.
    Device,
}
closed_list!(ClientKind { System "system", Device "device" });

/// A client to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "system", "name": "SAKIP Kabupaten Balangan", "role": "integrator"}))]
pub struct NewClient {
    /// Made by the caller, so that a retry is safe; absent: made by the service. It is the `client_id`.
    pub id: Option<Uuid>,
    pub kind: ClientKind,
    #[schema(min_length = 1, max_length = 200, example = "SAKIP Kabupaten Balangan")]
    pub name: String,
    /// `reporter`, `integrator` or `auditor` for a system, `surveyor` for a device.
    pub role: Role,
    /// Null: the whole regency. Devices and reporters need a district.
    pub district_code: Option<DistrictCode>,
    /// Only of a reporter: the desa of the district whose reports it hands in.
    pub village_code: Option<VillageCode>,
    /// Whether the client can sign in. An inactive device can only send answers, which go into quarantine.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// A change as JSON Merge Patch (RFC 7396).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"active": false, "reason": "Hilang"}))]
pub struct ClientPatch {
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// Null: the whole regency.
    pub district_code: Option<DistrictCode>,
    /// Null: it is no reporter.
    pub village_code: Option<VillageCode>,
    #[schema(nullable = false)]
    pub active: Option<bool>,
    /// Why the change is made; written to the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only, nullable = false, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A client.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RegisteredClient)]
pub struct Client {
    /// The `client_id`.
    pub id: Uuid,
    pub kind: ClientKind,
    #[schema(min_length = 1, max_length = 200, example = "SAKIP Kabupaten Balangan")]
    pub name: String,
    pub role: Role,
    /// Null: the whole regency.
    #[schema(required)]
    pub district_code: Option<DistrictCode>,
    /// Only of a reporter: the village whose reports it hands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub village_code: Option<VillageCode>,
    /// Whether the client can sign in. An inactive device can only send answers, which go into quarantine.
    pub active: bool,
    /// True for an inactive device: its secret can still send answers into quarantine, at most `IKU_DEVICE_HELD_QUOTA` that
    /// wait for a decision. A new secret ends this.
    pub quarantine_open: bool,
    pub changed_at: DateTime<Utc>,
    /// When the client last signed in.
    #[schema(required)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the phone of a device exchanged an enrolment code for its own secret. Null: no phone has been enrolled, or the
    /// client got a new secret afterwards.
    #[schema(required)]
    pub enrolled_at: Option<DateTime<Utc>>,
    /// The `client_secret`; only in the 201 that creates the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        read_only,
        nullable = false,
        max_length = 100,
        example = "nZ3mYp0m0J2xg7c4oWq2vH5b8Kt1sLr9uXe6dAfQhPI"
    )]
    pub secret: Option<String>,
}

pub type ClientPage = Page<Client>;

/// A new secret of a client.
#[derive(Serialize, ToSchema)]
pub struct ClientSecret {
    /// Shown only in this response.
    #[schema(max_length = 100, example = "nZ3mYp0m0J2xg7c4oWq2vH5b8Kt1sLr9uXe6dAfQhPI")]
    pub secret: String,
}

/// Filters and order of a list of clients.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClientFilter {
    pub district_code: Option<DistrictCode>,
    pub kind: Option<ClientKind>,
    pub role: Option<Role>,
    /// Only reporters of this village.
    pub village_code: Option<VillageCode>,
    /// Only clients that can sign in, or only clients that cannot.
    pub active: Option<bool>,
}

impl Resource for Client {
    fn etag(&self) -> ETag {
        // It covers everything that a client shows, its last use included.
        let used = self.last_used_at.map_or(0, |t| t.timestamp_micros());
        ETag::of_digest(format!("{:x}-{used:x}", self.changed_at.timestamp_micros()))
    }

    fn location(&self) -> String {
        format!("/v1/clients/{}", self.id)
    }
}

/// Returns whether the secret of a client still sends answers into quarantine.
pub fn is_quarantine_open(kind: ClientKind, active: bool) -> bool {
    kind == ClientKind::Device && !active
}

impl TryFrom<account::Model> for Client {
    type Error = Error;

    fn try_from(row: account::Model) -> Result<Self, Error> {
        let role = accounts::role_of(&row)?;
        let account::Model {
            id,
            kind,
            username: _,
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
            last_used_at,
            fingerprint: _,
            enrolled_at,
            village_code,
        } = row;
        let district_code = district_code.map(DistrictCode::try_from).transpose();
        let kind: ClientKind = kind.parse()?;
        Ok(Self {
            id,
            quarantine_open: is_quarantine_open(kind, active),
            kind,
            name,
            role,
            district_code: district_code.map_err(Error::internal)?,
            village_code: village_code
                .map(VillageCode::try_from)
                .transpose()
                .map_err(Error::internal)?,
            active,
            changed_at,
            last_used_at,
            enrolled_at,
            secret: None,
        })
    }
}

impl Client {
    /// Returns the form to which a patch is applied: all members that it can change.
    pub fn as_patch(&self) -> ClientPatch {
        ClientPatch {
            name: Some(self.name.clone()),
            role: Some(self.role),
            district_code: self.district_code.clone(),
            village_code: self.village_code.clone(),
            active: Some(self.active),
            reason: None,
        }
    }

    /// Returns the client with the members of an applied patch.
    pub fn patched(&self, patch: ClientPatch) -> Client {
        Client {
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            role: patch.role.unwrap_or(self.role),
            district_code: patch.district_code,
            village_code: patch.village_code,
            active: patch.active.unwrap_or(self.active),
            ..self.clone()
        }
    }
}
