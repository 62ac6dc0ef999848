//! The rules of report kinds.

use sea_orm::ConnectionTrait;

use ::entity::report_kind;

use super::dto::{
    NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage, version,
};
use super::query;
use crate::access::Actor;
use crate::core::civil;
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch, Slug};

/// The first year there is: a kind that names no year governs from here on.
const FIRST_YEAR: i32 = 2000;

pub async fn list(
    conn: &impl ConnectionTrait,
    filter: &ReportKindFilter,
    paging: &Paging,
    this_year: i32,
) -> Result<ReportKindPage, Error> {
    let year = filter.year.unwrap_or(this_year);
    let wanted = paging.open(&("report kinds", filter.group, year))?;
    let at = wanted.at(stamps::latest(conn, None).await?);
    query::page(conn, filter.group, year, &wanted, at)
        .await?
        .try_map(ReportKind::try_from)
}

/// The row that governs `year`; absent: this year, or the first one when all come later.
pub async fn get(
    conn: &impl ConnectionTrait,
    code: &Slug,
    year: Option<i32>,
    this_year: i32,
) -> Result<ReportKind, Error> {
    let row = query::governing(conn, code.as_str(), year.unwrap_or(this_year), None).await?;
    let row = match (row, year) {
        (None, None) => query::first(conn, code.as_str()).await?,
        (row, _) => row,
    };
    row.ok_or_else(Error::not_found)?.try_into()
}

/// Adds a kind; sent again with the same content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReportKind) -> Result<Created<ReportKind>, Error> {
    must_answer_for_all(actor)?;
    let fingerprint = fingerprint::hex(&new)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    if let Some(before) = by_year::retry_of::<report_kind::Entity>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    check(&new)?;
    let row = row(new, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<report_kind::Entity>(tx, &actor.username, stamp, row).await?;
    Ok(Created::New(stored.try_into()?))
}

/// All districts share the kinds, and with them the denominators: 403 for someone of a single district.
fn must_answer_for_all(actor: &Actor) -> Result<(), Error> {
    if actor.district.is_none() {
        return Ok(());
    }
    Err(Error::new(Code::InsufficientScope).detail(
        "Jenis laporan berlaku untuk semua kecamatan; hanya administrator kabupaten yang mengubahnya.",
        "Report kinds hold for every district; only an administrator of the whole regency changes them.",
    ))
}

/// Corrects the kind from a year on.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &Slug,
    if_match: &IfMatch,
    mut patch: Patch<ReportKindPatch>,
) -> Result<ReportKind, Error> {
    must_answer_for_all(actor)?;
    let year = first_year_of(&mut patch)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    let seen = match query::governing(tx, code.as_str(), year, None).await? {
        Some(row) => row,
        None => return Err(nothing_governs(tx, code, year).await?),
    };
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old: ReportKind = seen.clone().try_into()?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    check(&new)?;
    let new = NewReportKind {
        from_year: Some(year),
        ..new
    };
    let next = row(new, VersionInfo::new(String::new()))?;
    by_year::correct::<report_kind::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

/// All versions of all wordings, in the order in which they were recorded.
pub async fn versions(
    conn: &impl ConnectionTrait,
    code: &Slug,
    paging: &Paging,
) -> Result<ReportKindVersionPage, Error> {
    let rows = by_year::history::<report_kind::Entity>(conn, code.as_str()).await?;
    let at = rows.last().ok_or_else(Error::not_found)?.recorded_at;
    let wanted = paging.open(&("report kind versions", code))?;
    wanted.slice(rows, at)?.try_map(version)
}

fn first_year_of(patch: &mut Patch<ReportKindPatch>) -> Result<i32, Error> {
    let year = patch.take("from_year").and_then(|y| y.as_i64());
    year.and_then(|y| i32::try_from(y).ok())
        .ok_or_else(|| Error::internal("a patch of a report kind without from_year"))
}

/// 404 for a code that does not exist, 422 for a year before its first.
async fn nothing_governs(conn: &impl ConnectionTrait, code: &Slug, year: i32) -> Result<Error, Error> {
    let Some(first) = query::first(conn, code.as_str()).await? else {
        return Ok(Error::not_found());
    };
    let first = first.from_year;
    Ok(Error::rule(
        "#/from_year",
        format!("{code} baru ada sejak {first}; tidak ada yang dapat diubah untuk {year}."),
        format!("{code} begins in {first}; there is nothing to correct for {year}."),
    ))
}

/// What holds for every kind, new or corrected.
fn check(new: &NewReportKind) -> Result<(), Error> {
    let mut rules = Rules::default();
    rules.hold(must_be_a_day_of_each_year(new))?;
    rules.hold(must_end_after_it_begins(new))?;
    rules.end()
}

fn must_be_a_day_of_each_year(new: &NewReportKind) -> Result<(), Error> {
    let month = u32::try_from(new.due_month).unwrap_or_default();
    let days = civil::days_in_month(2025, month);
    if u32::try_from(new.due_day).is_ok_and(|day| day > days) {
        let (day, month) = (new.due_day, new.due_month);
        return Err(Error::rule(
            "#/due_day",
            format!("Tanggal {day} tidak ada di bulan {month} setiap tahun."),
            format!("Month {month} does not have a day {day} in every year."),
        ));
    }
    Ok(())
}

fn must_end_after_it_begins(new: &NewReportKind) -> Result<(), Error> {
    match (new.valid_from_year, new.valid_to_year) {
        (Some(first), Some(last)) if last < first => Err(Error::rule(
            "#/valid_to_year",
            "Tahun terakhir mendahului tahun pertama.",
            "The last year is before the first.",
        )),
        _ => Ok(()),
    }
}

fn row(new: NewReportKind, info: VersionInfo) -> Result<report_kind::Model, Error> {
    let NewReportKind {
        code,
        from_year,
        group,
        name,
        due_month,
        due_day,
        fiscal_year_offset,
        valid_from_year,
        valid_to_year,
        legal_basis,
        confirmed,
    } = new;
    Ok(report_kind::Model {
        code: code.into(),
        from_year: from_year.or(valid_from_year).unwrap_or(FIRST_YEAR),
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        group_code: group.to_string(),
        name,
        due_month,
        due_day,
        fiscal_year_offset,
        valid_from_year,
        valid_to_year,
        legal_basis,
        confirmed,
    })
}
