//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::dto::{NamedCodePage, Questionnaire};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReferencesRead};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{ETag, Paging, Path, Query, Slug, reply};

/// Get a questionnaire
///
/// The newest wording of a survey's form: the nine questions of `skm-9` with the labels of their answers.
#[utoipa::path(
    tag = "references", operation_id = "getQuestionnaire",
    params(("code" = Slug, Path, description = "Code of the questionnaire", example = "skm-9")),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses((status = 200, description = "The questionnaire", body = Questionnaire, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/questionnaires/{code}")]
pub async fn questionnaire(
    _who: Requires<ReferencesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
) -> Result<HttpResponse, Error> {
    let form = db.read(async |tx| service::questionnaire(tx, &code.0).await).await?;
    let tag = ETag::of(&form)?;
    Ok(reply::one(&req, &tag, &form))
}

/// List institution kinds
///
/// The kinds of village institutions (LKD) of Permendagri 18/2018.
#[utoipa::path(
    tag = "references", operation_id = "listInstitutionKinds", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses((status = 200, description = "One page of codes", body = NamedCodePage))
)]
#[get("/institution-kinds")]
pub async fn institution_kinds(
    _who: Requires<ReferencesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::institution_kinds(tx, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// List case categories
///
/// The objects of public order of Permendagri 26/2020.
#[utoipa::path(
    tag = "references", operation_id = "listCaseCategories", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses((status = 200, description = "One page of codes", body = NamedCodePage))
)]
#[get("/case-categories")]
pub async fn case_categories(
    _who: Requires<ReferencesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::case_categories(tx, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// List sections
///
/// The sections of the kecamatan's office that own the facts.
#[utoipa::path(
    tag = "references", operation_id = "listSections", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses((status = 200, description = "One page of codes", body = NamedCodePage))
)]
#[get("/sections")]
pub async fn sections(
    _who: Requires<ReferencesRead>,
    req: HttpRequest,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    reply::page(&req, &service::sections(&paging.0)?)
}
