//! HTTP operations of the services.

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

const LIST: CodeList = CodeList::Services;

/// List services
///
/// The services of a kecamatan office, which a survey answer names.
#[utoipa::path(
    tag = "references", operation_id = "listServices", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ListedCodePage)
)]
#[get("/services")]
pub async fn list(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    paging: Paging,
) -> Result<ListedCodePage, Error> {
    db.read_one(async |tx| service::list(tx, &[LIST], &paging).await).await
}

/// Add a service
///
/// The code is added for every district, at the end of the list. Only an administrator of the regency may do so.
#[utoipa::path(
    tag = "references", operation_id = "createService", request_body = NewListedCode,
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Created<ListedCode>,
        (status = 409, description = "The code is taken"),
        (status = 422, description = "A code of more than 40 characters"),
    )
)]
#[post("/services")]
pub async fn create(
    actor: Requires<ReferencesWrite>,
    db: web::Data<Db>,
    body: Body<NewListedCode>,
) -> Result<Created<ListedCode>, Error> {
    db.write(async |tx| service::create(tx, &actor, LIST, body.0).await)
        .await
}

/// Get a service
///
/// The current version of a code, also if it has ended.
#[utoipa::path(
    tag = "references", operation_id = "getService",
    params(("code" = Slug, Path, description = "Code of the service", example = "ktp")),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(Tagged<ListedCode>)
)]
#[get("/services/{code}")]
pub async fn get(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
) -> Result<Tagged<ListedCode>, Error> {
    db.read_one(async |tx| service::get(tx, LIST, code.0.as_str()).await)
        .await
        .map(Tagged::new)
}

/// Change a service
///
/// Renames it, or ends it with `valid_to_year`: facts of later years cannot have it, and earlier facts keep it. A code that
/// came with the service cannot end.
#[utoipa::path(
    tag = "references", operation_id = "updateService",
    params(("code" = Slug, Path, description = "Code of the service", example = "ktp"), IfMatch),
    request_body(content = ListedCodePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Tagged<ListedCode>,
        (status = 409, description = "A code that came with the service cannot end"),
    )
)]
#[patch("/services/{code}")]
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

/// List the versions of a service
///
/// All versions, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "references", operation_id = "listServiceVersions",
    params(("code" = Slug, Path, description = "Code of the service", example = "ktp"), Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ListedCodeVersionPage)
)]
#[get("/services/{code}/versions")]
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
