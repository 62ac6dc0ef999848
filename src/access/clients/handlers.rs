//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Client, ClientFilter, ClientPage, ClientPatch, ClientSecret, NewClient};
use super::service;
use crate::access::Requires;
use crate::access::auth::TokenService;
use crate::access::permissions::{ClientsRead, ClientsWrite, Permission};
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
    paging: Query<Paging>,
) -> Result<ClientPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Create a client
///
/// The 201 shows the secret, this once. A retry with the same `id` returns the client without its secret: if the first
/// response was lost, ask for a new secret.
#[utoipa::path(
    tag = "clients", operation_id = "createClient", request_body = NewClient,
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        NoStore<Created<Client>>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "Kind, role and district do not fit together, or an unknown district"),
    )
)]
#[post("/clients")]
pub async fn create(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    body: Body<NewClient>,
) -> Result<NoStore<Created<Client>>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await)
        .await
        .map(NoStore)
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
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change a client
///
/// Earlier access tokens of the client become invalid, on every instance within seconds. The ETag changes with each
/// sign-in of the client too; `If-Match: *` disables a client that signs in all the time.
///
/// If a phone is lost, set `active: false`: the phone can read nothing. The answers that it still has go into quarantine
/// (scope `responses:quarantine`), where an officer releases or discards them. To refuse these too, give the client a new
/// secret.
#[utoipa::path(
    tag = "clients", operation_id = "updateClient",
    params(("id" = Uuid, Path, description = "Id of the client"), IfMatch),
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        Tagged<Client>,
        (status = 422, description = "Kind, role and district do not fit together, or an unknown district"),
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
    let row = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    tokens.revoke_tokens_before([(row.id, row.generation)]);
    Client::try_from(row).map(Tagged::new)
}

/// Delete a client
///
/// The tokens of the client end, and the secret of a system too. A device can use its secret to send the answers that it
/// still has; they go into quarantine, as with `active: false`. To refuse these too, give the client a new secret first.
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
    let row = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match, &reason.0.reason).await)
        .await?;
    tokens.revoke_tokens_before([(row.id, row.generation)]);
    Ok(NoContent)
}

/// Create a new secret of a client
///
/// The 201 shows the secret, this once. The old secret and its tokens become invalid.
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
    let location = format!("/v1/clients/{}", row.id);
    Ok(NewSecret { location, content })
}
