//! The rules of the register of institutions.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use ::entity::{institution, institution_decree, institution_kind, village};

use super::decrees;
use super::dto::{
    Institution, InstitutionDecree, InstitutionDecreePage, InstitutionFilter, InstitutionPage, InstitutionPatch,
    InstitutionVersionPage, NewInstitution, NewInstitutionDecree, version,
};
use super::query::{self, Full};
use crate::access::{Actor, Section};
use crate::places::villages::service::{must_be_desa, stamp_at, village_in};
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};

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
    let (row, decrees) = full(conn, visible(conn, actor, id).await?).await?;
    Institution::new(row, decrees)
}

/// Records an institution; sent again with the same id and content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewInstitution) -> Result<Created<Institution>, Error> {
    actor.ensure_section(Section::Pmd)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewInstitution { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    let place = rules.hold(stamp_at(tx, actor, &new.village_code, Stream::Institutions).await)?;
    rules.hold(must_know_kind(tx, &new).await)?;
    let Some((stamp, village)) = place else {
        return Err(rules.broken());
    };
    if let Some(before) = versions::retry_of::<institution::Entity>(tx, query::by_id(id), &fingerprint).await? {
        let (row, decrees) = full(tx, before).await?;
        return Ok(Created::Existing(Institution::new(row, decrees)?));
    }
    check(tx, stamp, id, &village, &new, rules).await?;
    let (row, decrees) = split(id, new, VersionInfo::new(fingerprint));
    let row = versions::create::<institution::Entity>(tx, &actor.username, stamp, row).await?;
    query::append_decrees(tx, &decrees).await?;
    Ok(Created::New(Institution::new(row, decrees)?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<InstitutionPatch>,
) -> Result<Institution, Error> {
    let (stamp, (seen, old)) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    let new = patch.apply(&NewInstitution::of(&seen, &old)?)?;
    let (next, decrees) = split(id, new.clone(), institution::Entity::version_info(&seen));
    if says_the_same(&seen, &old, &next, &decrees) {
        return Institution::new(seen, old);
    }
    let mut rules = Rules::default();
    rules.hold(must_know_kind(tx, &new).await)?;
    let Some(village) = rules.hold(village_in(tx, &seen.district_code, &new.village_code).await)? else {
        return Err(rules.broken());
    };
    check(tx, stamp, id, &village, &new, rules).await?;
    append(tx, actor, stamp, &seen, next, decrees, patch.reason).await
}

/// Renews an institution: one more decree, and thereby a new version. Sent again with the same decree id and content
/// it answers the institution as it is now.
pub async fn renew(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    decree: NewInstitutionDecree,
) -> Result<Created<Institution>, Error> {
    let (stamp, (seen, mut decrees)) = begin(tx, actor, id).await?;
    if decrees::is_retry(tx, &decrees, id, &decree).await? {
        return Ok(Created::Existing(Institution::new(seen, decrees)?));
    }
    decrees::check_one_more(stamp, decrees.len(), &decree)?;
    let position = i32::try_from(decrees.len()).unwrap_or(i32::MAX);
    decrees.push(decree.row(id, seen.version, position));
    let next = seen.clone();
    let institution = append(tx, actor, stamp, &seen, next, decrees, None).await?;
    Ok(Created::New(institution))
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, (seen, decrees)) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    versions::remove::<institution::Entity>(tx, &actor.username, stamp, &seen, reason).await?;
    query::append_decrees(tx, &decrees::of_version(decrees, seen.version + 1)).await
}

/// The history, readable also after a deletion.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionVersionPage, Error> {
    let rows = query::history(conn, id).await?;
    let (newest, _) = rows.last().ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&newest.district_code)?;
    let at = newest.recorded_at;
    paging
        .open(&("institution versions", id))?
        .slice(rows, at)?
        .try_map(version)
}

/// The decrees of an institution; every page shows the version that the first one showed.
pub async fn decrees(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionDecreePage, Error> {
    let row = visible(conn, actor, id).await?;
    let wanted = paging.open(&("institution decrees", id))?;
    let at = wanted.at(row.recorded_at);
    let row = versions::find::<institution::Entity>(conn, query::by_id(id), Some(at)).await?;
    let (_, decrees) = full(conn, row.ok_or_else(Error::not_found)?).await?;
    Ok(wanted.slice(decrees, at)?.map(InstitutionDecree::from))
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<institution::Model, Error> {
    let row = query::current(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

async fn full(conn: &impl ConnectionTrait, row: institution::Model) -> Result<Full, Error> {
    let rows = query::with_decrees(conn, vec![row]).await?;
    rows.into_iter().next().ok_or_else(Error::not_found)
}

/// How every change of an institution begins: whose it is, the stamp, and only then the version it decides on.
async fn begin(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, Full), Error> {
    let before = visible(tx, actor, id).await?;
    actor.ensure_section(Section::Pmd)?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Institutions).await?;
    let seen = full(tx, visible(tx, actor, id).await?).await?;
    Ok((stamp, seen))
}

/// Appends a version with its decrees.
async fn append(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    seen: &institution::Model,
    next: institution::Model,
    decrees: Vec<institution_decree::Model>,
    reason: Option<String>,
) -> Result<Institution, Error> {
    let row = versions::amend::<institution::Entity>(tx, &actor.username, stamp, seen, next, reason).await?;
    let decrees = decrees::of_version(decrees, row.version);
    query::append_decrees(tx, &decrees).await?;
    Institution::new(row, decrees)
}

/// What holds for every institution, new or corrected.
async fn check(
    tx: &WriteTx,
    stamp: Stamp,
    id: Uuid,
    village: &village::Model,
    new: &NewInstitution,
    mut rules: Rules,
) -> Result<(), Error> {
    rules.hold(must_be_desa(village))?;
    decrees::check_all(stamp, &new.decrees, &mut rules)?;
    rules.end()?;
    must_be_new(tx, new, id).await
}

async fn must_know_kind(tx: &WriteTx, new: &NewInstitution) -> Result<(), Error> {
    let kind = institution_kind::Entity::find_by_id(new.kind.as_str()).one(tx).await?;
    kind.map(drop)
        .ok_or_else(|| Error::unknown_reference("#/kind", &new.kind))
}

/// 409 when the village has an institution of that kind and name already. "RT  01" and "rt 01" are one name: counted
/// twice, it would be a wrong digit.
async fn must_be_new(tx: &WriteTx, new: &NewInstitution, id: Uuid) -> Result<(), Error> {
    let name = plain(&new.name);
    let others = query::of_kind(tx, new.village_code.as_str(), new.kind.as_str()).await?;
    match others
        .into_iter()
        .find(|other| other.id != id && plain(&other.name) == name)
    {
        Some(other) => Err(Error::new(Code::DuplicateInstitution).detail(
            format!("Sudah dicatat sebagai lembaga {}.", other.id),
            format!("It is already recorded as institution {}.", other.id),
        )),
        None => Ok(()),
    }
}

/// A name without what does not tell two names apart: case and white space.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
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

/// The rows of an institution and its decrees.
fn split(id: Uuid, new: NewInstitution, info: VersionInfo) -> Full {
    let NewInstitution {
        id: _,
        village_code,
        kind,
        name,
        decrees,
    } = new;
    let decrees = (0..)
        .zip(decrees)
        .map(|(position, decree)| decree.row(id, info.version, position))
        .collect();
    let row = institution::Model {
        id,
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        kind: kind.into(),
        name,
    };
    (row, decrees)
}
