//! Exchanging an enrolment code. Everyone may try, so failures are counted by address.

use uuid::Uuid;

use ::entity::account;

use super::dto::{EnrolledDevice, EnrolmentExchange};
use super::{code, query};
use crate::access::accounts;
use crate::access::auth::{TokenService, secret};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::DistrictCode;

/// Exchanges a code. Wrong codes are limited like wrong passwords; their key has the empty user name, which no password
/// sign-in uses.
pub async fn exchange(
    db: &Db,
    token_service: &TokenService,
    asked: EnrolmentExchange,
    address: String,
) -> Result<EnrolledDevice, Error> {
    let key = (String::new(), address);
    token_service.throttle().check(&key)?;
    let code_hash = code::digest_of(&asked.code);
    // A read first: a wrong code takes no write transaction.
    let known = db.read(async |tx| query::by_code(tx, &code_hash).await).await?;
    let done = match known {
        Some(found) => {
            db.write(async |tx| redeem(tx, found.account_id, &code_hash, &asked.secret).await)
                .await
        }
        None => Err(refused()),
    };
    match done {
        Ok(device) => {
            token_service.revoke_tokens_before([(device.id, device.generation)]);
            enrolled(device)
        }
        Err(error) if error.code == Code::InvalidGrant => {
            token_service.throttle().failed(key)?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Gives the device the secret. The same code and secret again change nothing while the secret is valid. This also works
/// after the device was revoked, because its phone needs the id to send its stored answers.
async fn redeem(tx: &WriteTx, device: Uuid, code_hash: &[u8], given: &str) -> Result<account::Model, Error> {
    // A second phone with the same code waits here, and then finds the code used.
    let device = accounts::lock(tx, device).await?.ok_or_else(refused)?;
    let enrolment = query::by_code(tx, code_hash).await?.ok_or_else(refused)?;
    if let Some(kept) = &enrolment.secret_hash {
        let current = accounts::credential(tx, device.id).await?;
        let again = secret::is(given, kept) && current.is_some_and(|c| secret::is(given, &c.hash));
        return if again { Ok(device) } else { Err(refused()) };
    }
    let now = accounts::now();
    if enrolment.expires_at <= now || !accounts::can_sign_in(&device) {
        return Err(refused());
    }
    let next = account::Model {
        enrolled_at: Some(now),
        ..device.clone()
    };
    let kept = secret::kept(given);
    query::used(tx, code_hash, &kept, now).await?;
    let stored = accounts::replace_secret(tx, &device, next, kept).await?;
    accounts::audit_log("device enrolled", &device.username, &stored, None);
    Ok(stored)
}

fn refused() -> Error {
    Error::new(Code::InvalidGrant).detail(
        "Kode pendaftaran tidak dikenal, sudah dipakai, atau kedaluwarsa. Minta kode baru kepada administrator.",
        "The enrolment code is unknown, used or expired. Ask the administrator for a new one.",
    )
}

fn enrolled(device: account::Model) -> Result<EnrolledDevice, Error> {
    let district = device.district_code.unwrap_or_default();
    Ok(EnrolledDevice {
        client_id: device.id,
        name: device.name,
        district_code: DistrictCode::try_from(district).map_err(Error::internal)?,
    })
}
