//! HTTP operations.

use actix_web::{delete, get, put, web};

use super::dto::{NewTarget, Target, TargetFilter, TargetPage, TargetVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, TargetsRead, TargetsWrite};
use crate::core::period::Period;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, Deleted, IfMatch, Paging, Path, PutConditions, Query, Slug, Tagged};

/// List the targets of an indicator
///
/// The targets in the order of their last day: Q1, S1, Q3, the year.
#[utoipa::path(
    tag = "targets", operation_id = "listTargets",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"), TargetFilter, Paging),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(TargetPage)
)]
#[get("/indicators/{code}/targets")]
pub async fn list(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    filter: Query<TargetFilter>,
    paging: Paging,
) -> Result<TargetPage, Error> {
    db.read(async |tx| service::list(tx, &actor, code.0.as_str(), &filter.0, &paging).await)
        .await
}

/// Get a target
///
/// The target of a period. Periods with the same last day share a target, which has the canonical name of the period.
#[utoipa::path(
    tag = "targets", operation_id = "getTarget",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
    ),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(
        Tagged<Target>,
        (status = 422, description = "A month that ends no quarter"),
    )
)]
#[get("/indicators/{code}/targets/{period}")]
pub async fn get(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
) -> Result<Tagged<Target>, Error> {
    let (code, period) = path.0;
    db.read(async |tx| service::get(tx, &actor, code.as_str(), period).await)
        .await
        .map(Tagged::new)
}

/// Set a target
///
/// Sets the target of a period, or replaces it; replacing needs `If-Match`. A retry with the same content is safe.
/// `agreement_id` names the performance agreement that promises it (murni or perubahan), `reason` says why it is revised; former values stay readable at `/versions`. In a year that is over
/// a revision needs a `reason`. `warnings` names the period if it is over: its achievement moves.
#[utoipa::path(
    tag = "targets", operation_id = "replaceTarget", request_body = NewTarget,
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        PutConditions,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        Created<Target>,
        (status = 422, description = "A month that ends no quarter, an agreement of another district or year, or a revision in a year that is over without a reason"),
    )
)]
#[put("/indicators/{code}/targets/{period}")]
pub async fn put(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    conditions: PutConditions,
    body: Body<NewTarget>,
) -> Result<Created<Target>, Error> {
    let (code, period) = path.0;
    db.write(async |tx| service::put(tx, &actor, code.as_str(), period, conditions, body.0).await)
        .await
}

/// Withdraw a target
///
/// The period then has no target and no achievement. If it is over, the response is 200 with `warnings`.
#[utoipa::path(
    tag = "targets", operation_id = "deleteTarget",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        DeleteReason, IfMatch,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(Deleted, (status = 422, description = "A month that ends no quarter"))
)]
#[delete("/indicators/{code}/targets/{period}")]
pub async fn delete(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<Deleted, Error> {
    let (code, period) = path.0;
    db.write(async |tx| service::delete(tx, &actor, code.as_str(), period, &if_match, reason.0.reason).await)
        .await
        .map(Deleted)
}

/// List the versions of a target
///
/// All values that the target had, oldest first, each with its recorder, time and reason; also after its withdrawal.
#[utoipa::path(
    tag = "targets", operation_id = "listTargetVersions",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        Paging,
    ),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(
        TargetVersionPage,
        (status = 422, description = "A month that ends no quarter"),
    )
)]
#[get("/indicators/{code}/targets/{period}/versions")]
pub async fn versions(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    paging: Paging,
) -> Result<TargetVersionPage, Error> {
    let (code, period) = path.0;
    db.read(async |tx| service::versions(tx, &actor, code.as_str(), period, &paging).await)
        .await
}
