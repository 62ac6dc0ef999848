//! Making an enrolment code.

use chrono::TimeDelta;
use uuid::Uuid;

use ::entity::enrolment;

use super::dto::Enrolment;
use super::{code, link, query};
use crate::access::accounts::{self, AccountKind};
use crate::access::{Actor, clients};
use crate::platform::db::WriteTx;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::error::{Code, Error};

/// The lifetime of a code in hours.
const HOURS: i64 = 24;

/// Makes a code for a device and replaces an unused older code. `server`: the address of this service for the phone.
pub async fn create(tx: &WriteTx, actor: &Actor, id: Uuid, server: &str) -> Result<Enrolment, Error> {
    let device = clients::service::visible(actor, accounts::lock(tx, id).await?)?;
    if accounts::kind_of(&device)? != AccountKind::Device {
        return Err(Error::new(Code::Conflict).detail(
            "Hanya perangkat (kind device) yang dapat didaftarkan dengan kode. Sistem memakai rahasia dari POST /secrets.",
            "Only a device (kind device) is enrolled with a code. A system uses a secret from POST /secrets.",
        ));
    }
    if !device.active {
        return Err(Error::new(Code::Conflict).detail(
            "Perangkat ini dinonaktifkan. Aktifkan dahulu, lalu minta kode.",
            "This device is switched off. Switch it on first, then ask for a code.",
        ));
    }
    actor.ensure_can_hand_out(accounts::role_of(&device)?)?;
    let now = tx.clock().now();
    if device.enrolled_at.is_some() || device.last_used_at.is_some() {
        // The code replaces a secret that is in use.
        actor.ensure_recent_sign_in(now)?;
    }
    let code = code::generate()?;
    let row = enrolment::Model {
        code_hash: code::digest_of(&code),
        account_id: id,
        created_at: now,
        created_by: actor.username.clone(),
        expires_at: now + TimeDelta::hours(HOURS),
        used_at: None,
        secret_hash: None,
    };
    let expires_at = row.expires_at;
    query::replace_open(tx, row).await?;
    let district = device.district_code.as_deref();
    let event = Event::new(district, now, Action::Created, Resource::Enrolment, id);
    tx.note(&actor.author(), event);
    let uri = link::uri(server, &code);
    Ok(Enrolment {
        qr_svg: link::qr_svg(&uri)?,
        code,
        expires_at,
        uri,
    })
}
