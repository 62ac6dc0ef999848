//! HTTP operations.

use actix_web::{get, web};

use super::dto::{District, DistrictPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{DistrictsRead, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Paging, Path, Query, Tagged};

/// List districts
///
/// The districts (kecamatan) that the caller can see: their own, or all of the regency.
#[utoipa::path(
    tag = "districts", operation_id = "listDistricts", params(Paging),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses(DistrictPage)
)]
#[get("/districts")]
pub async fn list(
    actor: Requires<DistrictsRead>,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<DistrictPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &paging.0).await).await
}

/// Get a district
///
/// A district by its Kemendagri code.
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
    let district = db.read(async |tx| service::get(tx, &actor, &code.0).await).await?;
    Tagged::by_content(district)
}
