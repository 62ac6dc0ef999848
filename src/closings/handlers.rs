//! HTTP operations.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use uuid::Uuid;

use super::document::ClosingDocument;
use super::dto::{Closing, ClosingFilter, ClosingPage, ClosingRevisionPage, NewClosing};
use super::four_eyes::FourEyes;
use super::query::{stored, visible};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{ClosingsWrite, Permission, RealisationsRead};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{Body, PageBody, Paging, Path, Query, StoredBody, Tagged};
use crate::results::response_cache::ResponseCache;

/// List closings
///
/// The closings of periods, the newest first. The last version of a period is the one that realisations show.
#[utoipa::path(
    tag = "closings", operation_id = "listClosings", params(ClosingFilter, Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(ClosingPage)
)]
#[get("/closings")]
pub async fn list(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    filter: Query<ClosingFilter>,
    paging: Paging,
) -> Result<PageBody<Closing>, Error> {
    db.read_one(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Close a period
///
/// Stores the values of a quarter, semester or year that is over, with every record behind them, and signs them. From then on
/// realisations of the period show the closed values, and beside them what they would be now. Facts can still be corrected. To
/// close the period again makes the next version and needs a `reason`; no version is ever changed or deleted.
///
/// Only the Camat (`head`) and administrators close. If the account that closes also recorded facts of the district since the
/// closing before, the statement says so (`same_hand`).
#[utoipa::path(
    tag = "closings", operation_id = "createClosing", request_body = NewClosing,
    security(("oauth2" = [ClosingsWrite::SCOPE])),
    responses(
        Created<Closing>,
        (status = 409, description = "The period is not over, a survey is open, the period is closed and no reason is given, the id is taken, or four eyes are required"),
        (status = 422, description = "A month, a year without indicators, or an unknown district"),
    )
)]
#[post("/closings")]
pub async fn create(
    actor: Requires<ClosingsWrite>,
    req: HttpRequest,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    public_url: web::Data<PublicUrl>,
    four_eyes: web::Data<FourEyes>,
    body: Body<NewClosing>,
) -> Result<Created<Closing>, Error> {
    let query = cache.query_now(&actor);
    let issuer = public_url.for_caller(&req);
    db.write(async |tx| service::create(tx, &query, body.0, &issuer, **four_eyes).await)
        .await
}

/// Get a closing
///
/// Who closed a period, when and why, with the digests of its document and its statement.
#[utoipa::path(
    tag = "closings", operation_id = "getClosing", params(("id" = Uuid, Path, description = "Id of the closing")),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(Tagged<Closing>)
)]
#[get("/closings/{id}")]
pub async fn get(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<Closing>, Error> {
    let row = db.read_one(async |tx| visible(tx, &actor, id.0).await).await?;
    row.try_into().map(Tagged::new)
}

/// Get the document of a closing
///
/// Every value with its formula, decree, target and records, byte by byte as it was stored. Save the body as it is: its SHA-256 is
/// in the statement, and is the `ETag`.
#[utoipa::path(
    tag = "closings", operation_id = "getClosingDocument", params(("id" = Uuid, Path, description = "Id of the closing")),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses((status = 200, description = "The document", body = ClosingDocument, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/closings/{id}/document")]
pub async fn document(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<StoredBody, Error> {
    db.read(async |tx| {
        let row = visible(tx, &actor, id.0).await?;
        Ok(StoredBody {
            media: "application/json",
            sha256: row.document_sha256,
            bytes: stored(tx, id.0).await?.document,
        })
    })
    .await
}

/// Get the statement of a closing
///
/// A compact JWS with Ed25519 that names the SHA-256 of the document, the statement before it, who closed and the values. Any JWT
/// library verifies it with a key of `/v1/closings/keys`; docs/verify.py does so without the service.
#[utoipa::path(
    tag = "closings", operation_id = "getClosingStatement", params(("id" = Uuid, Path, description = "Id of the closing")),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses((status = 200, description = "The statement", content_type = "application/jwt", body = String, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/closings/{id}/statement")]
pub async fn statement(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<StoredBody, Error> {
    let row = db.read_one(async |tx| visible(tx, &actor, id.0).await).await?;
    Ok(StoredBody {
        media: "application/jwt",
        sha256: row.statement_sha256,
        bytes: row.statement.into_bytes(),
    })
}

/// List the revisions of a closing
///
/// Every closed value with what it would be now. `difference` leads to what was recorded since the closing, step by step.
#[utoipa::path(
    tag = "closings", operation_id = "listClosingRevisions",
    params(("id" = Uuid, Path, description = "Id of the closing"), Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses((status = 200, description = "One page of the closed values", body = ClosingRevisionPage, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/closings/{id}/revisions")]
pub async fn revisions(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let query = cache.query_now(&actor);
    cache
        .respond(&req, &query, async |facts| {
            super::revisions::list(facts, &query, id.0, &paging).await
        })
        .await
}
