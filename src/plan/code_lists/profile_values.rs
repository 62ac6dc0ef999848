//! HTTP operations of the profile values.

use actix_web::{get, patch, post, web};

use super::list::{CodeList, ProfileList};
use super::profile::{
    NewProfileValue, ProfileValue, ProfileValueFilter, ProfileValueKey, ProfileValuePage, ProfileValuePatch,
    ProfileValueVersionPage,
};
use super::service;
use crate::access::permissions::{Permission, ReferencesRead, ReferencesWrite};
use crate::access::{Requires, records};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Tagged};

/// List profile values
///
/// What respondents say about themselves, by the lists of the questionnaire.
#[utoipa::path(
    tag = "references", operation_id = "listProfileValues", params(ProfileValueFilter, Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ProfileValuePage)
)]
#[get("/profile-values")]
pub async fn list(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    filter: Query<ProfileValueFilter>,
    paging: Paging,
) -> Result<ProfileValuePage, Error> {
    let all = ProfileList::ALL.into_iter();
    let wanted = all.filter(|name| filter.0.list.is_none_or(|wanted| wanted == *name));
    let lists: Vec<_> = wanted.map(CodeList::from).collect();
    db.read_one(async |tx| service::list(tx, &lists, &paging).await).await
}

/// Add a profile value
///
/// The value is added for every district, at the end of the list. Only an administrator of the regency may do so.
#[utoipa::path(
    tag = "references", operation_id = "createProfileValue", request_body = NewProfileValue,
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Created<ProfileValue>,
        (status = 409, description = "The list has this code"),
        (status = 422, description = "The list has 100 values"),
    )
)]
#[post("/profile-values")]
pub async fn create(
    actor: Requires<ReferencesWrite>,
    db: web::Data<Db>,
    body: Body<NewProfileValue>,
) -> Result<Created<ProfileValue>, Error> {
    let of = CodeList::from(body.0.list);
    db.write(async |tx| service::create(tx, &actor, of, body.0).await).await
}

/// Get a profile value
///
/// The current version of a value, also if it has ended.
#[utoipa::path(
    tag = "references", operation_id = "getProfileValue",
    params(ProfileValueKey),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(Tagged<ProfileValue>)
)]
#[get("/profile-values/{list}/{code}")]
pub async fn get(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    key: Path<ProfileValueKey>,
) -> Result<Tagged<ProfileValue>, Error> {
    db.read_one(async |tx| service::get(tx, key.0.list.into(), &key.0.code).await)
        .await
        .map(Tagged::new)
}

/// Change a profile value
///
/// Renames it, or ends it with `valid_to_year`: facts of later years cannot have it, and earlier facts keep it. A value that
/// came with the service cannot end.
#[utoipa::path(
    tag = "references", operation_id = "updateProfileValue",
    params(ProfileValueKey, IfMatch),
    request_body(content = ProfileValuePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReferencesWrite::SCOPE])),
    responses(
        Tagged<ProfileValue>,
        (status = 409, description = "A value that came with the service cannot end"),
    )
)]
#[patch("/profile-values/{list}/{code}")]
pub async fn patch(
    actor: Requires<ReferencesWrite>,
    db: web::Data<Db>,
    key: Path<ProfileValueKey>,
    if_match: IfMatch,
    body: Patch<ProfileValuePatch>,
) -> Result<Tagged<ProfileValue>, Error> {
    let key = (key.0.list.into(), key.0.code.as_str());
    db.write(async |tx| service::patch::<_, NewProfileValue, _>(tx, &actor, key, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a profile value
///
/// All versions, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "references", operation_id = "listProfileValueVersions",
    params(ProfileValueKey, Paging),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(ProfileValueVersionPage)
)]
#[get("/profile-values/{list}/{code}/versions")]
pub async fn versions(
    _actor: Requires<ReferencesRead>,
    db: web::Data<Db>,
    key: Path<ProfileValueKey>,
    paging: Paging,
) -> Result<ProfileValueVersionPage, Error> {
    db.read(async |tx| service::versions(tx, key.0.list.into(), &key.0.code, &paging).await)
        .await?
        .try_map(records::version_of)
}
