//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    Indicator, IndicatorFilter, IndicatorPage, IndicatorPatch, IndicatorVersionPage, IndicatorYear, NewIndicator,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{IndicatorsRead, IndicatorsWrite, Permission};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, ETag, IfMatch, Paging, Patch, Path, Query, Slug, reply};

fn tag(indicator: &Indicator) -> ETag {
    ETag::at(indicator.recorded_at)
}

/// The current year in WITA.
fn this_year(db: &Db) -> i32 {
    civil::date_of(db.clock().now()).year()
}

/// List indicators
///
/// One entry per indicator, by district and number, as it governs the asked year.
#[utoipa::path(
    tag = "indicators", operation_id = "listIndicators", params(IndicatorFilter, Paging),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses((status = 200, description = "One page of indicators", body = IndicatorPage))
)]
#[get("/indicators")]
pub async fn list(
    actor: Requires<IndicatorsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<IndicatorFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let year = this_year(&db);
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0, year).await)
        .await?;
    reply::page(&req, &page)
}

/// Record an indicator
///
/// A new code under a decree. Its words govern from `from_year` on.
#[utoipa::path(
    tag = "indicators", operation_id = "createIndicator", request_body = NewIndicator,
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Indicator, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Indicator, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The code or the number is taken"),
        (status = 422, description = "An unknown decree, a year outside it, or a unit that the formula does not compute"),
    )
)]
#[post("/indicators")]
pub async fn create(
    actor: Requires<IndicatorsWrite>,
    db: web::Data<Db>,
    body: Body<NewIndicator>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |i| format!("/v1/indicators/{}", i.code), tag))
}

/// Get an indicator
///
/// One indicator as it governs a year. A year that its decree does not cover is a 404 `indicator_not_in_force`.
#[utoipa::path(
    tag = "indicators", operation_id = "getIndicator",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), IndicatorYear),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses((status = 200, description = "The indicator", body = Indicator, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/indicators/{code}")]
pub async fn get(
    actor: Requires<IndicatorsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    asked: Query<IndicatorYear>,
) -> Result<HttpResponse, Error> {
    let year = this_year(&db);
    let indicator = db
        .read(async |tx| service::get(tx, &actor, code.0.as_str(), asked.0.year, year).await)
        .await?;
    Ok(reply::one(&req, &tag(&indicator), &indicator))
}

/// Correct an indicator
///
/// Corrects the words and the formula from `from_year` on: the entry that begins in that year is corrected, or a new
/// one begins there as a copy of the one that governs it. Earlier years keep theirs; so do later entries. `If-Match`
/// is the ETag of the entry that governs `from_year` (`GET ?year=`).
#[utoipa::path(
    tag = "indicators", operation_id = "updateIndicator",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), IfMatch),
    request_body(content = IndicatorPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = Indicator, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The number is taken"),
        (status = 422, description = "An unknown decree, a year outside it, or a unit that the formula does not compute"),
    )
)]
#[patch("/indicators/{code}")]
pub async fn patch(
    actor: Requires<IndicatorsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    if_match: IfMatch,
    body: Patch<IndicatorPatch>,
) -> Result<HttpResponse, Error> {
    let indicator = db
        .write(async |tx| service::patch(tx, &actor, code.0.as_str(), &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&indicator), &indicator))
}

/// List the versions of an indicator
///
/// Every version of every entry, oldest first: who recorded it, when and why. `version` counts within one
/// `from_year`.
#[utoipa::path(
    tag = "indicators", operation_id = "listIndicatorVersions",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), Paging),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = IndicatorVersionPage))
)]
#[get("/indicators/{code}/versions")]
pub async fn versions(
    actor: Requires<IndicatorsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::versions(tx, &actor, code.0.as_str(), &paging.0).await)
        .await?;
    reply::page(&req, &page)
}
