//! HTTP operations.

use actix_web::{get, patch, web};

use super::dto::{District, DistrictPage, DistrictPatch, DistrictVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{DistrictsRead, DistrictsWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, IfMatch, Paging, Patch, Path, Tagged};

/// List districts
///
/// The districts (kecamatan) that the caller can see: their own, or all of the regency.
#[utoipa::path(
    tag = "districts", operation_id = "listDistricts", params(Paging),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses(DistrictPage)
)]
#[get("/districts")]
pub async fn list(actor: Requires<DistrictsRead>, db: web::Data<Db>, paging: Paging) -> Result<DistrictPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &paging).await).await
}

/// Get a district
///
/// A district by its Kemendagri code, and from which year its office records.
#[utoipa::path(
    tag = "districts", operation_id = "getDistrict",
    params(("code" = DistrictCode, Path, description = "Kemendagri code of the district")),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses(Tagged<District>)
)]
#[get("/districts/{code}")]
pub async fn get(
    actor: Requires<DistrictsRead>,
    db: web::Data<Db>,
    code: Path<DistrictCode>,
) -> Result<Tagged<District>, Error> {
    db.read(async |tx| service::get(tx, &actor, &code.0).await)
        .await
        .map(Tagged::new)
}

/// Change a district
///
/// The Camat says from which year the office records reports. Makes a new version, so values as of an earlier instant stay
/// the same. Code and name cannot change.
#[utoipa::path(
    tag = "districts", operation_id = "updateDistrict",
    params(("code" = DistrictCode, Path, description = "Kemendagri code of the district"), IfMatch),
    request_body(content = DistrictPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [DistrictsWrite::SCOPE])),
    responses(
        Tagged<District>,
        (status = 422, description = "It moves values of a year that is over, and gives no reason"),
    )
)]
#[patch("/districts/{code}")]
pub async fn patch(
    actor: Requires<DistrictsWrite>,
    db: web::Data<Db>,
    code: Path<DistrictCode>,
    if_match: IfMatch,
    body: Patch<DistrictPatch>,
) -> Result<Tagged<District>, Error> {
    db.write(async |tx| service::patch(tx, &actor, &code.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a district
///
/// All versions, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "districts", operation_id = "listDistrictVersions",
    params(("code" = DistrictCode, Path, description = "Kemendagri code of the district"), Paging),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses(DistrictVersionPage)
)]
#[get("/districts/{code}/versions")]
pub async fn versions(
    actor: Requires<DistrictsRead>,
    db: web::Data<Db>,
    code: Path<DistrictCode>,
    paging: Paging,
) -> Result<DistrictVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, &code.0, &paging).await)
        .await
}
