//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};

use super::dto::{NewVillage, Village, VillageFilter, VillagePage, VillagePatch};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, VillagesRead, VillagesWrite};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, ETag, IfMatch, Paging, Patch, Path, Query, VillageCode, reply};

fn tag(village: &Village) -> ETag {
    ETag::at(village.recorded_at)
}

/// List villages
///
/// Desa and kelurahan, filtered and sorted, page by page.
#[utoipa::path(
    tag = "villages", operation_id = "listVillages", params(VillageFilter, Paging),
    security(("oauth2" = [VillagesRead::SCOPE])),
    responses((status = 200, description = "One page of villages", body = VillagePage))
)]
#[get("/villages")]
pub async fn list(
    actor: Requires<VillagesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<VillageFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Add a village
///
/// A desa or kelurahan with the code that Kemendagri gave it. It counts on the days on which it exists.
#[utoipa::path(
    tag = "villages", operation_id = "createVillage", request_body = NewVillage,
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        (status = 201, description = "Added", body = Village, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was added before by the same request", body = Village, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The code is taken"),
        (status = 422, description = "An unknown district, a code of another district, or an end before the beginning"),
    )
)]
#[post("/villages")]
pub async fn create(
    actor: Requires<VillagesWrite>,
    db: web::Data<Db>,
    body: Body<NewVillage>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |v| format!("/v1/villages/{}", v.code), tag))
}

/// Get a village
///
/// One desa or kelurahan by its Kemendagri code, as it is now.
#[utoipa::path(
    tag = "villages", operation_id = "getVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village")),
    security(("oauth2" = [VillagesRead::SCOPE])),
    responses((status = 200, description = "The village", body = Village, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/villages/{code}")]
pub async fn get(
    actor: Requires<VillagesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<VillageCode>,
) -> Result<HttpResponse, Error> {
    let village = db.read(async |tx| service::get(tx, &actor, &code.0).await).await?;
    Ok(reply::one(&req, &tag(&village), &village))
}

/// Change a village
///
/// Everything but its code and its district. Makes a new version: what was computed as of an earlier instant stays.
#[utoipa::path(
    tag = "villages", operation_id = "updateVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village"), IfMatch),
    request_body(content = VillagePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        (status = 200, description = "Changed", body = Village, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An end before the beginning"),
    )
)]
#[patch("/villages/{code}")]
pub async fn patch(
    actor: Requires<VillagesWrite>,
    db: web::Data<Db>,
    code: Path<VillageCode>,
    if_match: IfMatch,
    body: Patch<VillagePatch>,
) -> Result<HttpResponse, Error> {
    let village = db
        .write(async |tx| service::patch(tx, &actor, &code.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&village), &village))
}
