//! Adding and changing villages: the permissions and the order of the steps.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::village::{self, Column as C, Entity as Villages};

use super::dto::{NewVillage, Village, VillageFilter, VillageFlag, VillagePatch, VillageSort, VillageVersionPage};
use super::query;
use super::rules::{effect, rename, validate};
use crate::access::{Actor, records};
use crate::core::civil::date_of;
use crate::core::name::FormerName;
use crate::core::place;
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::places::structure;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, PageBody, Paging, Patch, Resource, Restoration, VillageCode, Warning};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &VillageFilter,
    paging: &Paging,
) -> Result<PageBody<Village>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("villages", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some();
    let flagged = |flagged: bool| match flagged {
        true => query::flagged(at),
        false => query::flagged(at).not(),
    };
    let query = Villages::find()
        .filter(records::in_state::<Villages>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.kind, |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.valid_on, |q, v| q.filter(query::valid_on(v)))
        .apply_if(filter.flagged, |q, v| q.filter(flagged(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        VillageSort::Code => Keyset::ascending(vec![C::Code]),
        VillageSort::Name => Keyset::ascending(vec![C::Name, C::Code]),
    };
    let read = async || {
        let page = request.fetch(conn, query, &keyset, at).await?;
        let page = page.with_rows(async |rows| {
            let villages = rows.into_iter().map(Village::try_from);
            query::with_flags(conn, villages.collect::<Result<_, _>>()?, at).await
        });
        Ok(page.await?.map(|village| village))
    };
    request.respond(at, is_final, read).await
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, code: &VillageCode) -> Result<Village, Error> {
    let village = current(conn, code).await?;
    actor.ensure_can_see(village.district_code.as_str())?;
    Ok(village)
}

/// Returns the current version of a village with all its flags.
async fn current(conn: &impl RecordReader, code: &VillageCode) -> Result<Village, Error> {
    let found = query::with_same_name(conn, code).await?.ok_or_else(Error::not_found)?;
    let mut village = Village::try_from(found.village)?;
    village.flags.extend(found.same_name.then_some(VillageFlag::SameName));
    Ok(village)
}

/// Returns the village in the response to a change.
async fn changed(tx: &WriteTx, code: &VillageCode, warning: Option<Warning>) -> Result<Village, Error> {
    Ok(Village {
        warnings: warning.into_iter().collect(),
        ..current(tx, code).await?
    })
}

/// Adds a village. The same content sent again returns the village as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewVillage) -> Result<Created<Village>, Error> {
    let reason = new.reason.clone();
    let new = NewVillage { reason: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Places).await?;
    let mut errors = validate(&new);
    let Some(stamp) = stamp else {
        errors.add(unknown_district(&new.district_code));
        return Err(errors.into_error());
    };
    if let Some(before) = versions::last::<Villages>(tx, versions::key::<Villages>(new.code.as_str())).await? {
        let is_retry = before.fingerprint.as_ref() == Some(&fingerprint);
        match (before.deleted, is_retry) {
            (false, true) => return Ok(Created::Existing(current(tx, &new.code).await?)),
            (false, false) => return Err(taken(&before)),
            (true, true) => return Err(Error::new(Code::Deleted).at("#/code")),
            (true, false) => {}
        }
    }
    errors.into_result()?;
    let warning = moved(tx, stamp, None, Some(&new), reason.as_deref()).await?;
    let code = new.code.clone();
    let row = village::Model {
        change_reason: reason,
        ..row(new, &[])?
    };
    versions::create::<Villages>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(changed(tx, &code, warning).await?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    if_match: &IfMatch,
    mut patch: Patch<VillagePatch>,
) -> Result<Village, Error> {
    let (stamp, seen) = records::begin_change::<Villages>(tx, actor, code.as_str()).await?;
    let old = current(tx, code).await?;
    if_match.check(&old.etag())?;
    let (name_from, reason) = (patch.take("name_from"), patch.reason.clone());
    let (before, new) = (old.as_new(), patch.apply(&old.as_new())?);
    validate(&new).into_result()?;
    let names = rename(&old.names(), &new, name_from, reason.as_deref(), date_of(stamp.at))?;
    if new == before && names == old.names() {
        return Ok(old);
    }
    if new.kind != before.kind {
        ensure_no_facts(tx, &old).await.map_err(|e| e.at("#/kind"))?;
    }
    let warning = moved(tx, stamp, Some(&before), Some(&new), reason.as_deref()).await?;
    let next = row(new, &names.former)?;
    versions::amend::<Villages>(tx, &actor.author(), stamp, &seen, next, reason).await?;
    changed(tx, code, warning).await
}

/// Deletes a village that nothing refers to, and returns the warnings.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    if_match: &IfMatch,
    reason: String,
) -> Result<Vec<Warning>, Error> {
    let (stamp, seen) = records::begin_change::<Villages>(tx, actor, code.as_str()).await?;
    let old = current(tx, code).await?;
    if_match.check(&old.etag())?;
    ensure_no_facts(tx, &old).await?;
    let warning = moved(tx, stamp, Some(&old.as_new()), None, Some(&reason)).await?;
    versions::remove::<Villages>(tx, &actor.author(), stamp, &seen, reason).await?;
    Ok(warning.into_iter().collect())
}

pub async fn restore(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    restoration: Restoration,
) -> Result<Village, Error> {
    let (stamp, deletion) = records::begin_restoration::<Villages>(tx, actor, code.as_str()).await?;
    let village = Village::try_from(deletion.clone())?.as_new();
    let warning = moved(tx, stamp, None, Some(&village), Some(&restoration.reason)).await?;
    records::restore::<Villages>(tx, actor, stamp, &deletion, restoration).await?;
    changed(tx, code, warning).await
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &VillageCode,
    paging: &Paging,
) -> Result<VillageVersionPage, Error> {
    records::history_page::<Villages>(conn, actor, code.as_str(), paging, &("village versions", code))
        .await?
        .try_map(records::version_of)
}

/// Returns a warning that names the periods whose values a change moves. 422 if one of the days that it names lies in a year
/// that is over and there is no reason.
async fn moved(
    tx: &WriteTx,
    stamp: Stamp,
    before: Option<&NewVillage>,
    after: Option<&NewVillage>,
    reason: Option<&str>,
) -> Result<Option<Warning>, Error> {
    let (Some(effect), Some(village)) = (effect(before, after), before.or(after)) else {
        return Ok(None);
    };
    let district = village.district_code.as_str();
    let warning = structure::check(tx, stamp, Some(district), effect, reason).await?;
    let (before, after) = (before.map(NewVillage::counted), after.map(NewVillage::counted));
    let is_moved = |day| place::moves(before.as_ref(), after.as_ref(), day);
    let warning = warning.map(|mut warning| {
        warning.periods.retain(|period| is_moved(period.last_day()));
        warning
    });
    Ok(warning.filter(|warning| !warning.periods.is_empty()))
}

/// 409 if facts refer to the village: values of past years would change.
async fn ensure_no_facts(tx: &WriteTx, village: &Village) -> Result<(), Error> {
    if !query::has_facts(tx, &village.code).await? {
        return Ok(());
    }
    let name = &village.name;
    Err(Error::new(Code::VillageHasFacts).detail(
        format!("Sudah ada laporan, lembaga, gangguan, atau jawaban yang menyebut {name}."),
        format!("Reports, institutions, cases or answers name {name}."),
    ))
}

fn taken(by: &village::Model) -> Error {
    let (code, name) = (&by.code, &by.name);
    Error::new(Code::DuplicateCode)
        .detail(
            format!("Kode {code} sudah dipakai {name}."),
            format!("The code {code} is taken by {name}."),
        )
        .at("#/code")
}

fn row(new: NewVillage, former_names: &[FormerName]) -> Result<village::Model, Error> {
    let NewVillage {
        code,
        district_code,
        kind,
        name,
        valid_from,
        valid_to,
        reason: _,
    } = new;
    let former_names = match former_names {
        [] => None,
        names => Some(serde_json::to_string(names).or_internal()?),
    };
    Ok(village::Model {
        code: code.into(),
        district_code: district_code.into(),
        kind: kind.to_string(),
        name,
        valid_from,
        valid_to,
        former_names,
        ..Default::default()
    })
}
