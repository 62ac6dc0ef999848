//! HTTP operations of the institution kinds.

use actix_web::{get, patch, post, web};

use super::list::CodeList;
use super::listed::{ListedCode, ListedCodePage, ListedCodePatch, ListedCodeVersionPage, NewListedCode};
use super::service;
use crate::access::permissions::{Permission, ReferencesRead, ReferencesWrite};
use crate::access::{Requires, records};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Slug, Tagged};

const LIST: CodeList = CodeList::InstitutionKinds;

/// List institution kinds
///
/// The kinds of village institutions (LKD): those of Permendagri 18/2018, and those that the regency added.
#[utoipa::path(
    tag = "references", operation_id = "listInstitutionKinds", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ListedCodePage)
)]
#[get("/institution-kinds")]
pub async fn list(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    paging: Paging,
) -> Result<ListedCodePage, Error> {
    db.read_one(async |tx| service::list(tx, &[LIST], &paging).await).await
}

/// Add an institution kind
///
/// The code is added for every district, at the end of the list. Only an administrator of the regency may do so.
#[utoipa::path(
    tag = "references", operation_id = "createInstitutionKind", request_body = NewListedCode,
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Created<ListedCode>,
        (status = 409, description = "The code is taken"),
    )
)]
#[post("/institution-kinds")]
pub async fn create(
    actor: Requires<ReferencesWrite>,
    db: web::Data<Db>,
    body: Body<NewListedCode>,
) -> Result<Created<ListedCode>, Error> {
    db.write(async |tx| service::create(tx, &actor, LIST, body.0).await)
        .await
}

/// Get an institution kind
///
/// The current version of a code, also if it has ended.
#[utoipa::path(
    tag = "references", operation_id = "getInstitutionKind",
    params(("code" = Slug, Path, description = "Code of the institution kind", example = "karang-taruna")),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(Tagged<ListedCode>)
)]
#[get("/institution-kinds/{code}")]
pub async fn get(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
) -> Result<Tagged<ListedCode>, Error> {
    db.read_one(async |tx| service::get(tx, LIST, code.0.as_str()).await)
        .await
        .map(Tagged::new)
}

/// Change an institution kind
///
/// Renames it, or ends it with `valid_to_year`: facts of later years cannot have it, and earlier facts keep it. A code that
/// came with the service cannot end.
#[utoipa::path(
    tag = "references", operation_id = "updateInstitutionKind",
    params(("code" = Slug, Path, description = "Code of the institution kind", example = "karang-taruna"), IfMatch),
    request_body(content = ListedCodePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Tagged<ListedCode>,
        (status = 409, description = "A code that came with the service cannot end"),
    )
)]
#[patch("/institution-kinds/{code}")]
pub async fn patch(
    actor: Requires<ReferencesWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    if_match: IfMatch,
    body: Patch<ListedCodePatch>,
) -> Result<Tagged<ListedCode>, Error> {
    let key = (LIST, code.0.as_str());
    db.write(async |tx| service::patch::<_, NewListedCode, _>(tx, &actor, key, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of an institution kind
///
/// All versions, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "references", operation_id = "listInstitutionKindVersions",
    params(("code" = Slug, Path, description = "Code of the institution kind", example = "karang-taruna"), Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ListedCodeVersionPage)
)]
#[get("/institution-kinds/{code}/versions")]
pub async fn versions(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Paging,
) -> Result<ListedCodeVersionPage, Error> {
    db.read(async |tx| service::versions(tx, LIST, code.0.as_str(), &paging).await)
        .await?
        .try_map(records::version_of)
}
