//! The rules of making and changing clients.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::account;

use super::dto::{Client, ClientFilter, ClientKind, ClientPage, ClientPatch, ClientSecret, NewClient};
use super::query;
use crate::access::accounts::{self, AccountKind};
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
) -> Result<ClientPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("clients", filter))?;
    let at = wanted.at(accounts::now());
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(Client::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Client, Error> {
    visible(actor, accounts::by_id(conn, id).await?)?.try_into()
}

/// Makes a client with a secret. The same id and content sent again return the client without the secret.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewClient) -> Result<Created<Client>, Error> {
    accounts::one_creation_at_a_time(tx).await?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewClient { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    if let Some(before) = accounts::retry_of(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(visible(actor, Some(before))?.try_into()?));
    }
    let kind = match new.kind {
        ClientKind::System => AccountKind::System,
        ClientKind::Device => AccountKind::Device,
    };
    let blank = accounts::blank(id, kind, &actor.username, Some(fingerprint));
    let now = blank.created_at;
    let mut client = Client {
        id,
        kind: new.kind,
        name: new.name,
        role: new.role,
        district_code: new.district_code,
        active: new.active,
        changed_at: now,
        last_used_at: None,
        enrolled_at: None,
        secret: None,
    };
    ensure_valid(tx, actor, &client).await?;
    let row = account::Model {
        username: id.to_string(),
        name: client.name.clone(),
        role: client.role.to_string(),
        district_code: client.district_code.clone().map(String::from),
        active: client.active,
        ..blank
    };
    accounts::insert(tx, row).await?;
    let secret = secret::generate()?;
    accounts::set_credential(tx, id, accounts::SECRET, secret::kept(&secret), now).await?;
    client.secret = Some(secret);
    Ok(Created::New(client))
}

/// Changes a client. Returns the row, whose generation counts for tokens.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<ClientPatch>,
) -> Result<account::Model, Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    let old: Client = seen.clone().try_into()?;
    if_match.check(&old.etag())?;
    let new = old.patched(patch.apply(&old.as_patch())?);
    if new == old {
        return Ok(seen);
    }
    ensure_valid(tx, actor, &new).await?;
    let next = account::Model {
        name: new.name,
        role: new.role.as_str().to_owned(),
        district_code: new.district_code.map(String::from),
        active: new.active,
        ..seen.clone()
    };
    // A change of the name alone changes nothing in a token.
    let same_rights = (&seen.role, &seen.district_code, seen.active) == (&next.role, &next.district_code, next.active);
    let stored = accounts::update(tx, &seen, next, !same_rights).await?;
    accounts::audit_log("client changed", &actor.username, &stored, patch.reason.as_deref());
    Ok(stored)
}

/// Deletes a client.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    reason: &str,
) -> Result<account::Model, Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    if_match.check(&Client::try_from(seen.clone())?.etag())?;
    let mut next = seen.clone();
    next.deleted_at = Some(accounts::now());
    let gone = accounts::remove(tx, &seen, next).await?;
    accounts::audit_log("client deleted", &actor.username, &gone, Some(reason));
    Ok(gone)
}

/// Gives a client a new secret; the old secret and every token issued for it end.
pub async fn rotate(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(account::Model, ClientSecret), Error> {
    let seen = visible(actor, accounts::lock(tx, id).await?)?;
    let next = account::Model {
        enrolled_at: None,
        ..seen.clone()
    };
    let secret = secret::generate()?;
    let stored = accounts::replace_secret(tx, &seen, next, secret::kept(&secret)).await?;
    accounts::audit_log("secret rotated", &actor.username, &stored, None);
    Ok((stored, ClientSecret { secret }))
}

/// Returns the client if it exists and the actor may see it.
pub fn visible(actor: &Actor, row: Option<account::Model>) -> Result<account::Model, Error> {
    accounts::visible(actor, row.filter(|a| !accounts::is_user(a)))
}

/// The rules of every client, new or changed.
async fn ensure_valid(tx: &WriteTx, actor: &Actor, client: &Client) -> Result<(), Error> {
    let is_known = assignment::is_known(tx, client.district_code.as_ref()).await?;
    validate(actor, client, is_known).into_result()
}

fn validate(actor: &Actor, client: &Client, is_known_district: bool) -> FieldErrors {
    let mut errors = assignment::validate(actor, client.role, client.district_code.as_ref(), is_known_district);
    let suits = match client.kind {
        ClientKind::System => matches!(client.role, Role::Integrator | Role::Auditor),
        ClientKind::Device => client.role == Role::Surveyor,
    };
    errors.check(suits, || {
        Error::rule(
            "#/role",
            "Sistem berperan integrator atau auditor, perangkat berperan surveyor.",
            "A system is an integrator or an auditor, a device is a surveyor.",
        )
    });
    errors
}
