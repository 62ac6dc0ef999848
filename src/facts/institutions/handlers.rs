//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
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
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(institution: &Institution) -> ETag {
    ETag::at(institution.recorded_at)
}

/// List institutions
///
/// Village institutions with their decrees, filtered and sorted, page by page. `expires_before` is the warning list.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutions", params(InstitutionFilter, Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses((status = 200, description = "One page of institutions", body = InstitutionPage))
)]
#[get("/institutions")]
pub async fn list(
    actor: Requires<InstitutionsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<InstitutionFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let today = civil::date_of(db.clock().now());
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0, today).await)
        .await?;
    reply::page(&req, &page)
}

/// Record an institution
///
/// It counts for IKU 2 while one of its decrees is in force. The same institution twice is a 409; the same request
/// twice is not.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitution", request_body = NewInstitution,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, an unknown code, or dates that cannot be"),
    )
)]
#[post("/institutions")]
pub async fn create(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    body: Body<NewInstitution>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |r| format!("/v1/institutions/{}", r.id), tag))
}

/// Get an institution
///
/// One institution as it is now.
#[utoipa::path(
    tag = "institutions", operation_id = "getInstitution", params(("id" = Uuid, Path, description = "Id of the institution")),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses((status = 200, description = "The institution", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/institutions/{id}")]
pub async fn get(
    actor: Requires<InstitutionsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let institution = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&institution), &institution))
}

/// Correct an institution
///
/// Makes a new version; the old one stays readable.
#[utoipa::path(
    tag = "institutions", operation_id = "updateInstitution",
    params(("id" = Uuid, Path, description = "Id of the institution"), IfMatch),
    request_body(content = InstitutionPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The village has another institution of this kind and name"),
        (status = 422, description = "A kelurahan, an unknown code, or dates that cannot be"),
    )
)]
#[patch("/institutions/{id}")]
pub async fn patch(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<InstitutionPatch>,
) -> Result<HttpResponse, Error> {
    let institution = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&institution), &institution))
}

/// Withdraw an institution
///
/// The institution no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "institutions", operation_id = "deleteInstitution",
    params(("id" = Uuid, Path, description = "Id of the institution"), DeleteReason, IfMatch),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses((status = 204, description = "Withdrawn"))
)]
#[delete("/institutions/{id}")]
pub async fn delete(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, why.0.reason).await)
        .await?;
    Ok(reply::gone())
}

/// List the versions of an institution
///
/// Every version, oldest first: who recorded it, when and why. Readable also after the institution was withdrawn.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutionVersions",
    params(("id" = Uuid, Path, description = "Id of the institution"), Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = InstitutionVersionPage))
)]
#[get("/institutions/{id}/versions")]
pub async fn versions(
    actor: Requires<InstitutionsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::versions(tx, &actor, id.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// List the decrees of an institution
///
/// The Keputusan Kepala Desa that established it and renewed it, in the order in which they were recorded.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutionDecrees",
    params(("id" = Uuid, Path, description = "Id of the institution"), Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses((status = 200, description = "One page of decrees", body = InstitutionDecreePage))
)]
#[get("/institutions/{id}/decrees")]
pub async fn decrees(
    actor: Requires<InstitutionsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::decrees(tx, &actor, id.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Renew an institution
///
/// One more decree of the same institution, and thereby a new version of it. Needs no `If-Match`: it adds, whatever
/// else was changed. The decree's own `id` makes sending again safe.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitutionDecree",
    params(("id" = Uuid, Path, description = "Id of the institution")),
    request_body = NewInstitutionDecree,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        (status = 201, description = "Renewed", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was renewed before by the same request", body = Institution, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The decree's id is taken, or its decree was removed"),
        (status = 422, description = "Dates that cannot be, or too many decrees"),
    )
)]
#[post("/institutions/{id}/decrees")]
pub async fn renew(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewInstitutionDecree>,
) -> Result<HttpResponse, Error> {
    let renewed = db
        .write(async |tx| service::renew(tx, &actor, id.0, body.0).await)
        .await?;
    Ok(reply::created(renewed, |i| format!("/v1/institutions/{}", i.id), tag))
}
