//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewSurvey, Survey, SurveyFilter, SurveyPage, SurveyPatch, SurveyVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveysRead, SurveysWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, Deleted, IfMatch, PageBody, Paging, Patch, Path, Query, Restoration, Tagged,
};

/// List surveys
///
/// Surveys, filtered and sorted, page by page. Devices see open surveys only.
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
    paging: Paging,
) -> Result<PageBody<Survey>, Error> {
    db.read_one(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
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
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change, open or close a survey
///
/// Makes a new version; earlier versions stay readable. The status changes `draft` -> `open` <-> `closed`. A change of the
/// dates, the section or the inactive elements of a closed survey needs a `reason`. So does opening a survey of a year that is
/// over again, because its values become provisional. `warnings` names the periods that are over and whose values it can move.
#[utoipa::path(
    tag = "surveys", operation_id = "updateSurvey",
    params(("id" = Uuid, Path, description = "Id of the survey"), IfMatch),
    request_body(content = SurveyPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        Tagged<Survey>,
        (status = 409, description = "The current status does not allow this change"),
        (status = 422, description = "It would end before it starts, or the change needs a reason"),
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

/// Withdraw a survey
///
/// For a survey that was opened by mistake or for training: it is kept with its answers, does not count, and can be restored.
/// Answers that arrive later stay on their phones. Values of an earlier `as_of` do not change. If it counted in periods that
/// are over, the response is 200 with `warnings`, which names them.
#[utoipa::path(
    tag = "surveys", operation_id = "deleteSurvey",
    params(("id" = Uuid, Path, description = "Id of the survey"), DeleteReason, IfMatch),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(Deleted)
)]
#[delete("/surveys/{id}")]
pub async fn delete(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<Deleted, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await
        .map(Deleted)
}

/// Restore a survey
///
/// A withdrawn survey counts again, from now on, with the status that it had. `warnings` names the periods that are over and
/// that count it.
#[utoipa::path(
    tag = "surveys", operation_id = "restoreSurvey", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the survey")),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        Tagged<Survey>,
        (status = 409, description = "It is not withdrawn"),
    )
)]
#[post("/surveys/{id}/restorations")]
pub async fn restore(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Survey>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a survey
///
/// All versions, oldest first, each with its recorder, time and reason.
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
    paging: Paging,
) -> Result<SurveyVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
