//! The register of institutions: the permissions and the order of the steps.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use ::entity::{institution, institution_decree, institution_kind};

use super::decrees;
use super::dto::{
    Institution, InstitutionDecree, InstitutionDecreePage, InstitutionFilter, InstitutionPage, InstitutionPatch,
    InstitutionVersionPage, NewInstitution, NewInstitutionDecree, version,
};
use super::query::{self, WithDecrees};
use super::rules::{Place, plain_name, validate};
use crate::access::{Actor, Section, records};
use crate::places::villages::reference::{stamp_at, village_in};
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::{IfMatch, Paging, Patch, Slug};

/// `today` is the WITA day that `expires_before` starts from.
pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &InstitutionFilter,
    paging: &Paging,
    today: NaiveDate,
) -> Result<InstitutionPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("institutions", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    query::page(conn, district, filter, &wanted, at, today)
        .await?
        .try_map(|(row, decrees)| Institution::new(row, decrees))
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Institution, Error> {
    let row = records::visible::<institution::Entity>(conn, actor, id).await?;
    shown(query::with_own_decrees(conn, row).await?)
}

/// Records an institution. The same id and content sent again return the institution as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewInstitution) -> Result<Created<Institution>, Error> {
    actor.ensure_section(Section::Pmd)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewInstitution { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let place = resolve(tx, actor, &new).await?;
    let errors = validate(&place, &new);
    let (Some(stamp), Some(_)) = (place.stamp, place.village) else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<institution::Entity>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(shown(query::with_own_decrees(tx, before).await?)?));
    }
    errors.into_result()?;
    ensure_unique(tx, &new, id).await?;
    let (row, decrees) = rows(id, new);
    let row = versions::create::<institution::Entity>(tx, &actor.username, stamp, row, Some(fingerprint)).await?;
    let decrees = query::append_decrees(tx, row.version, decrees).await?;
    Ok(Created::New(shown((row, decrees))?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<InstitutionPatch>,
) -> Result<Institution, Error> {
    let (stamp, (seen, old)) = begin_change(tx, actor, id).await?;
    records::check_version::<institution::Entity>(if_match, &seen)?;
    let new = patch.apply(&NewInstitution::of(&seen, &old)?)?;
    let (next, decrees) = rows(id, new.clone());
    if says_the_same(&seen, &old, &next, &decrees) {
        return shown((seen, old));
    }
    let place = Place {
        stamp: Some(stamp),
        village: village_in(tx, &seen.district_code, &new.village_code).await?,
        kind: kind_of(tx, &new.kind).await?,
    };
    validate(&place, &new).into_result()?;
    ensure_unique(tx, &new, id).await?;
    append(tx, actor, stamp, &seen, (next, decrees), patch.reason).await
}

/// Renews an institution: one more decree, and thereby a new version. The same decree id and content sent again return
/// the institution as it is now.
pub async fn renew(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    decree: NewInstitutionDecree,
) -> Result<Created<Institution>, Error> {
    let (stamp, (seen, mut decrees)) = begin_change(tx, actor, id).await?;
    if decrees::is_retry(tx, &decrees, id, &decree).await? {
        return Ok(Created::Existing(shown((seen, decrees))?));
    }
    decrees::validate_renewal(stamp.at, decrees.len(), &decree).into_result()?;
    let position = i32::try_from(decrees.len()).unwrap_or(i32::MAX);
    decrees.push(decree.row(id, position));
    let next = (seen.clone(), decrees);
    append(tx, actor, stamp, &seen, next, None).await.map(Created::New)
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, (seen, decrees)) = begin_change(tx, actor, id).await?;
    records::delete::<institution::Entity>(tx, actor, stamp, &seen, if_match, reason).await?;
    query::append_decrees(tx, seen.version + 1, decrees).await.map(drop)
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionVersionPage, Error> {
    let binding = ("institution versions", id);
    let page = records::history_page::<institution::Entity>(conn, actor, id, paging, &binding).await?;
    let page = page
        .with_rows(async |rows| query::with_decrees(conn, rows).await)
        .await?;
    page.try_map(version)
}

/// Lists the decrees of an institution; every page shows the version that the first page showed.
pub async fn decrees(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionDecreePage, Error> {
    let row = records::visible::<institution::Entity>(conn, actor, id).await?;
    let wanted = paging.open(&("institution decrees", id))?;
    let at = wanted.at(row.recorded_at);
    let key = versions::key::<institution::Entity>(id);
    let row = versions::find::<institution::Entity>(conn, key, Some(at)).await?;
    let (_, decrees) = query::with_own_decrees(conn, row.ok_or_else(Error::not_found)?).await?;
    Ok(wanted.paginate_in_memory(decrees, at)?.map(InstitutionDecree::from))
}

fn shown((row, decrees): WithDecrees) -> Result<Institution, Error> {
    Institution::new(row, decrees)
}

/// Begins a change of an institution, which belongs to section PMD.
async fn begin_change(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, WithDecrees), Error> {
    let (stamp, seen) = records::begin_change::<institution::Entity>(tx, actor, id).await?;
    actor.ensure_section(Section::Pmd)?;
    Ok((stamp, query::with_own_decrees(tx, seen).await?))
}

/// Appends a version with its decrees.
async fn append(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    seen: &institution::Model,
    (next, decrees): WithDecrees,
    reason: Option<String>,
) -> Result<Institution, Error> {
    let row = versions::amend::<institution::Entity>(tx, &actor.username, stamp, seen, next, reason).await?;
    let decrees = query::append_decrees(tx, row.version, decrees).await?;
    Institution::new(row, decrees)
}

/// Stamps the district and loads the records that a new institution refers to.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewInstitution) -> Result<Place, Error> {
    let place = stamp_at(tx, actor, &new.village_code, Stream::Institutions).await?;
    let (stamp, village) = place.unzip();
    let kind = kind_of(tx, &new.kind).await?;
    Ok(Place { stamp, village, kind })
}

async fn kind_of(tx: &WriteTx, code: &Slug) -> Result<Option<institution_kind::Model>, Error> {
    Ok(institution_kind::Entity::find_by_id(code.as_str()).one(tx).await?)
}

/// 409 when the village has another institution of that kind and name.
async fn ensure_unique(tx: &WriteTx, new: &NewInstitution, id: Uuid) -> Result<(), Error> {
    let name = plain_name(&new.name);
    let others = query::of_kind(tx, new.village_code.as_str(), new.kind.as_str()).await?;
    let mut others = others.into_iter().filter(|other| other.id != id);
    match others.find(|other| plain_name(&other.name) == name) {
        Some(other) => Err(Error::new(Code::DuplicateInstitution).detail(
            format!("Sudah dicatat sebagai lembaga {}.", other.id),
            format!("It is already recorded as institution {}.", other.id),
        )),
        None => Ok(()),
    }
}

fn says_the_same(
    old: &institution::Model,
    old_decrees: &[institution_decree::Model],
    new: &institution::Model,
    new_decrees: &[institution_decree::Model],
) -> bool {
    let shown = |rows: &[institution_decree::Model]| -> Vec<InstitutionDecree> {
        rows.iter().cloned().map(InstitutionDecree::from).collect()
    };
    old.village_code == new.village_code
        && old.kind == new.kind
        && old.name == new.name
        && shown(old_decrees) == shown(new_decrees)
}

/// Returns the rows of an institution and its decrees.
fn rows(id: Uuid, new: NewInstitution) -> WithDecrees {
    let NewInstitution {
        id: _,
        village_code,
        kind,
        name,
        decrees,
    } = new;
    let decrees = (0..).zip(decrees).map(|(position, decree)| decree.row(id, position));
    let row = institution::Model {
        id,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        kind: kind.into(),
        name,
        ..Default::default()
    };
    (row, decrees.collect())
}
