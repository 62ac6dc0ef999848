//! HTTP operations of the decrees of an institution.

use actix_web::{get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::decree_dto::{InstitutionDecreePage, InstitutionDecreePatch, NewInstitutionDecree};
use super::decree_service;
use super::dto::Institution;
use crate::access::Requires;
use crate::access::permissions::{InstitutionsRead, InstitutionsWrite, Permission};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Tagged};

/// List the decrees of an institution
///
/// The Keputusan Kepala Desa that established and renewed the institution, in the order in which they were recorded.
#[utoipa::path(
    tag = "institutions", operation_id = "listInstitutionDecrees",
    params(("id" = Uuid, Path, description = "Id of the institution"), Paging),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(InstitutionDecreePage)
)]
#[get("/institutions/{id}/decrees")]
pub async fn list(
    actor: Requires<InstitutionsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<InstitutionDecreePage, Error> {
    db.read(async |tx| decree_service::list(tx, &actor, id.0, &paging).await)
        .await
}

/// Renew an institution
///
/// Adds a decree, which makes a new version of the institution. `If-Match` is not needed: adding is independent of other
/// changes. The `id` of the decree makes a retry safe.
#[utoipa::path(
    tag = "institutions", operation_id = "createInstitutionDecree",
    params(("id" = Uuid, Path, description = "Id of the institution")),
    request_body = NewInstitutionDecree,
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Created<Institution>,
        (status = 409, description = "The id of the decree is taken, or its decree was removed"),
        (status = 422, description = "Impossible dates, or too many decrees"),
    )
)]
#[post("/institutions/{id}/decrees")]
pub async fn renew(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewInstitutionDecree>,
) -> Result<Created<Institution>, Error> {
    db.write(async |tx| decree_service::renew(tx, &actor, id.0, body.0).await)
        .await
}

/// The ids of an institution and of one of its decrees.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DecreeKey {
    /// Id of the institution
    pub id: Uuid,
    /// Id of the decree
    pub decree_id: Uuid,
}

/// Correct a decree of an institution
///
/// Makes a new version of the institution in which one decree is corrected: `revoked_on` revokes it, and null takes the
/// revocation back. `If-Match` takes the ETag of the institution.
#[utoipa::path(
    tag = "institutions", operation_id = "updateInstitutionDecree", params(DecreeKey, IfMatch),
    request_body(content = InstitutionDecreePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [InstitutionsWrite::SCOPE])),
    responses(
        Tagged<Institution>,
        (status = 422, description = "Impossible dates, or a start on a day on which the village did not exist"),
    )
)]
#[patch("/institutions/{id}/decrees/{decree_id}")]
pub async fn patch(
    actor: Requires<InstitutionsWrite>,
    db: web::Data<Db>,
    key: Path<DecreeKey>,
    if_match: IfMatch,
    body: Patch<InstitutionDecreePatch>,
) -> Result<Tagged<Institution>, Error> {
    let key = (key.0.id, key.0.decree_id);
    db.write(async |tx| decree_service::patch(tx, &actor, key, &if_match, body).await)
        .await
        .map(Tagged::new)
}
