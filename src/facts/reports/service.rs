//! The rules of recording a report.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{report, report_kind, village};

use super::dto::{NewReport, Report, ReportFilter, ReportPage, ReportPatch, ReportVersionPage, version};
use super::query;
use crate::access::{Actor, Section};
use crate::places::villages::service::{must_be_desa, stamp_at, village_in};
use crate::plan::report_kinds;
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};
use crate::platform::time::must_not_be_after;

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &ReportFilter,
    paging: &Paging,
) -> Result<ReportPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("reports", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(Report::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Report, Error> {
    visible(conn, actor, id).await?.try_into()
}

/// Records a report; sent again with the same id and content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReport) -> Result<Created<Report>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewReport { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    let place = rules.hold(stamp_at(tx, actor, &new.village_code, Stream::Reports).await)?;
    rules.hold(must_work_for_kind(tx, actor, &new).await)?;
    let Some((stamp, village)) = place else {
        return Err(rules.broken());
    };
    if let Some(before) = versions::retry_of::<report::Entity>(tx, query::by_id(id), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    check(tx, stamp, id, &village, &new, rules).await?;
    let row = row(id, new, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<report::Entity>(tx, &actor.username, stamp, row).await?;
    Ok(Created::New(stored.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<ReportPatch>,
) -> Result<Report, Error> {
    let (stamp, seen) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old: Report = seen.clone().try_into()?;
    must_work_for_kind(tx, actor, &old.as_new()).await?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    let mut rules = Rules::default();
    rules.hold(must_work_for_kind(tx, actor, &new).await)?;
    let Some(village) = rules.hold(village_in(tx, &seen.district_code, &new.village_code).await)? else {
        return Err(rules.broken());
    };
    check(tx, stamp, id, &village, &new, rules).await?;
    let next = row(id, new, report::Entity::version_info(&seen))?;
    versions::amend::<report::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    must_work_for_kind(tx, actor, &Report::try_from(seen.clone())?.as_new()).await?;
    versions::remove::<report::Entity>(tx, &actor.username, stamp, &seen, reason).await
}

/// The history, readable also after a deletion.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<ReportVersionPage, Error> {
    let rows = versions::history::<report::Entity>(conn, query::by_id(id)).await?;
    let newest = rows.last().ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&newest.district_code)?;
    let at = newest.recorded_at;
    paging.open(&("report versions", id))?.slice(rows, at)?.try_map(version)
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<report::Model, Error> {
    let row = query::current(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

/// How every change of a report begins: whose it is, the stamp, and only then the version it decides on.
async fn begin(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, report::Model), Error> {
    let before = visible(tx, actor, id).await?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Reports).await?;
    Ok((stamp, visible(tx, actor, id).await?))
}

/// What holds for every report, new or corrected.
async fn check(
    tx: &WriteTx,
    stamp: Stamp,
    id: Uuid,
    village: &village::Model,
    new: &NewReport,
    mut rules: Rules,
) -> Result<(), Error> {
    rules.hold(must_be_desa(village))?;
    rules.hold(must_not_be_after(stamp.at, new.delivered_on, "#/delivered_on"))?;
    rules.end()?;
    must_be_new(tx, new, id).await
}

/// The kind exists and is owed for the fiscal year, and its group is one of the actor's sections.
async fn must_work_for_kind(conn: &impl ConnectionTrait, actor: &Actor, new: &NewReport) -> Result<(), Error> {
    let known = report_kinds::query::first(conn, new.kind.as_str()).await?;
    let known = known.ok_or_else(|| Error::unknown_reference("#/kind", &new.kind))?;
    // A report about year F falls due in the year F minus the kind's offset; the wording of that year governs it.
    let due = new.fiscal_year.saturating_sub(known.fiscal_year_offset);
    let kind = report_kinds::query::governing(conn, new.kind.as_str(), due, None).await?;
    actor.ensure_section(section_of(kind.as_ref().unwrap_or(&known)))?;
    let owed = |k: &report_kind::Model| {
        k.valid_from_year.is_none_or(|first| first <= due) && k.valid_to_year.is_none_or(|last| due <= last)
    };
    if kind.as_ref().is_some_and(owed) {
        return Ok(());
    }
    let (code, year) = (&new.kind, new.fiscal_year);
    Err(Error::rule(
        "#/fiscal_year",
        format!("Laporan \"{code}\" tidak diwajibkan untuk tahun anggaran {year}."),
        format!("Report \"{code}\" is not owed for the fiscal year {year}."),
    ))
}

fn section_of(kind: &report_kind::Model) -> Section {
    if kind.group_code == "administration" {
        Section::Pemerintahan
    } else {
        Section::PembinaanPengawasan
    }
}

/// 409 when another report already says the same.
async fn must_be_new(tx: &WriteTx, new: &NewReport, id: Uuid) -> Result<(), Error> {
    let same = query::same_report(tx, new.village_code.as_str(), new.kind.as_str(), new.fiscal_year).await?;
    match same {
        Some(other) if other.id != id => Err(Error::new(Code::DuplicateReport).detail(
            format!("Sudah dicatat sebagai laporan {}.", other.id),
            format!("It is already recorded as report {}.", other.id),
        )),
        _ => Ok(()),
    }
}

fn row(id: Uuid, new: NewReport, info: VersionInfo) -> Result<report::Model, Error> {
    let NewReport {
        id: _,
        village_code,
        kind,
        fiscal_year,
        delivered_on,
        status,
        note,
    } = new;
    Ok(report::Model {
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
        fiscal_year,
        delivered_on,
        status: status.to_string(),
        note,
    })
}
