//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Client, ClientFilter, ClientPage, ClientPatch, ClientSecret, NewClient};
use super::{changes, service};
use crate::access::auth::TokenService;
use crate::access::permissions::{ClientsRead, ClientsWrite, Permission};
use crate::access::{Requires, audit};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, IfMatch, NewSecret, NoContent, NoStore, Paging, Patch, Path, Query, Tagged,
};

/// List clients
///
/// Systems and devices, oldest first, without deleted clients.
#[utoipa::path(
    tag = "clients", operation_id = "listClients", params(ClientFilter, Paging),
    security(("oauth2" = [ClientsRead::SCOPE])),
    responses(ClientPage)
)]
#[get("/clients")]
pub async fn list(
    actor: Requires<ClientsRead>,
    db: web::Data<Db>,
    filter: Query<ClientFilter>,
    paging: Paging,
) -> Result<ClientPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging, db.clock().now()).await)
        .await
}

/// Create a client
///
/// The 201 shows the secret, this once. A retry with the same `id` returns the client without its secret: if the first
/// response was lost, ask for a new secret. The token needs every scope of the client's role.
#[utoipa::path(
    tag = "clients", operation_id = "createClient", request_body = NewClient,
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        NoStore<Created<Client>>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "Kind, role, district and village do not fit together, or an unknown district or village"),
    )
)]
#[post("/clients")]
pub async fn create(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    body: Body<NewClient>,
) -> Result<NoStore<Created<Client>>, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(NoStore(match created {
        Created::New((row, secret)) => {
            audit::account("client created", &actor.source(), None, &row, None);
            Created::New(Client {
                secret,
                ..row.try_into()?
            })
        }
        Created::Existing((row, _)) => Created::Existing(row.try_into()?),
    }))
}

/// Get a client
///
/// The current content of a client, without its secret.
#[utoipa::path(
    tag = "clients", operation_id = "getClient", params(("id" = Uuid, Path, description = "Id of the client")),
    security(("oauth2" = [ClientsRead::SCOPE])),
    responses(Tagged<Client>)
)]
#[get("/clients/{id}")]
pub async fn get(actor: Requires<ClientsRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Client>, Error> {
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change a client
///
/// Earlier access tokens of the client become invalid, on every instance within seconds. The ETag changes with each
/// sign-in of the client too; `If-Match: *` disables a client that signs in all the time.
///
/// If a phone is lost, set `active: false`: the phone can read nothing. The answers that it still has go into quarantine
/// (scope `responses:quarantine`), where an officer releases or discards them. This stays open (`quarantine_open`), for 10
/// requests a minute and 2,000 answers that wait for a decision. To refuse these too, give the client a new secret
/// (`createClientSecret`). `createHeldDecision` and `createResponseVoid` clean up after a thief.
#[utoipa::path(
    tag = "clients", operation_id = "updateClient",
    params(("id" = Uuid, Path, description = "Id of the client"), IfMatch),
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        Tagged<Client>,
        (status = 422, description = "Kind, role, district and village do not fit together, or an unknown district or village"),
    )
)]
#[patch("/clients/{id}")]
pub async fn patch(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<ClientPatch>,
) -> Result<Tagged<Client>, Error> {
    changes::change(&db, &tokens, (&actor, &actor.source()), id.0, &if_match, body)
        .await
        .map(Tagged::new)
}

/// Delete a client
///
/// The tokens of the client end, and the secret of a system too. A device can use its secret to send the answers that it
/// still has; they go into quarantine, within the same bounds as with `active: false`. To refuse these too, give the client
/// a new secret first; a deleted client gets none.
#[utoipa::path(
    tag = "clients", operation_id = "deleteClient",
    params(("id" = Uuid, Path, description = "Id of the client"), DeleteReason, IfMatch),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/clients/{id}")]
pub async fn delete(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    let change = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match).await)
        .await?;
    tokens.revoke_tokens_before([(change.after.id, change.after.generation)]);
    change.audit("client deleted", &actor.source(), Some(&reason.0.reason));
    Ok(NoContent)
}

/// Create a new secret of a client
///
/// The 201 shows the secret, this once. The old secret and its tokens become invalid. The token needs every scope of the
/// client's role, and a sign-in within the last 15 minutes (else 401 `insufficient_user_authentication`).
#[utoipa::path(
    tag = "clients", operation_id = "createClientSecret",
    params(("id" = Uuid, Path, description = "Id of the client")),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(NewSecret<ClientSecret>)
)]
#[post("/clients/{id}/secrets")]
pub async fn rotate(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
) -> Result<NewSecret<ClientSecret>, Error> {
    let (row, content) = db.write(async |tx| service::rotate(tx, &actor, id.0).await).await?;
    tokens.revoke_tokens_before([(row.id, row.generation)]);
    audit::event("client secret made", &actor.source(), &row.username);
    let location = format!("/v1/clients/{}", row.id);
    Ok(NewSecret { location, content })
}
