//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Agreement, AgreementFilter, AgreementPage, AgreementPatch, AgreementVersionPage, NewAgreement};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, TargetsRead, TargetsWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, IfMatch, NoContent, PageBody, Paging, Patch, Path, Query, Restoration, Tagged,
};

/// List performance agreements
///
/// The agreements (Perjanjian Kinerja) that promise the targets of a year, filtered and sorted, page by page.
#[utoipa::path(
    tag = "agreements", operation_id = "listAgreements", params(AgreementFilter, Paging),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(AgreementPage)
)]
#[get("/agreements")]
pub async fn list(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    filter: Query<AgreementFilter>,
    paging: Paging,
) -> Result<PageBody<Agreement>, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Record a performance agreement
///
/// One with `revises` is a PK Perubahan: it replaces an earlier agreement of the district and the year. Targets name their
/// agreement (`agreement_id`), and the values of their periods show it. A retry with the same `id` is safe.
#[utoipa::path(
    tag = "agreements", operation_id = "createAgreement", request_body = NewAgreement,
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        Created<Agreement>,
        (status = 409, description = "The number or the id is taken"),
        (status = 422, description = "A day in the future or before that of the revised agreement, or an unknown district or agreement"),
    )
)]
#[post("/agreements")]
pub async fn create(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    body: Body<NewAgreement>,
) -> Result<Created<Agreement>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a performance agreement
///
/// The current version of an agreement.
#[utoipa::path(
    tag = "agreements", operation_id = "getAgreement", params(("id" = Uuid, Path, description = "Id of the agreement")),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(Tagged<Agreement>)
)]
#[get("/agreements/{id}")]
pub async fn get(actor: Requires<TargetsRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Agreement>, Error> {
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a performance agreement
///
/// Corrects the number, the day or the parties. Makes a new version; earlier versions stay readable. District, year and `revises`
/// stay: another agreement is another record.
#[utoipa::path(
    tag = "agreements", operation_id = "updateAgreement",
    params(("id" = Uuid, Path, description = "Id of the agreement"), IfMatch),
    request_body(content = AgreementPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        Tagged<Agreement>,
        (status = 409, description = "The number is taken"),
        (status = 422, description = "A day in the future, before that of the revised agreement, or after that of a revision"),
    )
)]
#[patch("/agreements/{id}")]
pub async fn patch(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<AgreementPatch>,
) -> Result<Tagged<Agreement>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// Delete a performance agreement
///
/// Refused while a target belongs to it, or another agreement revises it. Its versions stay readable.
#[utoipa::path(
    tag = "agreements", operation_id = "deleteAgreement",
    params(("id" = Uuid, Path, description = "Id of the agreement"), DeleteReason, IfMatch),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(NoContent, (status = 409, description = "A target belongs to it, or another agreement revises it"))
)]
#[delete("/agreements/{id}")]
pub async fn delete(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// Restore a performance agreement
///
/// A deleted agreement exists again. Targets can name it again; none does so by itself.
#[utoipa::path(
    tag = "agreements", operation_id = "restoreAgreement", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the agreement")),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        Tagged<Agreement>,
        (status = 409, description = "It is not deleted, or its number is taken"),
        (status = 422, description = "The agreement that it revises does not exist"),
    )
)]
#[post("/agreements/{id}/restorations")]
pub async fn restore(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Agreement>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a performance agreement
///
/// All versions, oldest first, each with its recorder, time and reason; also after the deletion.
#[utoipa::path(
    tag = "agreements", operation_id = "listAgreementVersions",
    params(("id" = Uuid, Path, description = "Id of the agreement"), Paging),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(AgreementVersionPage)
)]
#[get("/agreements/{id}/versions")]
pub async fn versions(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<AgreementVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
