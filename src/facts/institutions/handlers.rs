//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{
    Institution, InstitutionFilter, InstitutionPage, InstitutionPatch, InstitutionVersionPage, NewInstitution,
};
use super::service;
use super::transfers::{self, InstitutionTransfer};
use crate::access::Requires;
use crate::access::permissions::{InstitutionsRead, InstitutionsWrite, Permission};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Patch, Path, Query, Restoration, Tagged};

/// List institutions
///
/// Village institutions with their decrees, filtered and sorted, page by page. `expires_before` lists the institutions
/// that need a renewal soon, and `suspected` those that may have been recorded twice.
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
    paging: Paging,
) -> Result<InstitutionPage, Error> {
    let today = civil::date_of(db.clock().now());
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging, today).await)
        .await
}

/// Record an institution
///
/// The institution counts for IKU 2 while one of its decrees is in force. A second institution of the same village, kind
/// and name is a 409, also if the name is written in another way (`RT 01`, `RT.001`, `Rukun Tetangga 1`); a retry with the
/// same `id` is not.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitution", request_body = NewInstitution,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Created<Institution>,
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, an unknown code, impossible dates, or a decree that starts when its village did not exist"),
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
/// corrected. `village_code` can be corrected until the institution has counted; afterwards it is transferred.
#[utoipa::path(
    tag = "institutions", operation_id = "updateInstitution",
    params(("id" = Uuid, Path, description = "Id of the institution"), IfMatch),
    request_body(content = InstitutionPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Tagged<Institution>,
        (status = 409, description = "The village has another institution of this kind and name, or the institution must be transferred"),
        (status = 422, description = "A kelurahan, an unknown code, impossible dates, or a decree that starts when its village did not exist"),
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

/// Restore an institution
///
/// A withdrawn institution counts again, from now on, with its decrees. Another institution of the same village, kind and
/// name is a 409.
#[utoipa::path(
    tag = "institutions", operation_id = "restoreInstitution", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the institution")),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Tagged<Institution>,
        (status = 409, description = "It is not deleted, or another institution has taken its name"),
        (status = 422, description = "Each of its decrees begins on a day on which its village does not exist any more"),
    )
)]
#[post("/institutions/{id}/restorations")]
pub async fn restore(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Institution>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// Transfer an institution
///
/// The institution passes to another desa of the district from a day on: before it the old village counts, from it the new
/// one. A transfer on the day of the last one corrects its village, and a transfer to the village of the last one corrects
/// its day. The same transfer sent again changes nothing. `warnings` names the periods that are over and can move.
#[utoipa::path(
    tag = "institutions", operation_id = "transferInstitution", request_body = InstitutionTransfer,
    params(("id" = Uuid, Path, description = "Id of the institution")),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Tagged<Institution>,
        (status = 409, description = "The village has another institution of this kind and name"),
        (status = 422, description = "A kelurahan, an unknown village, a day on which it does not exist, or a day before an earlier transfer"),
    )
)]
#[post("/institutions/{id}/transfers")]
pub async fn transfer(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<InstitutionTransfer>,
) -> Result<Tagged<Institution>, Error> {
    db.write(async |tx| transfers::transfer(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of an institution
///
/// All versions, oldest first, each with its recorder, time and reason. They stay readable after the institution is
/// withdrawn.
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
    paging: Paging,
) -> Result<InstitutionVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
