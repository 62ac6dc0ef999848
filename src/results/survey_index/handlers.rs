//! The HTTP operation of the index of a survey.

use actix_web::{HttpRequest, HttpResponse, get, web};
use uuid::Uuid;

use super::dto::SurveyIndex;
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ResponsesRead, SurveyIndexRead};
use crate::platform::error::Error;
use crate::platform::http::page::HasNextPage;
use crate::platform::http::{AsOf, Path, Query};
use crate::results::query;
use crate::results::response_cache::ResponseCache;

impl HasNextPage for SurveyIndex {}

/// Get the index of a survey
///
/// IKM and grade of all counted answers, the elements, the sample, and the profile of the respondents. With `as_of`: as
/// known at that instant. Without `responses:read`, `as_of` is the last microsecond of a day in WITA
/// (`2025-06-30T23:59:59.999999+08:00`), and `profile` is null with `as_of` and while the survey is open: answers of
/// single respondents would follow from two results.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurveyIndex",
    params(("id" = Uuid, Path, description = "Id of the survey"), AsOf),
    security(("oauth2" = [SurveyIndexRead::SCOPE])),
    responses(
        (status = 200, description = "The index", body = SurveyIndex, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "`as_of` lies in the future, or without `responses:read` is not the end of a day"),
    )
)]
#[get("/surveys/{id}/index")]
pub async fn get(
    actor: Requires<SurveyIndexRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    id: Path<Uuid>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let query = query::Query {
        sees_answers: actor.scopes.contains(&ResponsesRead::SCOPE),
        ..cache.query(&actor, &req, &as_of.0)?
    };
    query.ensure_aggregate()?;
    cache
        .respond(&req, &query, async |facts| service::index(facts, &query, id.0).await)
        .await
}
