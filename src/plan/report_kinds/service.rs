//! The rules of report kinds.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryTrait};

use ::entity::report_kind::{self, Column as C, Entity as Kinds};

use super::dto::{NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage};
use crate::access::{Actor, records};
use crate::core::civil;
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch, Slug};

/// A kind that names no year governs from this year on.
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
    let has_begun = Condition::any()
        .add(C::ValidFromYear.is_null())
        .add(C::ValidFromYear.lte(year));
    let is_not_over = Condition::any()
        .add(C::ValidToYear.is_null())
        .add(C::ValidToYear.gte(year));
    let query = by_year::all_governing::<Kinds>(year, Some(at))
        .filter(has_begun)
        .filter(is_not_over)
        .apply_if(filter.group, |q, v| q.filter(C::GroupCode.eq(v.as_str())));
    let page = wanted.fetch(conn, query, &Keyset::ascending(vec![C::Code]), at).await?;
    page.try_map(ReportKind::try_from)
}

/// Returns the row that governs `year` (`None`: this year, or the first row when all come later).
pub async fn get(
    conn: &impl ConnectionTrait,
    code: &Slug,
    year: Option<i32>,
    this_year: i32,
) -> Result<ReportKind, Error> {
    let row = by_year::governing::<Kinds>(conn, code.as_str(), year.unwrap_or(this_year), None).await?;
    let row = match (row, year) {
        (None, None) => by_year::first::<Kinds>(conn, code.as_str()).await?,
        (row, _) => row,
    };
    row.ok_or_else(Error::not_found)?.try_into()
}

/// Adds a kind. The same content sent again returns the kind as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReportKind) -> Result<Created<ReportKind>, Error> {
    ensure_regency_wide(actor)?;
    let fingerprint = fingerprint::hex(&new)?;
    let stamp = stamps::stamp_all(tx, Stream::ReportKinds).await?;
    if let Some(before) = by_year::retry_of::<Kinds>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    validate(&new).into_result()?;
    let row = versions::create::<Kinds>(tx, &actor.username, stamp, row(new), Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

/// 403 for an actor of a single district: all districts share the kinds, and with them the denominators.
fn ensure_regency_wide(actor: &Actor) -> Result<(), Error> {
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
    by_year::correct::<Kinds>(tx, &actor.username, stamp, &seen, row(new), patch.reason)
        .await?
        .try_into()
}

/// All versions of all wordings, in the order in which they were recorded.
pub async fn versions(
    conn: &impl ConnectionTrait,
    code: &Slug,
    paging: &Paging,
) -> Result<ReportKindVersionPage, Error> {
    let rows = by_year::history::<Kinds>(conn, code.as_str()).await?;
    let at = rows.last().ok_or_else(Error::not_found)?.recorded_at;
    let wanted = paging.open(&("report kind versions", code))?;
    wanted.paginate_in_memory(rows, at)?.try_map(records::version_of)
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
    let (day, month) = (new.due_day, new.due_month);
    // No leap year: the day must exist in every year.
    let days = civil::days_in_month(2025, u32::try_from(month).unwrap_or_default());
    errors.check(u32::try_from(day).is_ok_and(|day| day <= days), || {
        Error::rule(
            "#/due_day",
            format!("Tanggal {day} tidak ada di bulan {month} setiap tahun."),
            format!("Month {month} does not have a day {day} in every year."),
        )
    });
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
    } = new;
    report_kind::Model {
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
    fn a_kind_falls_due_on_a_day_of_every_year() {
        for (day, last_year, faults) in [
            (28, 2027, &[][..]),
            (29, 2027, &["#/due_day rule_broken"]),
            (29, 2026, &["#/due_day rule_broken", "#/valid_to_year rule_broken"]),
        ] {
            let body = json!({
                "code": "x", "group": "finance", "name": "x", "due_month": 2, "due_day": day, "fiscal_year_offset": 0,
                "valid_from_year": 2027, "valid_to_year": last_year, "legal_basis": "x", "confirmed": true,
            });
            assert_eq!(validate(&serde_json::from_value(body).unwrap()).fields(), faults);
        }
    }
}
