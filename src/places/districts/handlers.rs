//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::dto::{District, DistrictPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{DistrictsRead, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, ETag, Paging, Path, Query, reply};

/// List districts
///
/// The districts (kecamatan) that the caller sees: their own, or all of the regency.
#[utoipa::path(
    tag = "districts", operation_id = "listDistricts", params(Paging),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses((status = 200, description = "One page of districts", body = DistrictPage))
)]
#[get("/districts")]
pub async fn list(
    actor: Requires<DistrictsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db.read(async |tx| service::list(tx, &actor, &paging.0).await).await?;
    reply::page(&req, &page)
}

/// Get a district
///
/// One district by its Kemendagri code.
#[utoipa::path(
    tag = "districts", operation_id = "getDistrict",
    params(("code" = DistrictCode, Path, description = "Kemendagri code of the district")),
    security(("oauth2" = [DistrictsRead::SCOPE])),
    responses((status = 200, description = "The district", body = District, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/districts/{code}")]
pub async fn get(
    actor: Requires<DistrictsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<DistrictCode>,
) -> Result<HttpResponse, Error> {
    let district = db.read(async |tx| service::get(tx, &actor, &code.0).await).await?;
    let tag = ETag::of(&district)?;
    Ok(reply::one(&req, &tag, &district))
}
