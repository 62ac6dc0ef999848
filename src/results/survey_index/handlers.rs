//! The HTTP operation of the index of a survey.

use actix_web::{HttpRequest, HttpResponse, get, web};
use uuid::Uuid;

use super::dto::SurveyIndex;
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, SurveyIndexRead};
use crate::platform::error::Error;
use crate::platform::http::page::HasNextPage;
use crate::platform::http::{AsOf, Path, Query};
use crate::results::response_cache::ResponseCache;

impl HasNextPage for SurveyIndex {}

/// Get the index of a survey
///
/// IKM and grade of all answers that count, element by element; whether the sample suffices; who answered. With
/// `as_of`: as it was known at that instant.
#[utoipa::path(
    tag = "surveys", operation_id = "getSurveyIndex",
    params(("id" = Uuid, Path, description = "Id of the survey"), AsOf),
    security(("oauth2" = [SurveyIndexRead::SCOPE])),
    responses(
        (status = 200, description = "The index", body = SurveyIndex, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "`as_of` lies in the future"),
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
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&query, async |facts| service::index(facts, &query, id.0).await)
        .await
}
