//! The HTTP operation of the completeness of reports.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::dto::{Completeness, CompletenessFilter};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{CompletenessRead, Permission};
use crate::platform::error::Error;
use crate::platform::http::Query;
use crate::platform::http::page::HasNextPage;
use crate::results::response_cache::ResponseCache;

impl HasNextPage for Completeness {}

/// Get the completeness of reports
///
/// The reports that the desa of a district owe in a year, and their state today: on time, late, missing or not due.
#[utoipa::path(
    tag = "reports", operation_id = "getReportCompleteness", params(CompletenessFilter),
    security(("oauth2" = [CompletenessRead::SCOPE])),
    responses(
        (status = 200, description = "The matrix", body = Completeness, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "The filter names no district, and the token allows several"),
    )
)]
#[get("/reports/completeness")]
pub async fn get(
    actor: Requires<CompletenessRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    filter: Query<CompletenessFilter>,
) -> Result<HttpResponse, Error> {
    let query = cache.query_now(&actor);
    cache
        .respond(&req, &query, async |facts| service::get(facts, &query, &filter.0).await)
        .await
}
