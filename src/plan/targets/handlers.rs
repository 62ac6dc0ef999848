//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};

use super::dto::{NewTarget, Target, TargetFilter, TargetPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, TargetsRead, TargetsWrite};
use crate::core::period::Period;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, OptionalIfMatch, Paging, Path, Query, Slug, reply};

fn tag(target: &Target) -> ETag {
    ETag::at(target.recorded_at)
}

fn place(target: &Target) -> String {
    format!("/v1/indicators/{}/targets/{}", target.indicator_code, target.period)
}

/// List the targets of an indicator
///
/// In the order of their last days: Q1, S1, Q3, the year.
#[utoipa::path(
    tag = "targets", operation_id = "listTargets",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"), TargetFilter, Paging),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses((status = 200, description = "One page of targets", body = TargetPage))
)]
#[get("/indicators/{code}/targets")]
pub async fn list(
    actor: Requires<TargetsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    filter: Query<TargetFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, code.0.as_str(), &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Get a target
///
/// The target of a period. Periods with the same last day share one, shown under its canonical name.
#[utoipa::path(
    tag = "targets", operation_id = "getTarget",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
    ),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(
        (status = 200, description = "The target", body = Target, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "A month that ends no quarter"),
    )
)]
#[get("/indicators/{code}/targets/{period}")]
pub async fn get(
    actor: Requires<TargetsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let target = db
        .read(async |tx| service::get(tx, &actor, code.as_str(), period).await)
        .await?;
    Ok(reply::one(&req, &tag(&target), &target))
}

/// Set a target
///
/// Sets the target of a period, or replaces it (then with `If-Match`). Sending the same again is safe.
#[utoipa::path(
    tag = "targets", operation_id = "replaceTarget", request_body = NewTarget,
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        OptionalIfMatch,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        (status = 201, description = "Set", body = Target, headers(
            ("ETag" = String, description = "Strong entity tag"), ("Location" = String, description = "Path of the target"))),
        (status = 200, description = "Replaced, or the same as before", body = Target, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "A month that ends no quarter"),
    )
)]
#[put("/indicators/{code}/targets/{period}")]
pub async fn put(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    if_match: OptionalIfMatch,
    body: Body<NewTarget>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let put = db
        .write(async |tx| service::put(tx, &actor, code.as_str(), period, if_match.0, body.0).await)
        .await?;
    Ok(match put {
        Created::Existing(target) => reply::changed(&tag(&target), &target),
        new => reply::created(new, place, tag),
    })
}

/// Withdraw a target
///
/// The period has no target any more, and so no achievement.
#[utoipa::path(
    tag = "targets", operation_id = "deleteTarget",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        DeleteReason, IfMatch,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses((status = 204, description = "Withdrawn"), (status = 422, description = "A month that ends no quarter"))
)]
#[delete("/indicators/{code}/targets/{period}")]
pub async fn delete(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    db.write(async |tx| service::delete(tx, &actor, code.as_str(), period, &if_match, why.0.reason).await)
        .await?;
    Ok(reply::gone())
}
