//! The rules of making and changing clients.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::account;

use super::dto::{
    Client, ClientFilter, ClientKind, ClientPage, ClientPatch, ClientSecret, NewClient, is_quarantine_open,
};
use super::query;
use crate::access::accounts::{self, AccountKind, Change};
use crate::access::auth::secret;
use crate::access::{Actor, Role, assignment};
use crate::platform::db::WriteTx;
use crate::platform::db::versions::Created;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::{IfMatch, Paging, Patch, Resource};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &ClientFilter,
    paging: &Paging,
    now: DateTime<Utc>,
) -> Result<ClientPage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("clients", filter, &district))?;
    let at = wanted.at(now);
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(Client::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Client, Error> {
    visible(actor, accounts::by_id(conn, id).await?)?.try_into()
}

/// Makes a client with a secret. The same id and content sent again return the client without the secret.
pub async fn create(
    tx: &WriteTx,
    actor: &Actor,
    new: NewClient,
) -> Result<Created<(account::Model, Option<String>)>, Error> {
    accounts::one_creation_at_a_time(tx).await?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewClient { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    if let Some(before) = accounts::retry_of(tx, id, &fingerprint).await? {
        return Ok(Created::Existing((visible(actor, Some(before))?, None)));
    }
    let kind = match new.kind {
        ClientKind::System => AccountKind::System,
        ClientKind::Device => AccountKind::Device,
    };
    let blank = accounts::blank(tx, id, kind, &actor.username, Some(fingerprint));
    let now = blank.created_at;
    let client = Client {
        id,
        kind: new.kind,
        name: new.name,
        role: new.role,
        district_code: new.district_code,
        village_code: new.village_code,
        active: new.active,
        quarantine_open: is_quarantine_open(new.kind, new.active),
        changed_at: now,
        last_used_at: None,
        enrolled_at: None,
        secret: None,
    };
    actor.ensure_can_hand_out(client.role)?;
    ensure_valid(tx, actor, &client).await?;
    let row = account::Model {
        username: id.to_string(),
        name: client.name.clone(),
        role: client.role.to_string(),
        district_code: client.district_code.clone().map(String::from),
        village_code: client.village_code.clone().map(String::from),
        active: client.active,
        ..blank
    };
    let secret = secret::generate()?;
    let hash = secret::digest_text(&secret);
    let row = accounts::create(tx, &actor.author(), row, accounts::SECRET, hash).await?;
    Ok(Created::New((row, Some(secret))))
}

/// Changes a client. The row after the change has the new token generation.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<ClientPatch>,
) -> Result<Change, Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    let old: Client = seen.clone().try_into()?;
    if_match.check(&old.etag())?;
    let new = old.patched(patch.apply(&old.as_patch())?);
    if new == old {
        return Ok(Change {
            before: seen.clone(),
            after: seen,
        });
    }
    actor.ensure_can_hand_out(new.role)?;
    ensure_valid(tx, actor, &new).await?;
    let next = account::Model {
        name: new.name,
        role: new.role.as_str().to_owned(),
        district_code: new.district_code.map(String::from),
        village_code: new.village_code.map(String::from),
        active: new.active,
        ..seen.clone()
    };
    // A new name alone does not end the tokens.
    let rights = |row: &account::Model| {
        let row = row.clone();
        (row.role, row.district_code, row.village_code, row.active)
    };
    let same_rights = rights(&seen) == rights(&next);
    let stored = accounts::update(tx, &actor.author(), &seen, next, !same_rights).await?;
    Ok(Change {
        before: seen,
        after: stored,
    })
}

/// Deletes a client.
pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch) -> Result<Change, Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    if_match.check(&Client::try_from(seen.clone())?.etag())?;
    let mut next = seen.clone();
    next.deleted_at = Some(tx.clock().now());
    let after = accounts::remove(tx, &actor.author(), &seen, next).await?;
    Ok(Change { before: seen, after })
}

/// Gives a client a new secret; the old secret and every token issued for it end.
pub async fn rotate(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(account::Model, ClientSecret), Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    actor.ensure_can_hand_out(accounts::role_of(&seen)?)?;
    actor.ensure_recent_sign_in(tx.clock().now())?;
    let next = account::Model {
        enrolled_at: None,
        ..seen.clone()
    };
    let secret = secret::generate()?;
    let stored = accounts::replace_secret(tx, &actor.author(), &seen, next, secret::digest_text(&secret)).await?;
    Ok((stored, ClientSecret { secret }))
}

/// Returns the client if it exists and the actor may see it.
pub fn visible(actor: &Actor, row: Option<account::Model>) -> Result<account::Model, Error> {
    accounts::visible(actor, row.filter(|a| !accounts::is_user(a)))
}

/// The rules of every client, new or changed.
async fn ensure_valid(tx: &WriteTx, actor: &Actor, client: &Client) -> Result<(), Error> {
    let district = client.district_code.as_ref();
    let is_known = assignment::is_known(tx, district).await?;
    let mut errors = validate(actor, client, is_known);
    assignment::validate_village(tx, &mut errors, client.role, district, client.village_code.as_ref()).await?;
    errors.into_result()
}

fn validate(actor: &Actor, client: &Client, is_known_district: bool) -> FieldErrors {
    let mut errors = assignment::validate(actor, client.role, client.district_code.as_ref(), is_known_district);
    let suits = match client.kind {
        ClientKind::System => matches!(client.role, Role::Reporter | Role::Integrator | Role::Auditor),
        ClientKind::Device => client.role == Role::Surveyor,
    };
    errors.check(suits, || {
        Error::rule(
            "#/role",
            "Sistem berperan reporter, integrator atau auditor, perangkat berperan surveyor.",
            "A system is a reporter, an integrator or an auditor, a device is a surveyor.",
        )
    });
    errors
}
