//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Decree, DecreeFilter, DecreePage, DecreePatch, NewDecree};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{DecreesRead, DecreesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(decree: &Decree) -> ETag {
    ETag::at(decree.changed_at)
}

/// List decrees
///
/// Decrees with their indicators, filtered and sorted, page by page.
#[utoipa::path(
    tag = "decrees", operation_id = "listDecrees", params(DecreeFilter, Paging),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses((status = 200, description = "One page of decrees", body = DecreePage))
)]
#[get("/decrees")]
pub async fn list(
    actor: Requires<DecreesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<DecreeFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Record a decree
///
/// Its indicators are recorded one by one afterwards. Decrees may share years (an amendment names the years of the
/// decree it amends): each indicator names the decree that governs it.
#[utoipa::path(
    tag = "decrees", operation_id = "createDecree", request_body = NewDecree,
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Decree, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Decree, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The number is already recorded, or the id is taken"),
        (status = 422, description = "An unknown district, or a last year before the first"),
    )
)]
#[post("/decrees")]
pub async fn create(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    body: Body<NewDecree>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |d| format!("/v1/decrees/{}", d.id), tag))
}

/// Get a decree
///
/// One decree with its indicators; the ETag covers both.
#[utoipa::path(
    tag = "decrees", operation_id = "getDecree", params(("id" = Uuid, Path, description = "Id of the decree")),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses((status = 200, description = "The decree", body = Decree, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/decrees/{id}")]
pub async fn get(
    actor: Requires<DecreesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let decree = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&decree), &decree))
}

/// Correct a decree
///
/// Everything but its district. Makes a new version. Its years must still hold the first year of each of its
/// indicators.
#[utoipa::path(
    tag = "decrees", operation_id = "updateDecree",
    params(("id" = Uuid, Path, description = "Id of the decree"), IfMatch),
    request_body(content = DecreePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = Decree, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "Another decree has this number"),
        (status = 422, description = "A last year before the first, or an indicator that begins outside these years"),
    )
)]
#[patch("/decrees/{id}")]
pub async fn patch(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<DecreePatch>,
) -> Result<HttpResponse, Error> {
    let decree = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&decree), &decree))
}
