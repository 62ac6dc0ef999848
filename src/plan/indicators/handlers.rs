//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    Indicator, IndicatorFilter, IndicatorPage, IndicatorPatch, IndicatorVersionPage, IndicatorYear, NewIndicator,
};
use super::{service, withdrawal};
use crate::access::Requires;
use crate::access::permissions::{IndicatorsRead, IndicatorsWrite, Permission};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, Deleted, IfMatch, PageBody, Paging, Patch, Path, Query, Restoration, Slug, Tagged,
};

/// The current year in WITA.
fn this_year(db: &Db) -> i32 {
    civil::date_of(db.clock().now()).year()
}

/// List indicators
///
/// One entry per indicator, by district and number, in the wording that governs the requested year. Withdrawn indicators
/// have one entry, the last of their wordings.
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
    paging: Paging,
) -> Result<PageBody<Indicator>, Error> {
    let year = this_year(&db);
    db.read_one(async |tx| service::list(tx, &actor, &filter.0, &paging, year).await)
        .await
}

/// Record an indicator
///
/// A new code under a decree. Its wording governs from `from_year` on. A first year that is over needs a `reason`, and
/// `warnings` then names the periods that get another value.
#[utoipa::path(
    tag = "indicators", operation_id = "createIndicator", request_body = NewIndicator,
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        Created<Indicator>,
        (status = 409, description = "The code or the number is taken"),
        (status = 422, description = "An unknown decree, a year outside it, a year that is over without a reason, or a unit that the formula does not compute"),
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
    db.read_one(async |tx| service::get(tx, &actor, code.0.as_str(), governed.0.year, year).await)
        .await
        .map(Tagged::new)
}

/// Correct an indicator
///
/// Corrects the wording and the formula from `from_year` on: it corrects the entry that begins in that year, or begins
/// a new entry there as a copy of the entry that governs it. Earlier years and later entries do not change. A formula
/// of another kind replaces the old formula. A first year that is over needs a `reason`, and `warnings` then names the
/// periods that get another value. `If-Match` takes the ETag of the entry that governs `from_year` (`GET
/// ?year=`).
#[utoipa::path(
    tag = "indicators", operation_id = "updateIndicator",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"), IfMatch),
    request_body(content = IndicatorPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        Tagged<Indicator>,
        (status = 409, description = "The number is taken"),
        (status = 422, description = "An unknown decree, a year outside it, a year that is over without a reason, or a unit that the formula does not compute"),
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

/// Withdraw an indicator
///
/// For an indicator that was made by mistake: all its wordings are withdrawn, nothing counts it, and its versions and targets
/// stay. An indicator of the decree that ships is a 409. If it had values in periods that are over, or has targets or facts,
/// the response is 200 with `warnings`. `If-Match` takes the ETag of `GET` without `year`.
#[utoipa::path(
    tag = "indicators", operation_id = "deleteIndicator",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1"),
        DeleteReason, IfMatch,
    ),
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(Deleted, (status = 409, description = "The indicator comes from the decree that ships"))
)]
#[delete("/indicators/{code}")]
pub async fn delete(
    actor: Requires<IndicatorsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<Deleted, Error> {
    let (year, reason) = (this_year(&db), reason.0.reason);
    db.write(async |tx| withdrawal::delete(tx, &actor, code.0.as_str(), &if_match, reason, year).await)
        .await
        .map(Deleted)
}

/// Restore an indicator
///
/// A withdrawn indicator is in force again, with the wordings that were withdrawn together. A number that another indicator
/// has by now, or a decree that does not exist any more, is a 409.
#[utoipa::path(
    tag = "indicators", operation_id = "restoreIndicator", request_body = Restoration,
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-1")),
    security(("oauth2" = [IndicatorsWrite::SCOPE])),
    responses(
        Tagged<Indicator>,
        (status = 409, description = "It is not withdrawn, its number is taken, or its decree does not cover it"),
    )
)]
#[post("/indicators/{code}/restorations")]
pub async fn restore(
    actor: Requires<IndicatorsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    body: Body<Restoration>,
) -> Result<Tagged<Indicator>, Error> {
    let year = this_year(&db);
    db.write(async |tx| withdrawal::restore(tx, &actor, code.0.as_str(), body.0, year).await)
        .await
        .map(Tagged::new)
}

/// List the versions of an indicator
///
/// All versions of all entries, oldest first, each with its recorder, time and reason. `version` counts within one
/// `from_year`.
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
    paging: Paging,
) -> Result<IndicatorVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, code.0.as_str(), &paging).await)
        .await
}
