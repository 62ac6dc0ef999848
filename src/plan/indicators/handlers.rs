//! HTTP operations.

use actix_web::{get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    Indicator, IndicatorFilter, IndicatorPage, IndicatorPatch, IndicatorVersionPage, IndicatorYear, NewIndicator,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{IndicatorsRead, IndicatorsWrite, Permission};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Slug, Tagged};

/// The current year in WITA.
fn this_year(db: &Db) -> i32 {
    civil::date_of(db.clock().now()).year()
}

/// List indicators
///
/// One entry per indicator, by district and number, in the wording that governs the requested year.
#[utoipa::path(
    tag = "indicators", operation_id = "listIndicators", params(IndicatorFilter, Paging),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses(IndicatorPage)
)]
#[get("/indicators")]
pub async fn list(
    actor: Requires<IndicatorsRead>,
    db: web::Data<Db>,
    filter: Query<IndicatorFilter>,
    paging: Query<Paging>,
) -> Result<IndicatorPage, Error> {
    let year = this_year(&db);
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0, year).await)
        .await
}

/// Record an indicator
///
/// A new code under a decree. Its wording governs from `from_year` on.
#[utoipa::path(
    tag = "indicators", operation_id = "createIndicator", request_body = NewIndicator,
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        Created<Indicator>,
        (status = 409, description = "The code or the number is taken"),
        (status = 422, description = "An unknown decree, a year outside it, or a unit that the formula does not compute"),
    )
)]
#[post("/indicators")]
pub async fn create(
    actor: Requires<IndicatorsWrite>,
    db: web::Data<Db>,
    body: Body<NewIndicator>,
) -> Result<Created<Indicator>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get an indicator
///
/// An indicator in the wording that governs a year. A year that its decree does not cover is a 404
/// `indicator_not_in_force`.
#[utoipa::path(
    tag = "indicators", operation_id = "getIndicator",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), IndicatorYear),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses(Tagged<Indicator>)
)]
#[get("/indicators/{code}")]
pub async fn get(
    actor: Requires<IndicatorsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    governed: Query<IndicatorYear>,
) -> Result<Tagged<Indicator>, Error> {
    let year = this_year(&db);
    db.read(async |tx| service::get(tx, &actor, code.0.as_str(), governed.0.year, year).await)
        .await
        .map(Tagged::new)
}

/// Correct an indicator
///
/// Corrects the wording and the formula from `from_year` on: it corrects the entry that begins in that year, or begins a
/// new entry there as a copy of the entry that governs it. Earlier years and later entries stay as they are. A formula of
/// another kind replaces the old formula. `If-Match` takes the ETag of the entry that governs `from_year` (`GET ?year=`).
#[utoipa::path(
    tag = "indicators", operation_id = "updateIndicator",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), IfMatch),
    request_body(content = IndicatorPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        Tagged<Indicator>,
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
) -> Result<Tagged<Indicator>, Error> {
    db.write(async |tx| service::patch(tx, &actor, code.0.as_str(), &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of an indicator
///
/// All versions of all entries, oldest first: who recorded each, when and why. `version` counts within one `from_year`.
#[utoipa::path(
    tag = "indicators", operation_id = "listIndicatorVersions",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), Paging),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses(IndicatorVersionPage)
)]
#[get("/indicators/{code}/versions")]
pub async fn versions(
    actor: Requires<IndicatorsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Query<Paging>,
) -> Result<IndicatorVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, code.0.as_str(), &paging.0).await)
        .await
}
