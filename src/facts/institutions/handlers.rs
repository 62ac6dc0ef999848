//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{
    Institution, InstitutionDecreePage, InstitutionFilter, InstitutionPage, InstitutionPatch, InstitutionVersionPage,
    NewInstitution, NewInstitutionDecree,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{InstitutionsRead, InstitutionsWrite, Permission};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Patch, Path, Query, Tagged};

/// List institutions
///
/// Village institutions with their decrees, filtered and sorted, page by page. `expires_before` lists the institutions
/// that need a renewal soon.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutions", params(InstitutionFilter, Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(InstitutionPage)
)]
#[get("/institutions")]
pub async fn list(
    actor: Requires<InstitutionsRead>,
    db: web::Data<Db>,
    filter: Query<InstitutionFilter>,
    paging: Query<Paging>,
) -> Result<InstitutionPage, Error> {
    let today = civil::date_of(db.clock().now());
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0, today).await)
        .await
}

/// Record an institution
///
/// The institution counts for IKU 2 while one of its decrees is in force. A second institution of the same village, kind
/// and name is a 409; a retry with the same `id` is not.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitution", request_body = NewInstitution,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Created<Institution>,
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, an unknown code, or impossible dates"),
    )
)]
#[post("/institutions")]
pub async fn create(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    body: Body<NewInstitution>,
) -> Result<Created<Institution>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get an institution
///
/// The current version of an institution.
#[utoipa::path(
    tag = "institutions", operation_id = "getInstitution", params(("id" = Uuid, Path, description = "Id of the institution")),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(Tagged<Institution>)
)]
#[get("/institutions/{id}")]
pub async fn get(
    actor: Requires<InstitutionsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<Institution>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct an institution
///
/// Makes a new version; earlier versions stay readable. `decrees` replaces all decrees; a decree that keeps its `id` is
/// corrected.
#[utoipa::path(
    tag = "institutions", operation_id = "updateInstitution",
    params(("id" = Uuid, Path, description = "Id of the institution"), IfMatch),
    request_body(content = InstitutionPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Tagged<Institution>,
        (status = 409, description = "The village has another institution of this kind and name"),
        (status = 422, description = "A kelurahan, an unknown code, or impossible dates"),
    )
)]
#[patch("/institutions/{id}")]
pub async fn patch(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<InstitutionPatch>,
) -> Result<Tagged<Institution>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// Withdraw an institution
///
/// The institution no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "institutions", operation_id = "deleteInstitution",
    params(("id" = Uuid, Path, description = "Id of the institution"), DeleteReason, IfMatch),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/institutions/{id}")]
pub async fn delete(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// List the versions of an institution
///
/// All versions, oldest first: who recorded each, when and why. They stay readable after the institution
/// is withdrawn.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutionVersions",
    params(("id" = Uuid, Path, description = "Id of the institution"), Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(InstitutionVersionPage)
)]
#[get("/institutions/{id}/versions")]
pub async fn versions(
    actor: Requires<InstitutionsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<InstitutionVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging.0).await)
        .await
}

/// List the decrees of an institution
///
/// The Keputusan Kepala Desa that established and renewed the institution, in the order in which they were recorded.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutionDecrees",
    params(("id" = Uuid, Path, description = "Id of the institution"), Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(InstitutionDecreePage)
)]
#[get("/institutions/{id}/decrees")]
pub async fn decrees(
    actor: Requires<InstitutionsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<InstitutionDecreePage, Error> {
    db.read(async |tx| service::decrees(tx, &actor, id.0, &paging.0).await)
        .await
}

/// Renew an institution
///
/// Adds a decree, which makes a new version of the institution. `If-Match` is not needed: adding is independent of other
/// changes. The `id` of the decree makes a retry safe.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitutionDecree",
    params(("id" = Uuid, Path, description = "Id of the institution")),
    request_body = NewInstitutionDecree,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Created<Institution>,
        (status = 409, description = "The id of the decree is taken, or its decree was removed"),
        (status = 422, description = "Impossible dates, or too many decrees"),
    )
)]
#[post("/institutions/{id}/decrees")]
pub async fn renew(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewInstitutionDecree>,
) -> Result<Created<Institution>, Error> {
    db.write(async |tx| service::renew(tx, &actor, id.0, body.0).await)
        .await
}
