//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewSurvey, Survey, SurveyFilter, SurveyPage, SurveyPatch, SurveyVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveysRead, SurveysWrite};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(survey: &Survey) -> ETag {
    ETag::at(survey.recorded_at)
}

/// List surveys
///
/// Surveys, filtered and sorted, page by page. A phone is shown the open ones only.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveys", params(SurveyFilter, Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses((status = 200, description = "One page of surveys", body = SurveyPage))
)]
#[get("/surveys")]
pub async fn list(
    actor: Requires<SurveysRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<SurveyFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Make a survey
///
/// It begins as a draft: open it by PATCH. The same request twice makes one survey.
#[utoipa::path(
    tag = "surveys", operation_id = "createSurvey", request_body = NewSurvey,
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        (status = 201, description = "Made", body = Survey, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was made before by the same request", body = Survey, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The id is taken"),
        (status = 422, description = "It ends before it starts, or an unknown district"),
    )
)]
#[post("/surveys")]
pub async fn create(
    actor: Requires<SurveysWrite>,
    db: web::Data<Db>,
    body: Body<NewSurvey>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |r| format!("/v1/surveys/{}", r.id), tag))
}

/// Get a survey
///
/// One survey as it is now.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurvey", params(("id" = Uuid, Path, description = "Id of the survey")),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses((status = 200, description = "The survey", body = Survey, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/surveys/{id}")]
pub async fn get(
    actor: Requires<SurveysRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let survey = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&survey), &survey))
}

/// Change, open or close a survey
///
/// Makes a new version; the old one stays readable. The status goes `draft` -> `open` <-> `closed`.
#[utoipa::path(
    tag = "surveys", operation_id = "updateSurvey",
    params(("id" = Uuid, Path, description = "Id of the survey"), IfMatch),
    request_body(content = SurveyPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [SurveysWrite::SCOPE])),
    responses(
        (status = 200, description = "Changed", body = Survey, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The status cannot change like this"),
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
) -> Result<HttpResponse, Error> {
    let survey = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&survey), &survey))
}

/// List the versions of a survey
///
/// Every version, oldest first: who recorded it, when and why.
#[utoipa::path(
    tag = "surveys", operation_id = "listSurveyVersions",
    params(("id" = Uuid, Path, description = "Id of the survey"), Paging),
    security(("oauth2" = [SurveysRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = SurveyVersionPage))
)]
#[get("/surveys/{id}/versions")]
pub async fn versions(
    actor: Requires<SurveysRead>,
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
