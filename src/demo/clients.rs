//! The programs of the demonstration: a system that pulls and a phone that posts, both with a public secret.

use uuid::Uuid;

use crate::access::auth::secret;
use crate::access::clients::dto::{ClientKind, NewClient};
use crate::access::clients::service;
use crate::access::{Actor, Role, accounts};
use crate::platform::db::WriteTx;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;

use super::script::id_of;

/// A program and its public secret.
pub struct DemoClient {
    pub name: &'static str,
    pub kind: ClientKind,
    pub role: Role,
    pub secret: &'static str,
}

impl DemoClient {
    /// Returns the `client_id`.
    pub fn id(&self) -> Uuid {
        id_of(self.name)
    }
}

pub const CLIENTS: [DemoClient; 2] = [
    DemoClient {
        name: "Dasbor contoh",
        kind: ClientKind::System,
        role: Role::Integrator,
        secret: "paringin-demo-system",
    },
    DemoClient {
        name: "HP contoh",
        kind: ClientKind::Device,
        role: Role::Surveyor,
        secret: "paringin-demo-phone",
    },
];

/// Adds the clients.
pub async fn settle(tx: &WriteTx) -> Result<(), Error> {
    let operator = Actor::operator();
    let district = DistrictCode::try_from(crate::shipped::decree().district_code.clone()).map_err(Error::internal)?;
    for client in CLIENTS {
        let new = NewClient {
            id: Some(client.id()),
            kind: client.kind,
            name: client.name.to_owned(),
            role: client.role,
            district_code: Some(district.clone()),
            village_code: None,
            active: true,
        };
        if let Created::New((row, _)) = service::create(tx, &operator, new).await? {
            accounts::replace_secret(
                tx,
                &operator.author(),
                &row,
                row.clone(),
                secret::digest_text(client.secret),
            )
            .await?;
        }
    }
    Ok(())
}
