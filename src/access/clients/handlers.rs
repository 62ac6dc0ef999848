//! HTTP in, HTTP out.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Client, ClientFilter, ClientPage, ClientPatch, ClientSecret, NewClient};
use super::service;
use crate::access::Requires;
use crate::access::auth::TokenService;
use crate::access::permissions::{ClientsRead, ClientsWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, Paging, Patch, Path, Query, reply};

/// List clients
///
/// Systems and devices, oldest first; deleted ones are left out.
#[utoipa::path(
    tag = "clients", operation_id = "listClients", params(ClientFilter, Paging),
    security(("oauth2" = [ClientsRead::SCOPE])),
    responses((status = 200, description = "One page of clients", body = ClientPage))
)]
#[get("/clients")]
pub async fn list(
    actor: Requires<ClientsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<ClientFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Make a client
///
/// The answer holds the secret, this once. The same request again answers the client without it: when the first answer
/// was lost, ask for a new secret.
#[utoipa::path(
    tag = "clients", operation_id = "createClient", request_body = NewClient,
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        (status = 201, description = "Made; with its secret", body = Client, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was made before by the same request; without its secret", body = Client, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The id is taken"),
        (status = 422, description = "Kind, role and district do not go together, or an unknown district"),
    )
)]
#[post("/clients")]
pub async fn create(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    body: Body<NewClient>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::secret(reply::created(
        created,
        |c| format!("/v1/clients/{}", c.id),
        Client::tag,
    )))
}

/// Get a client
///
/// One client as it is now. Its secret is not shown.
#[utoipa::path(
    tag = "clients", operation_id = "getClient", params(("id" = Uuid, Path, description = "Id of the client")),
    security(("oauth2" = [ClientsRead::SCOPE])),
    responses((status = 200, description = "The client", body = Client, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/clients/{id}")]
pub async fn get(
    actor: Requires<ClientsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let client = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &client.tag(), &client))
}

/// Change a client
///
/// Role, district or `active`: tokens issued before end, within seconds on every instance. The tag changes with each
/// sign-in of the client too; `If-Match: *` switches off a client that is signing in all the time.
///
/// A lost phone: `active: false`. Whoever has it reads nothing and counts for nothing any more; answers that it still
/// holds are taken into quarantine (scope `responses:quarantine`), where an officer releases or discards them. To shut
/// it out altogether, give it a new secret too.
#[utoipa::path(
    tag = "clients", operation_id = "updateClient",
    params(("id" = Uuid, Path, description = "Id of the client"), IfMatch),
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses(
        (status = 200, description = "Changed", body = Client, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "Kind, role and district do not go together, or an unknown district"),
    )
)]
#[patch("/clients/{id}")]
pub async fn patch(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<ClientPatch>,
) -> Result<HttpResponse, Error> {
    let row = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    authority.revoke_tokens_before([(row.id, row.generation)]);
    let client = Client::try_from(row)?;
    Ok(reply::changed(&client.tag(), &client))
}

/// Delete a client
///
/// Its tokens end, and a system's secret. A device keeps its secret for one thing: answers that it still holds are taken
/// into quarantine, as from one with `active: false`. To shut it out altogether, give it a new secret first.
#[utoipa::path(
    tag = "clients", operation_id = "deleteClient",
    params(("id" = Uuid, Path, description = "Id of the client"), DeleteReason, IfMatch),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/clients/{id}")]
pub async fn delete(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    id: Path<Uuid>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let row = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match, &why.0.reason).await)
        .await?;
    authority.revoke_tokens_before([(row.id, row.generation)]);
    Ok(reply::gone())
}

/// Give a client a new secret
///
/// The answer holds it, this once. The old secret and the tokens it was changed for end.
#[utoipa::path(
    tag = "clients", operation_id = "createClientSecret",
    params(("id" = Uuid, Path, description = "Id of the client")),
    security(("oauth2" = [ClientsWrite::SCOPE])),
    responses((status = 201, description = "The new secret", body = ClientSecret))
)]
#[post("/clients/{id}/secrets")]
pub async fn rotate(
    actor: Requires<ClientsWrite>,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let (row, secret) = db.write(async |tx| service::rotate(tx, &actor, id.0).await).await?;
    authority.revoke_tokens_before([(row.id, row.generation)]);
    let place = format!("/v1/clients/{}", row.id);
    let answer = HttpResponse::Created().insert_header((LOCATION, place)).json(secret);
    Ok(reply::secret(answer))
}
