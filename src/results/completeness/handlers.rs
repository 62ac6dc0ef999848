//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::dto::{Completeness, CompletenessFilter};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{CompletenessRead, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Query, reply};
use crate::results::tag;

/// Get the completeness of reports
///
/// Every report that the desa of a district owe in a year, and how it stands today: on time, late, missing or not due.
#[utoipa::path(
    tag = "reports", operation_id = "getReportCompleteness", params(CompletenessFilter),
    security(("oauth2" = [CompletenessRead::SCOPE])),
    responses((status = 200, description = "The matrix", body = Completeness, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/reports/completeness")]
pub async fn get(
    who: Requires<CompletenessRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<CompletenessFilter>,
) -> Result<HttpResponse, Error> {
    let now = db.clock().now();
    db.read(async |tx| {
        let tag = tag::of(tx, who.district.as_deref(), &req, now).await?;
        if tag.is_named_by(req.headers()) {
            return Ok(reply::not_modified(&tag));
        }
        Ok(reply::one(&req, &tag, &service::get(tx, &who, now, &filter.0).await?))
    })
    .await
}
