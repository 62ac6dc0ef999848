//! HTTP operations.

use actix_web::{delete, get, put, web};

use super::dto::{NewPastValue, PastValue, PastValueFilter, PastValuePage, PastValueVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, TargetsRead, TargetsWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Path, PutConditions, Query, Slug, Tagged};

/// List the past values of an indicator
///
/// The values that an office reported for years before it used the service, by year. They are no realisations: nothing here
/// was computed, and no `value` has them.
#[utoipa::path(
    tag = "past-values", operation_id = "listPastValues",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"), PastValueFilter, Paging),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(PastValuePage)
)]
#[get("/indicators/{code}/past-values")]
pub async fn list(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    filter: Query<PastValueFilter>,
    paging: Paging,
) -> Result<PastValuePage, Error> {
    db.read(async |tx| service::list(tx, &actor, code.0.as_str(), &filter.0, &paging).await)
        .await
}

/// Get a past value
///
/// The value that was reported for a year, and where it is from.
#[utoipa::path(
    tag = "past-values", operation_id = "getPastValue",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("year" = String, Path, description = "A year that is over", pattern = "^(20[0-9]{2}|2100)$", min_length = 4, max_length = 4, example = "2022"),
    ),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(Tagged<PastValue>)
)]
#[get("/indicators/{code}/past-values/{year}")]
pub async fn get(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, i32)>,
) -> Result<Tagged<PastValue>, Error> {
    let (code, year) = path.0;
    db.read(async |tx| service::get(tx, &actor, code.as_str(), year).await)
        .await
        .map(Tagged::new)
}

/// Set a past value
///
/// Sets the value that was reported for a year, or replaces it; replacing needs `If-Match` and a `reason`. A retry with the same
/// content is safe. Exports show it beside the computed values. Former values stay readable at `/versions`.
#[utoipa::path(
    tag = "past-values", operation_id = "replacePastValue", request_body = NewPastValue,
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("year" = String, Path, description = "A year that is over", pattern = "^(20[0-9]{2}|2100)$", min_length = 4, max_length = 4, example = "2022"),
        PutConditions,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(
        Created<PastValue>,
        (status = 422, description = "A year that is not over, or a change without a reason"),
    )
)]
#[put("/indicators/{code}/past-values/{year}")]
pub async fn put(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, i32)>,
    conditions: PutConditions,
    body: Body<NewPastValue>,
) -> Result<Created<PastValue>, Error> {
    let (code, year) = path.0;
    db.write(async |tx| service::put(tx, &actor, code.as_str(), year, conditions, body.0).await)
        .await
}

/// Withdraw a past value
///
/// Exports then show no past value of the year; its versions stay readable.
#[utoipa::path(
    tag = "past-values", operation_id = "deletePastValue",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("year" = String, Path, description = "A year that is over", pattern = "^(20[0-9]{2}|2100)$", min_length = 4, max_length = 4, example = "2022"),
        DeleteReason, IfMatch,
    ),
    security(("oauth2" = [TargetsWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/indicators/{code}/past-values/{year}")]
pub async fn delete(
    actor: Requires<TargetsWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, i32)>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    let (code, year) = path.0;
    db.write(async |tx| service::delete(tx, &actor, code.as_str(), year, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// List the versions of a past value
///
/// All values that were recorded for the year, oldest first, each with its recorder, time and reason; also after the withdrawal.
#[utoipa::path(
    tag = "past-values", operation_id = "listPastValueVersions",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("year" = String, Path, description = "A year that is over", pattern = "^(20[0-9]{2}|2100)$", min_length = 4, max_length = 4, example = "2022"),
        Paging,
    ),
    security(("oauth2" = [TargetsRead::SCOPE])),
    responses(PastValueVersionPage)
)]
#[get("/indicators/{code}/past-values/{year}/versions")]
pub async fn versions(
    actor: Requires<TargetsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, i32)>,
    paging: Paging,
) -> Result<PastValueVersionPage, Error> {
    let (code, year) = path.0;
    db.read(async |tx| service::versions(tx, &actor, code.as_str(), year, &paging).await)
        .await
}
