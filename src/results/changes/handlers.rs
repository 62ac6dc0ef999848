//! HTTP operations.

use actix_web::{get, web};

use super::dto::{ChangeFeed, ChangeFilter};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, RealisationsRead};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Json, NoStore, Query};

/// Get the changes of values
///
/// Which indicators and years may have moved, and since when; in the order of the commits, without a gap and without a repeat.
/// First ask with `after=now` and read the values. Then ask with `next_after`, and read again what is named. Values also move with
/// the calendar, when a term or a period ends: read them once a day as well.
#[utoipa::path(
    tag = "realisations", operation_id = "getValueChanges", params(ChangeFilter),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "Some changes, and where to go on", body = ChangeFeed),
        (status = 410, description = "The database was restored from a backup since"),
    )
)]
#[get("/changes")]
pub async fn list(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    filter: Query<ChangeFilter>,
) -> Result<NoStore<Json<ChangeFeed>>, Error> {
    db.snapshot(async |tx| service::list(tx, &actor, filter.0).await)
        .await
        .map(|feed| NoStore(Json(feed)))
}
