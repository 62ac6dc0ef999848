//! HTTP operations.

use actix_web::{get, patch, post, web};

use super::dto::{NewVillage, Village, VillageFilter, VillagePage, VillagePatch};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, VillagesRead, VillagesWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Tagged, VillageCode};

/// List villages
///
/// Desa and kelurahan, filtered and sorted, page by page.
#[utoipa::path(
    tag = "villages", operation_id = "listVillages", params(VillageFilter, Paging),
    security(("oauth2" = [VillagesRead::SCOPE])),
    responses(VillagePage)
)]
#[get("/villages")]
pub async fn list(
    actor: Requires<VillagesRead>,
    db: web::Data<Db>,
    filter: Query<VillageFilter>,
    paging: Query<Paging>,
) -> Result<VillagePage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Add a village
///
/// A desa or kelurahan with its code from Kemendagri. It counts on the days on which it exists.
#[utoipa::path(
    tag = "villages", operation_id = "createVillage", request_body = NewVillage,
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Created<Village>,
        (status = 409, description = "The code is taken"),
        (status = 422, description = "An unknown district, a code of another district, or an end before the beginning"),
    )
)]
#[post("/villages")]
pub async fn create(
    actor: Requires<VillagesWrite>,
    db: web::Data<Db>,
    body: Body<NewVillage>,
) -> Result<Created<Village>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a village
///
/// The current version of a desa or kelurahan, by its Kemendagri code.
#[utoipa::path(
    tag = "villages", operation_id = "getVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village")),
    security(("oauth2" = [VillagesRead::SCOPE])),
    responses(Tagged<Village>)
)]
#[get("/villages/{code}")]
pub async fn get(
    actor: Requires<VillagesRead>,
    db: web::Data<Db>,
    code: Path<VillageCode>,
) -> Result<Tagged<Village>, Error> {
    db.read(async |tx| service::get(tx, &actor, &code.0).await)
        .await
        .map(Tagged::new)
}

/// Change a village
///
/// Makes a new version, so values as of an earlier instant stay the same. Code and district cannot change.
#[utoipa::path(
    tag = "villages", operation_id = "updateVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village"), IfMatch),
    request_body(content = VillagePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Tagged<Village>,
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
) -> Result<Tagged<Village>, Error> {
    db.write(async |tx| service::patch(tx, &actor, &code.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}
