//! Exchanging an enrolment code. The operation needs no token.

use std::collections::HashSet;

use uuid::Uuid;

use ::entity::account;

use super::dto::{EnrolledDevice, EnrolmentExchange};
use super::{code, query};
use crate::access::accounts;
use crate::access::audit;
use crate::access::auth::{TokenService, secret};
use crate::platform::db::journal::{Action, Author, Event, Resource};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint::to_hex;
use crate::platform::http::DistrictCode;

/// The fewest different characters of a phone's secret. 43 random characters practically never have fewer.
const LEAST_CHARACTERS: usize = 16;

/// Exchanges a code.
pub async fn exchange(
    db: &Db,
    token_service: &TokenService,
    asked: EnrolmentExchange,
    network: &str,
) -> Result<EnrolledDevice, Error> {
    let code_hash = code::digest_of(&asked.code);
    // A read first: a wrong code takes no write transaction.
    let known = db.read(async |tx| query::by_code(tx, &code_hash).await).await?;
    let known = known.map(|enrolment| enrolment.account_id);
    let done = limited(db, token_service, known, &code_hash, &asked.secret, network).await;
    let account = known.map(|id| id.to_string());
    let account = account.as_deref().unwrap_or(audit::UNKNOWN);
    audit::attempt("enrolment code exchanged", account, network, &done);
    let device = done?;
    token_service.revoke_tokens_before([(device.id, device.generation)]);
    enrolled(device)
}

/// Failures count for the code and the network: a code of 80 bits cannot be guessed, so the failures of one phone never slow
/// another.
async fn limited(
    db: &Db,
    token_service: &TokenService,
    known: Option<Uuid>,
    code_hash: &[u8],
    secret: &str,
    network: &str,
) -> Result<account::Model, Error> {
    ensure_random(secret)?;
    let key = (format!("code:{}", to_hex(code_hash)), network.to_owned());
    token_service.throttle().check(&key)?;
    let done = match known {
        Some(device) => db.write(async |tx| redeem(tx, device, code_hash, secret).await).await,
        None => Err(refused()),
    };
    match done {
        Err(error) if error.code == Code::InvalidGrant => {
            token_service.throttle().failed(key)?;
            Err(error)
        }
        done => done,
    }
}

/// Gives the device the secret. The same code and secret again change nothing while the secret is valid. This also works
/// after the device was revoked, because its phone needs the id to send its stored answers.
async fn redeem(tx: &WriteTx, device: Uuid, code_hash: &[u8], given: &str) -> Result<account::Model, Error> {
    // A second phone with the same code waits here, and then finds the code used.
    let device = accounts::lock(tx, device).await?.ok_or_else(refused)?;
    let enrolment = query::by_code(tx, code_hash).await?.ok_or_else(refused)?;
    if let Some(stored) = &enrolment.secret_hash {
        let current = accounts::credential(tx, device.id).await?;
        let again = secret::is(given, stored) && current.is_some_and(|c| secret::is(given, &c.hash));
        return if again { Ok(device) } else { Err(refused()) };
    }
    let now = tx.clock().now();
    if enrolment.expires_at <= now || !accounts::can_sign_in(&device) {
        return Err(refused());
    }
    let next = account::Model {
        enrolled_at: Some(now),
        ..device.clone()
    };
    let secret_hash = secret::digest_text(given);
    query::used(tx, code_hash, &secret_hash, now).await?;
    let author = Author::account(device.id, &device.username);
    let event = Event::new(
        device.district_code.as_deref(),
        now,
        Action::Changed,
        Resource::Enrolment,
        device.id,
    );
    tx.note(&author, event);
    let stored = accounts::replace_secret(tx, &author, &device, next, secret_hash).await?;
    Ok(stored)
}

/// 422 for a secret that is not random.
fn ensure_random(secret: &str) -> Result<(), Error> {
    let different: HashSet<char> = secret.chars().collect();
    if different.len() >= LEAST_CHARACTERS {
        return Ok(());
    }
    Err(Error::new(Code::WeakSecret).at("#/secret"))
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
