//! The rules of recording an indicator.

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::indicator::Column as C;
use ::entity::{decree, indicator};

use super::dto::{Indicator, IndicatorFilter, IndicatorPatch, IndicatorVersionPage, NewIndicator};
use super::query::{self, Year};
use super::rules::{ensure_own_number, validate};
use crate::access::{Actor, records};
use crate::plan::by_year;
use crate::plan::effects::Change;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{AdvisoryLock, ReadTx, RecordReader, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, PageBody, Paging, Patch, RecordState};

/// `this_year` governs when the filter names no year.
pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &IndicatorFilter,
    paging: &Paging,
    this_year: i32,
) -> Result<PageBody<Indicator>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let year = filter.year.map_or(Year::Nearest(this_year), Year::Exactly);
    let request = paging.open(&("indicators", filter, this_year, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some();
    let rows = match filter.state.unwrap_or_default() {
        RecordState::Current => query::rows_of_year(year, Some(at)),
        RecordState::Deleted => by_year::all_withdrawn(filter.year, at),
    };
    let query = rows
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)));
    let keyset = Keyset::ascending(vec![C::DistrictCode, C::Number, C::Code]);
    let read = async || {
        request
            .fetch(conn, query, &keyset, at)
            .await?
            .try_map(Indicator::try_from)
    };
    request.respond(at, is_final, read).await
}

/// Returns the row that governs `year` (`None`: this year, or the nearest year that has a row).
pub async fn get(
    conn: &impl RecordReader,
    actor: &Actor,
    code: &str,
    year: Option<i32>,
    this_year: i32,
) -> Result<Indicator, Error> {
    let nearest = visible(conn, actor, code, this_year).await?;
    let Some(year) = year else {
        return nearest.try_into();
    };
    let row = query::in_force(conn, code, year).await?;
    row.ok_or_else(|| not_in_force(year))?.try_into()
}

/// Records an indicator. The same content sent again returns the indicator as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewIndicator) -> Result<Created<Indicator>, Error> {
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let Some(decree) = decree_of(tx, actor, new.decree_id).await? else {
        return Err(validate(None, &new).into_error());
    };
    let stamp = stamps::stamp(tx, &[&decree.district_code], Stream::Indicators).await?;
    // A code is unique in the whole installation, but the stamp locks one district only.
    tx.advisory_lock(AdvisoryLock::Indicators).await?;
    if let Some(before) = by_year::retry_of::<indicator::Entity>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    // Read again under the stamp: the decree's years may have changed.
    let Some(decree) = decree_of(tx, actor, new.decree_id).await? else {
        return Err(validate(None, &new).into_error());
    };
    let from_year = new.from_year.unwrap_or(decree.first_year);
    validate(Some((&decree, from_year)), &new).into_result()?;
    let row = row(&decree, from_year, new);
    let reason = row.change_reason.clone();
    let change = Change::begin(tx, stamp, &decree.district_code, from_year, reason.as_deref()).await?;
    ensure_own_number(&change.rows, &row, &decree).map_err(|taken| taken.at("#/number"))?;
    let stored = versions::create::<indicator::Entity>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    let warnings = change.warnings(tx).await?;
    Ok(Created::New(Indicator {
        warnings,
        ..stored.try_into()?
    }))
}

/// Corrects the row of `from_year`, or makes it from the row that governs that year.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    if_match: &IfMatch,
    mut patch: Patch<IndicatorPatch>,
) -> Result<Indicator, Error> {
    let from_year = from_year(&mut patch)?;
    let before = visible(tx, actor, code, from_year).await?;
    let stamp = records::stamp_for::<indicator::Entity>(tx, &before).await?;
    let seen = visible(tx, actor, code, from_year).await?;
    if seen.from_year > from_year {
        let first = seen.from_year;
        return Err(Error::rule(
            "#/from_year",
            format!("Indikator ini baru ada sejak {first}."),
            format!("The indicator begins in {first}."),
        ));
    }
    records::check_version::<indicator::Entity>(if_match, &seen)?;
    let old: Indicator = seen.clone().try_into()?;
    patch.replace_kind("formula", &old.formula)?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    let decree = decree_of(tx, actor, new.decree_id).await?;
    let decree = decree.filter(|decree| decree.district_code == seen.district_code);
    let Some(decree) = decree else {
        return Err(validate(None, &new).into_error());
    };
    validate(Some((&decree, from_year)), &new).into_result()?;
    let next = row(&decree, from_year, new);
    let change = Change::begin(tx, stamp, &decree.district_code, from_year, patch.reason.as_deref()).await?;
    ensure_own_number(&change.rows, &next, &decree).map_err(|taken| taken.at("#/number"))?;
    let stored = by_year::correct::<indicator::Entity>(tx, &actor.author(), stamp, &seen, next, patch.reason).await?;
    let warnings = change.warnings(tx).await?;
    Ok(Indicator {
        warnings,
        ..stored.try_into()?
    })
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    paging: &Paging,
) -> Result<IndicatorVersionPage, Error> {
    let binding = ("indicator versions", code);
    by_year::history_page::<indicator::Entity>(conn, actor, code, paging, &binding)
        .await?
        .try_map(records::version_of)
}

/// Returns the row that governs a year or the nearest year; 404 for an unknown code or another district's.
pub async fn visible(
    conn: &impl RecordReader,
    actor: &Actor,
    code: &str,
    year: i32,
) -> Result<indicator::Model, Error> {
    let read = async || query::nearest(conn, code, year).await;
    let row = conn.recent(format!("{code} {year}"), read).await?;
    let row: indicator::Model = row.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

/// 404: the indicator begins later, or its decree does not cover the year.
pub fn not_in_force(year: i32) -> Error {
    Error::new(Code::IndicatorNotInForce).detail(
        format!("Pada tahun {year} tidak ada keputusan yang memberlakukannya."),
        format!("No decree puts it in force in {year}."),
    )
}

/// Returns the decree that an indicator names, if it exists in a district that the actor sees.
async fn decree_of(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Option<decree::Model>, Error> {
    let decree = versions::find::<decree::Entity>(conn, versions::key::<decree::Entity>(id), None).await?;
    Ok(decree.filter(|decree| actor.can_see(&decree.district_code)))
}

/// Takes `from_year` out of a patch: it selects the row to correct and is no part of the indicator.
fn from_year(patch: &mut Patch<IndicatorPatch>) -> Result<i32, Error> {
    let year = patch.take("from_year").and_then(|v| v.as_i64());
    year.and_then(|y| i32::try_from(y).ok())
        .ok_or_else(|| Error::internal("the contract let a patch without from_year pass"))
}

fn row(decree: &decree::Model, from_year: i32, new: NewIndicator) -> indicator::Model {
    let NewIndicator {
        code,
        decree_id,
        from_year: _,
        number,
        objective,
        name,
        meaning,
        selection_reason,
        formula_text,
        reference,
        responsible,
        source,
        unit,
        polarity,
        external_code,
        formula,
        reason,
    } = new;
    indicator::Model {
        change_reason: reason,
        code: code.into(),
        from_year,
        decree_id,
        district_code: decree.district_code.clone(),
        number,
        objective,
        name,
        meaning,
        selection_reason,
        formula_text,
        reference,
        responsible,
        source,
        unit: unit.to_string(),
        polarity: polarity.to_string(),
        external_code,
        formula_kind: formula.kind.to_string(),
        formula_section: formula.section.map(|section| section.to_string()),
        formula_group: formula.group.map(|group| group.to_string()),
        formula_per_village: formula.per_village.and_then(|n| i32::try_from(n).ok()),
        ..Default::default()
    }
}
