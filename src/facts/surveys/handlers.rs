//! HTTP operations.

use actix_web::{get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewSurvey, Survey, SurveyFilter, SurveyPage, SurveyPatch, SurveyVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveysRead, SurveysWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Tagged};

/// List surveys
///
/// Surveys, filtered and sorted, page by page. A device sees open surveys only.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveys", params(SurveyFilter, Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(SurveyPage)
)]
#[get("/surveys")]
pub async fn list(
    actor: Requires<SurveysRead>,
    db: web::Data<Db>,
    filter: Query<SurveyFilter>,
    paging: Query<Paging>,
) -> Result<SurveyPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Create a survey
///
/// A new survey is a draft: open it by PATCH. A retry with the same `id` creates no second survey.
#[utoipa::path(
    tag = "surveys", operation_id = "createSurvey", request_body = NewSurvey,
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        Created<Survey>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "It ends before it starts, or an unknown district"),
    )
)]
#[post("/surveys")]
pub async fn create(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    body: Body<NewSurvey>,
) -> Result<Created<Survey>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a survey
///
/// The current version of a survey.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurvey", params(("id" = Uuid, Path, description = "Id of the survey")),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(Tagged<Survey>)
)]
#[get("/surveys/{id}")]
pub async fn get(actor: Requires<SurveysRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Survey>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change, open or close a survey
///
/// Makes a new version; earlier versions stay readable. The status changes `draft` -> `open` <-> `closed`.
#[utoipa::path(
    tag = "surveys", operation_id = "updateSurvey",
    params(("id" = Uuid, Path, description = "Id of the survey"), IfMatch),
    request_body(content = SurveyPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        Tagged<Survey>,
        (status = 409, description = "The current status does not allow this change"),
        (status = 422, description = "It would end before it starts"),
    )
)]
#[patch("/surveys/{id}")]
pub async fn patch(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<SurveyPatch>,
) -> Result<Tagged<Survey>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a survey
///
/// All versions, oldest first: who recorded each, when and why.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveyVersions",
    params(("id" = Uuid, Path, description = "Id of the survey"), Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(SurveyVersionPage)
)]
#[get("/surveys/{id}/versions")]
pub async fn versions(
    actor: Requires<SurveysRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<SurveyVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging.0).await)
        .await
}
