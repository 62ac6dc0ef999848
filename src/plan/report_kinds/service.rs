//! The rules of report kinds.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Select};

use ::entity::report;
use ::entity::report_kind::{self, Column as C, Entity as Kinds};

use super::dto::{NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage};
use super::effects::Change;
use crate::access::{Actor, records};
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch, RecordState, Restoration, Slug, Warning};
use crate::shipped;

/// A kind that names no year governs from this year on.
const FIRST_YEAR: i32 = 2000;

pub async fn list(
    conn: &ReadTx,
    filter: &ReportKindFilter,
    paging: &Paging,
    this_year: i32,
) -> Result<ReportKindPage, Error> {
    let year = filter.year.unwrap_or(this_year);
    let request = paging.open(&("report kinds", filter, year))?;
    let at = request.at(conn.latest(None).await?);
    let rows = match filter.state.unwrap_or_default() {
        RecordState::Current => owed_in(year, at),
        RecordState::Deleted => by_year::all_withdrawn(filter.year, at),
    };
    let query = rows
        .apply_if(filter.group, |q, v| q.filter(C::GroupCode.eq(v.as_str())))
        .apply_if(filter.confirmed, |q, v| q.filter(C::Confirmed.eq(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)));
    let page = request
        .fetch(conn, query, &Keyset::ascending(vec![C::Code]), at)
        .await?;
    page.try_map(ReportKind::try_from)
}

/// Selects the kinds that are owed in a year, in the wording that governs it.
fn owed_in(year: i32, at: DateTime<Utc>) -> Select<Kinds> {
    let has_begun = Condition::any()
        .add(C::ValidFromYear.is_null())
        .add(C::ValidFromYear.lte(year));
    let is_not_over = Condition::any()
        .add(C::ValidToYear.is_null())
        .add(C::ValidToYear.gte(year));
    by_year::all_governing::<Kinds>(year, Some(at))
        .filter(has_begun)
        .filter(is_not_over)
}

/// Returns the row that governs `year` (`None`: this year, or the first row if all begin later).
pub async fn get(
    conn: &impl ConnectionTrait,
    code: &Slug,
    year: Option<i32>,
    this_year: i32,
) -> Result<ReportKind, Error> {
    nearest(conn, code, year, this_year).await?.try_into()
}

/// Returns the row that governs `year` (`None`: this year, or the first row if all begin later).
async fn nearest(
    conn: &impl ConnectionTrait,
    code: &Slug,
    year: Option<i32>,
    this_year: i32,
) -> Result<report_kind::Model, Error> {
    let row = by_year::governing::<Kinds>(conn, code.as_str(), year.unwrap_or(this_year), None).await?;
    let row = match (row, year) {
        (None, None) => by_year::first::<Kinds>(conn, code.as_str()).await?,
        (row, _) => row,
    };
    row.ok_or_else(Error::not_found)
}

/// Adds a kind. The same content sent again returns the kind as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReportKind) -> Result<Created<ReportKind>, Error> {
    ensure_regency_wide(actor)?;
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    if let Some(before) = by_year::retry_of::<Kinds>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    validate(&new).into_result()?;
    let row = row(new);
    let change = Change::begin(tx, stamp, &row, row.change_reason.as_deref()).await?;
    let stored = versions::create::<Kinds>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(change.end(tx, stored).await?))
}

