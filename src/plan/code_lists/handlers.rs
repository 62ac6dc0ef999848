//! HTTP operations.

use actix_web::{get, web};

use super::dto::{NamedCodePage, Questionnaire};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReferencesRead};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Paging, Path, Query, Slug, Tagged};

/// Get a questionnaire
///
/// The latest wording of a questionnaire: the nine questions of `skm-9` with the labels of their answers.
#[utoipa::path(
    tag = "references", operation_id = "getQuestionnaire",
    params(("code" = Slug, Path, description = "Code of the questionnaire", example = "skm-9")),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(Tagged<Questionnaire>)
)]
#[get("/questionnaires/{code}")]
pub async fn questionnaire(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
) -> Result<Tagged<Questionnaire>, Error> {
    let form = db.read(async |tx| service::questionnaire(tx, &code.0).await).await?;
    Tagged::by_content(form)
}

/// List institution kinds
///
/// The kinds of village institutions (LKD) of Permendagri 18/2018.
#[utoipa::path(
    tag = "references", operation_id = "listInstitutionKinds", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(NamedCodePage)
)]
#[get("/institution-kinds")]
pub async fn institution_kinds(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<NamedCodePage, Error> {
    db.read(async |tx| service::institution_kinds(tx, &paging.0).await)
        .await
}

/// List case categories
///
/// The objects of public order of Permendagri 26/2020.
#[utoipa::path(
    tag = "references", operation_id = "listCaseCategories", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(NamedCodePage)
)]
#[get("/case-categories")]
pub async fn case_categories(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<NamedCodePage, Error> {
    db.read(async |tx| service::case_categories(tx, &paging.0).await).await
}

/// List sections
///
/// The sections of the kecamatan that record the facts.
#[utoipa::path(
    tag = "references", operation_id = "listSections", params(Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(NamedCodePage)
)]
#[get("/sections")]
pub async fn sections(_actor: Requires<ReferencesRead>, paging: Query<Paging>) -> Result<NamedCodePage, Error> {
    service::sections(&paging.0)
}
