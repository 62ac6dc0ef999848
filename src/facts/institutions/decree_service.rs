//! The decrees of an institution: listed, added and corrected one by one.

use chrono::Datelike;
use uuid::Uuid;

use ::entity::institution;

use super::decree_dto::{InstitutionDecree, InstitutionDecreePage, InstitutionDecreePatch, NewInstitutionDecree};
use super::dto::Institution;
use super::query::{self, Whole};
use super::rules::require_village_on;
use super::service::{append, begin_change, references_of};
use super::{decrees, service};
use crate::access::{Actor, records};
use crate::plan::code_lists::query::require;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{RecordReader, Stamp, WriteTx};
use crate::platform::error::{Error, FieldErrors};
use crate::platform::http::{IfMatch, Paging, Patch};

/// Lists the decrees of an institution; every page shows the version that the first page showed.
pub async fn list(
    conn: &impl RecordReader,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionDecreePage, Error> {
    let row = records::visible::<institution::Entity>(conn, actor, id).await?;
    let request = paging.open(&("institution decrees", id))?;
    let at = request.at(row.recorded_at);
    let key = versions::key::<institution::Entity>(id);
    let row = versions::find::<institution::Entity>(conn, key, Some(at)).await?;
    let row = row.ok_or_else(Error::not_found)?;
    let page = query::decree_page(conn, &row, &request, at).await?;
    Ok(page.map(InstitutionDecree::from))
}

/// Renews an institution with a decree, which makes a new version. The same decree id and content sent again return the
/// institution as it is now.
pub async fn renew(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    decree: NewInstitutionDecree,
) -> Result<Created<Institution>, Error> {
    let (stamp, seen) = begin_change(tx, actor, id).await?;
    if decrees::is_retry(tx, &seen.decrees, id, &decree).await? {
        return Ok(Created::Existing(seen.try_into()?));
    }
    let mut errors = decrees::validate_renewal(stamp.at, seen.decrees.len(), &decree);
    validate_start(tx, stamp, &seen, &decree, &mut errors).await?;
    errors.into_result()?;
    let position = i32::try_from(seen.decrees.len()).unwrap_or(i32::MAX);
    let mut next = seen.clone();
    next.decrees.push(decree.row(id, position));
    let renewed = append(tx, actor, stamp, &seen.row, next, None).await?;
    Ok(Created::New(renewed.try_into()?))
}

/// Corrects one decree, for example when it is revoked.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    (id, decree_id): (Uuid, Uuid),
    if_match: &IfMatch,
    patch: Patch<InstitutionDecreePatch>,
) -> Result<Institution, Error> {
    let (stamp, seen) = service::begin_change(tx, actor, id).await?;
    let mut next = seen.clone();
    let place = next.decrees.iter_mut().find(|decree| decree.id == decree_id);
    let place = place.ok_or_else(Error::not_found)?;
    records::check_version::<institution::Entity>(if_match, &seen.row)?;
    let old = NewInstitutionDecree::of(place);
    let new = patch.apply(&old)?;
    if new == old {
        return seen.try_into();
    }
    let mut errors = decrees::validate_one(stamp.at, &new);
    if new.starts_on != old.starts_on {
        validate_start(tx, stamp, &seen, &new, &mut errors).await?;
    }
    errors.into_result()?;
    *place = new.row(id, place.position);
    append(tx, actor, stamp, &seen.row, next, patch.reason)
        .await?
        .try_into()
}

/// The start of a decree must lie within the life of the village of that day, and within the years of the kind.
async fn validate_start(
    tx: &WriteTx,
    stamp: Stamp,
    seen: &Whole,
    decree: &NewInstitutionDecree,
    errors: &mut FieldErrors,
) -> Result<(), Error> {
    let found = references_of(tx, stamp, seen, &[]).await?;
    let year = decree.starts_on.year();
    require(errors, found.kind.as_ref(), "#/starts_on", &seen.row.kind, [year]);
    require_village_on(errors, &found, &seen.villages(), decree.starts_on, "#/starts_on");
    Ok(())
}