/// 403 for an actor of a single district, because all districts share the kinds.
fn ensure_regency_wide(actor: &Actor) -> Result<(), Error> {
    if actor.district.is_none() {
        return Ok(());
    }
    Err(Error::new(Code::InsufficientScope).detail(
        "Jenis laporan berlaku untuk semua kecamatan; hanya administrator kabupaten yang mengubahnya.",
        "Report kinds apply to every district; only an administrator of the whole regency can change them.",
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
    ensure_regency_wide(actor)?;
    let year = first_year_of(&mut patch)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    let seen = match by_year::governing::<Kinds>(tx, code.as_str(), year, None).await? {
        Some(row) => row,
        None => return Err(nothing_governs(tx, code, year).await?),
    };
    records::check_version::<Kinds>(if_match, &seen)?;
    let old: ReportKind = seen.clone().try_into()?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    validate(&new).into_result()?;
    let new = NewReportKind {
        from_year: Some(year),
        ..new
    };
    let row = row(new);
    let change = Change::begin(tx, stamp, &row, patch.reason.as_deref()).await?;
    let stored = by_year::correct::<Kinds>(tx, &actor.author(), stamp, &seen, row, patch.reason).await?;
    change.end(tx, stored).await
}

/// Deletes a kind that was added by mistake, and returns the warnings. 409 for a kind that ships, and for one that a report
/// has.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &Slug,
    if_match: &IfMatch,
    reason: String,
    this_year: i32,
) -> Result<Vec<Warning>, Error> {
    ensure_regency_wide(actor)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    let seen = nearest(tx, code, None, this_year).await?;
    records::check_version::<Kinds>(if_match, &seen)?;
    let is_shipped = shipped::report_kinds().iter().any(|kind| kind.code == code.as_str());
    if is_shipped || is_reported(tx, code).await? {
        return Err(Error::new(Code::Conflict).detail(
            "Jenis laporan yang disertakan, atau yang sudah ada laporannya, tidak dapat dihapus. Akhiri dengan valid_to_year.",
            "A report kind that ships, or that has reports, cannot be deleted. End it with valid_to_year.",
        ));
    }
    let rows = by_year::rows_of::<Kinds>(tx, code.as_str()).await?;
    let first = rows.first().ok_or_else(Error::not_found)?;
    let change = Change::begin(tx, stamp, first, Some(&reason)).await?;
    by_year::withdraw::<Kinds>(tx, &actor.author(), stamp, &rows, &reason).await?;
    change.warnings(tx).await
}

/// Restores a deleted kind in all its years.
pub async fn restore(
    tx: &WriteTx,
    actor: &Actor,
    code: &Slug,
    restoration: Restoration,
    this_year: i32,
) -> Result<ReportKind, Error> {
    ensure_regency_wide(actor)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    let deletions = by_year::withdrawn::<Kinds>(tx, code.as_str()).await?;
    let first = deletions.first().ok_or_else(Error::not_found)?;
    let reason = restoration.reason;
    let change = Change::begin(tx, stamp, first, Some(&reason)).await?;
    by_year::restore::<Kinds>(tx, &actor.author(), stamp, &deletions, &reason).await?;
    let restored = nearest(tx, code, None, this_year).await?;
    change.end(tx, restored).await
}

/// Returns whether a report, deleted or not, has the kind.
async fn is_reported(conn: &impl ConnectionTrait, code: &Slug) -> Result<bool, Error> {
    let reports = report::Entity::find().filter(report::Column::Kind.eq(code.as_str()));
    Ok(reports.one(conn).await?.is_some())
}

/// All versions of all wordings, in the order in which they were recorded.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &Slug,
    paging: &Paging,
) -> Result<ReportKindVersionPage, Error> {
    let binding = ("report kind versions", code);
    by_year::history_page::<Kinds>(conn, actor, code.as_str(), paging, &binding)
        .await?
        .try_map(records::version_of)
}

fn first_year_of(patch: &mut Patch<ReportKindPatch>) -> Result<i32, Error> {
    let year = patch.take("from_year").and_then(|y| y.as_i64());
    year.and_then(|y| i32::try_from(y).ok())
        .ok_or_else(|| Error::internal("a patch of a report kind without from_year"))
}

/// 404 for a code that does not exist, 422 for a year before its first.
async fn nothing_governs(conn: &impl ConnectionTrait, code: &Slug, year: i32) -> Result<Error, Error> {
    let Some(first) = by_year::first::<Kinds>(conn, code.as_str()).await? else {
        return Ok(Error::not_found());
    };
    let first = first.from_year;
    Ok(Error::rule(
        "#/from_year",
        format!("{code} baru ada sejak {first}; tidak ada yang dapat diubah untuk {year}."),
        format!("{code} begins in {first}; there is nothing to correct for {year}."),
    ))
}

/// The rules of every kind, new or corrected.
fn validate(new: &NewReportKind) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let reversed = new
        .valid_from_year
        .zip(new.valid_to_year)
        .is_some_and(|(first, last)| last < first);
    errors.check(!reversed, || {
        Error::rule(
            "#/valid_to_year",
            "Tahun terakhir mendahului tahun pertama.",
            "The last year is before the first.",
        )
    });
    errors
}

fn row(new: NewReportKind) -> report_kind::Model {
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
        reason,
    } = new;
    report_kind::Model {
        change_reason: reason,
        code: code.into(),
        from_year: from_year.or(valid_from_year).unwrap_or(FIRST_YEAR),
        group_code: group.to_string(),
        name,
        due_month,
        due_day,
        fiscal_year_offset,
        valid_from_year,
        valid_to_year,
        legal_basis,
        confirmed,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_last_year_is_not_before_the_first() {
        for (last_year, faults) in [(2027, &[][..]), (2026, &["#/valid_to_year rule_broken"])] {
            let body = json!({
                "code": "x", "group": "finance", "name": "x", "due_month": 2, "due_day": 31, "fiscal_year_offset": 0,
                "valid_from_year": 2027, "valid_to_year": last_year, "legal_basis": "x", "confirmed": true,
            });
            assert_eq!(validate(&serde_json::from_value(body).unwrap()).fields(), faults);
        }
    }
}
