//! HTTP operations of the questionnaire and the sections.

use actix_web::{get, web};
use chrono::Datelike;

use super::dto::{NamedCodePage, Questionnaire};
use super::{questionnaires, service};
use crate::access::Requires;
use crate::access::permissions::{Permission, ReferencesRead};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Paging, Path, Slug, Tagged};

/// Get a questionnaire
///
/// The latest wording of a questionnaire: the nine questions of `skm-9` with the labels of their answers, and the values of a respondent's profile that are valid this year.
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
    let this_year = civil::date_of(db.clock().now()).year();
    let form = db
        .read(async |tx| questionnaires::get(tx, &code.0, this_year).await)
        .await?;
    Tagged::by_content(form)
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
pub async fn sections(_actor: Requires<ReferencesRead>, paging: Paging) -> Result<NamedCodePage, Error> {
    service::sections(&paging)
}
