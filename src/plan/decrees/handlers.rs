//! HTTP operations.

use actix_web::{get, patch, post, web};
use uuid::Uuid;

use super::dto::{Decree, DecreeFilter, DecreePage, DecreePatch, NewDecree};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{DecreesRead, DecreesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Tagged};

/// List decrees
///
/// Decrees with their indicators, filtered and sorted, page by page.
#[utoipa::path(
    tag = "decrees", operation_id = "listDecrees", params(DecreeFilter, Paging),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses(DecreePage)
)]
#[get("/decrees")]
pub async fn list(
    actor: Requires<DecreesRead>,
    db: web::Data<Db>,
    filter: Query<DecreeFilter>,
    paging: Query<Paging>,
) -> Result<DecreePage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Record a decree
///
/// Record its indicators one by one afterwards. Decrees can share years (an amendment names the years of the decree that
/// it amends): each indicator names the decree that governs it.
#[utoipa::path(
    tag = "decrees", operation_id = "createDecree", request_body = NewDecree,
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        Created<Decree>,
        (status = 409, description = "The number is already recorded, or the id is taken"),
        (status = 422, description = "An unknown district, or a last year before the first"),
    )
)]
#[post("/decrees")]
pub async fn create(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    body: Body<NewDecree>,
) -> Result<Created<Decree>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a decree
///
/// A decree with its indicators; the ETag covers both.
#[utoipa::path(
    tag = "decrees", operation_id = "getDecree", params(("id" = Uuid, Path, description = "Id of the decree")),
    security(("oauth2" = [DecreesRead::SCOPE])),
    responses(Tagged<Decree>)
)]
#[get("/decrees/{id}")]
pub async fn get(actor: Requires<DecreesRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Decree>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a decree
///
/// Makes a new version. The district cannot change. The years of the decree must include the first year of each of its
/// indicators. `legal_bases` replaces all legal bases.
#[utoipa::path(
    tag = "decrees", operation_id = "updateDecree",
    params(("id" = Uuid, Path, description = "Id of the decree"), IfMatch),
    request_body(content = DecreePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [DecreesWrite::SCOPE])),
    responses(
        Tagged<Decree>,
        (status = 409, description = "Another decree has this number"),
        (status = 422, description = "A last year before the first, or an indicator that begins outside these years"),
    )
)]
#[patch("/decrees/{id}")]
pub async fn patch(
    actor: Requires<DecreesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<DecreePatch>,
) -> Result<Tagged<Decree>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}
