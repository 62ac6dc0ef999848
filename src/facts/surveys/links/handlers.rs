//! HTTP operations.

use actix_web::{get, patch, post, web};
use uuid::Uuid;

use super::dto::{
    NewSurveyLink, NewSurveySlips, SurveyLink, SurveyLinkFilter, SurveyLinkPage, SurveyLinkPatch,
    SurveyLinkVersionPage, SurveySlipPage, SurveySlips,
};
use super::{service, slips};
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveysRead, SurveysWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Json, Paging, Patch, Path, Query, Tagged};

/// List survey links
///
/// The links under which citizens answer a survey on their own phones, by survey and name.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveyLinks", params(SurveyLinkFilter, Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(SurveyLinkPage)
)]
#[get("/survey-links")]
pub async fn list(
    actor: Requires<SurveysRead>,
    db: web::Data<Db>,
    filter: Query<SurveyLinkFilter>,
    paging: Paging,
) -> Result<SurveyLinkPage, Error> {
    db.read_one(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Make a survey link
///
/// Its page `/s/{code}` shows the survey's questions to everybody who has the address, without a sign-in and without asking a name.
/// Its answers have the mode `self_service`. No answer is refused: it is held, with a flag that says why, when it is over the hourly
/// budget, filled in within 15 seconds, the same as the link's answer before it within a minute, one of many equal ones, without a
/// slip where slips are required, or late. A retry with the same `id` is safe.
#[utoipa::path(
    tag = "surveys", operation_id = "createSurveyLink", request_body = NewSurveyLink,
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        Created<SurveyLink>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "An unknown survey"),
    )
)]
#[post("/survey-links")]
pub async fn create(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    body: Body<NewSurveyLink>,
) -> Result<Created<SurveyLink>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a survey link
///
/// The current version of a link.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurveyLink", params(("id" = Uuid, Path, description = "Id of the link")),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(Tagged<SurveyLink>)
)]
#[get("/survey-links/{id}")]
pub async fn get(actor: Requires<SurveysRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<SurveyLink>, Error> {
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change a survey link
///
/// Renames it, changes its budget or its end, or switches it off (`active`). Its survey and its code stay. After a link has ended,
/// answers that wait on phones are held.
#[utoipa::path(
    tag = "surveys", operation_id = "updateSurveyLink",
    params(("id" = Uuid, Path, description = "Id of the link"), IfMatch),
    request_body(content = SurveyLinkPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(Tagged<SurveyLink>)
)]
#[patch("/survey-links/{id}")]
pub async fn patch(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<SurveyLinkPatch>,
) -> Result<Tagged<SurveyLink>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a survey link
///
/// All versions, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveyLinkVersions",
    params(("id" = Uuid, Path, description = "Id of the link"), Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses(SurveyLinkVersionPage)
)]
#[get("/survey-links/{id}/versions")]
pub async fn versions(
    actor: Requires<SurveysRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<SurveyLinkVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}

/// List the slips of a survey link
///
/// All slips, newest first. Whether an answer was given with one is not said: nobody shall know who answered.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveySlips",
    params(("id" = Uuid, Path, description = "Id of the link"), Paging),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(SurveySlipPage)
)]
#[get("/survey-links/{id}/slips")]
pub async fn list_slips(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<SurveySlipPage, Error> {
    db.read(async |tx| slips::list(tx, &actor, id.0, &paging).await).await
}

/// Make slips of a survey link
///
/// One-time codes to hand out. One slip gives one answer: the answer has the slip's id, and other answers with the same slip are
/// held. Each request makes new slips.
#[utoipa::path(
    tag = "surveys", operation_id = "createSurveySlips", request_body = NewSurveySlips,
    params(("id" = Uuid, Path, description = "Id of the link")),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(Json<SurveySlips>)
)]
#[post("/survey-links/{id}/slips")]
pub async fn create_slips(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewSurveySlips>,
) -> Result<Json<SurveySlips>, Error> {
    let slips = db
        .write(async |tx| slips::create(tx, &actor, id.0, body.0).await)
        .await?;
    Ok(Json(SurveySlips { slips }))
}
