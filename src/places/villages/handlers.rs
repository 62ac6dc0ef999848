//! HTTP operations.

use actix_web::{delete, get, patch, post, web};

use super::dto::{NewVillage, Village, VillageFilter, VillagePage, VillagePatch, VillageVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, VillagesRead, VillagesWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, Deleted, IfMatch, PageBody, Paging, Patch, Path, Query, Restoration, Tagged, VillageCode,
};

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
    paging: Paging,
) -> Result<PageBody<Village>, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Add a village
///
/// A desa or kelurahan with its code from Kemendagri. It counts on the days on which it exists: name the first one. A village
/// that began in a year that is over, or that has no first day, needs a `reason`, because values of that year move.
#[utoipa::path(
    tag = "villages", operation_id = "createVillage", request_body = NewVillage,
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Created<Village>,
        (status = 409, description = "The code is taken, or was deleted"),
        (status = 422, description = "An unknown district, a code of another district, an end before the beginning, or no reason"),
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
    db.read_one(async |tx| service::get(tx, &actor, &code.0).await)
        .await
        .map(Tagged::new)
}

/// Change a village
///
/// Makes a new version, so values as of an earlier instant stay the same. Code and district cannot change, and the kind only
/// while no fact names the village. To merge or split villages, end the old one (`valid_to`) and add the new one
/// (`valid_from`): values of periods that ended before stay. A day in a year that is over needs a `reason`.
#[utoipa::path(
    tag = "villages", operation_id = "updateVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village"), IfMatch),
    request_body(content = VillagePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Tagged<Village>,
        (status = 409, description = "Another kind, although facts name the village"),
        (status = 422, description = "An end before the beginning, a new name from a day in the future, or no reason"),
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

/// Delete a village
///
/// Takes out a village that was entered by mistake. Its versions stay readable, and it can be restored. A village that a fact
/// names, or ever named, cannot be deleted: end it.
#[utoipa::path(
    tag = "villages", operation_id = "deleteVillage",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village"), DeleteReason, IfMatch),
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Deleted,
        (status = 409, description = "Facts name the village"),
    )
)]
#[delete("/villages/{code}")]
pub async fn delete(
    actor: Requires<VillagesWrite>,
    db: web::Data<Db>,
    code: Path<VillageCode>,
    if_match: IfMatch,
    reason: Query<DeleteReason>,
) -> Result<Deleted, Error> {
    db.write(async |tx| service::delete(tx, &actor, &code.0, &if_match, reason.0.reason).await)
        .await
        .map(Deleted)
}

/// Restore a village
///
/// A deleted village exists again, from now on known.
#[utoipa::path(
    tag = "villages", operation_id = "restoreVillage", request_body = Restoration,
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village")),
    security(("oauth2" = [VillagesWrite::SCOPE])),
    responses(
        Tagged<Village>,
        (status = 409, description = "It is not deleted"),
    )
)]
#[post("/villages/{code}/restorations")]
pub async fn restore(
    actor: Requires<VillagesWrite>,
    db: web::Data<Db>,
    code: Path<VillageCode>,
    body: Body<Restoration>,
) -> Result<Tagged<Village>, Error> {
    db.write(async |tx| service::restore(tx, &actor, &code.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a village
///
/// All versions, oldest first, each with its recorder, time and reason. They stay readable after the village is deleted.
#[utoipa::path(
    tag = "villages", operation_id = "listVillageVersions",
    params(("code" = VillageCode, Path, description = "Kemendagri code of the village"), Paging),
    security(("oauth2" = [VillagesRead::SCOPE])),
    responses(VillageVersionPage)
)]
#[get("/villages/{code}/versions")]
pub async fn versions(
    actor: Requires<VillagesRead>,
    db: web::Data<Db>,
    code: Path<VillageCode>,
    paging: Paging,
) -> Result<VillageVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, &code.0, &paging).await)
        .await
}
