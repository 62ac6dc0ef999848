//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Decree, DecreeFilter, DecreePage, DecreePatch, DecreeVersionPage, NewDecree};
use super::{deletion, service};
use crate::access::Requires;
use crate::access::permissions::{DecreesRead, DecreesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, Deleted, IfMatch, PageBody, Paging, Patch, Path, Query, Restoration, Tagged,
};

/// List decrees
///
/// Decrees with their indicators, filtered and sorted, page by page.
#[utoipa::path(
    tag = "decrees", operation_id = "listDecrees", params(DecreeFilter, Paging),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses(DecreePage)
)]
#[get("/decrees")]
pub async fn list(
    actor: Requires<DecreesRead>,
    db: web::Data<Db>,
    filter: Query<DecreeFilter>,
    paging: Paging,
) -> Result<PageBody<Decree>, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Record a decree
///
/// `copy_of` names the decree whose indicators it continues, in one request; without it, record its indicators one by one
/// afterwards. Decrees can share years (an amendment names the years of the decree that
/// it amends): each indicator names the decree that governs it.
#[utoipa::path(
    tag = "decrees", operation_id = "createDecree", request_body = NewDecree,
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        Created<Decree>,
        (status = 409, description = "The number is already recorded, the id is taken, or an indicator to continue has another decree by then"),
        (status = 422, description = "An unknown district or decree, a last year before the first, or indicators from a year that is over without a reason"),
    )
)]
#[post("/decrees")]
pub async fn create(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    body: Body<NewDecree>,
) -> Result<Created<Decree>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a decree
///
/// A decree with its indicators; the ETag covers both.
#[utoipa::path(
    tag = "decrees", operation_id = "getDecree", params(("id" = Uuid, Path, description = "Id of the decree")),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses(Tagged<Decree>)
)]
#[get("/decrees/{id}")]
pub async fn get(actor: Requires<DecreesRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Decree>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a decree
///
/// Makes a new version. The district cannot change. The years of the decree must include the first year of each of its
/// indicators. `legal_bases` replaces all legal bases. A year that is over needs a `reason`. `warnings` names the periods that
/// get or lose values, and indicators that are no longer in force although they have targets or facts.
#[utoipa::path(
    tag = "decrees", operation_id = "updateDecree",
    params(("id" = Uuid, Path, description = "Id of the decree"), IfMatch),
    request_body(content = DecreePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        Tagged<Decree>,
        (status = 409, description = "Another decree has this number"),
        (status = 422, description = "A last year before the first, an indicator that begins outside these years, or a year that is over without a reason"),
    )
)]
#[patch("/decrees/{id}")]
pub async fn patch(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<DecreePatch>,
) -> Result<Tagged<Decree>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// Delete a decree
///
/// For a decree that was recorded by mistake. Indicators that would begin under it later go with it. While indicators are in
/// force under it, or were, it is a 409: withdraw them first, or end the decree by its last year. If they have targets, the
/// response is 200 with `warnings`, which name them.
#[utoipa::path(
    tag = "decrees", operation_id = "deleteDecree",
    params(("id" = Uuid, Path, description = "Id of the decree"), DeleteReason, IfMatch),
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(Deleted, (status = 409, description = "Indicators are in force under it"))
)]
#[delete("/decrees/{id}")]
pub async fn delete(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<Deleted, Error> {
    db.write(async |tx| deletion::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await
        .map(Deleted)
}

/// Restore a decree
///
/// A deleted decree exists again, with the indicators that were deleted with it.
#[utoipa::path(
    tag = "decrees", operation_id = "restoreDecree", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the decree")),
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        Tagged<Decree>,
        (status = 409, description = "It is not deleted, or its number or one of its indicators is taken"),
    )
)]
#[post("/decrees/{id}/restorations")]
pub async fn restore(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Decree>, Error> {
    db.write(async |tx| deletion::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a decree
///
/// All versions, oldest first, each with its recorder, time and reason; also after its deletion. Its indicators have versions
/// of their own.
#[utoipa::path(
    tag = "decrees", operation_id = "listDecreeVersions",
    params(("id" = Uuid, Path, description = "Id of the decree"), Paging),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses(DecreeVersionPage)
)]
#[get("/decrees/{id}/versions")]
pub async fn versions(
    actor: Requires<DecreesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<DecreeVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
