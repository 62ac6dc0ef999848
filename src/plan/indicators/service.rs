//! The rules of recording an indicator.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::indicator::Column as C;
use ::entity::{decree, indicator};

use super::dto::{Indicator, IndicatorFilter, IndicatorPage, IndicatorPatch, IndicatorVersionPage, NewIndicator};
use super::query::{self, Year};
use super::rules::validate;
use crate::access::{Actor, records};
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{AdvisoryLock, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch};

/// `this_year` governs when the filter names no year.
pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &IndicatorFilter,
    paging: &Paging,
    this_year: i32,
) -> Result<IndicatorPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let year = filter.year.map_or(Year::Nearest(this_year), Year::Exactly);
    let wanted = paging.open(&("indicators", filter, this_year))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let query = query::rows_of_year(year, Some(at)).apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)));
    let keyset = Keyset::ascending(vec![C::DistrictCode, C::Number, C::Code]);
    wanted
        .fetch(conn, query, &keyset, at)
        .await?
        .try_map(Indicator::try_from)
}

/// Returns the row that governs `year` (`None`: this year, or the nearest year that has a row).
pub async fn get(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    year: Option<i32>,
    this_year: i32,
) -> Result<Indicator, Error> {
    let nearest = visible(conn, actor, code, this_year).await?;
    let Some(year) = year else {
        return nearest.try_into();
    };
    let row = query::of_year(conn, code, Year::Exactly(year)).await?;
    row.ok_or_else(|| not_in_force(year))?.try_into()
}

/// Records an indicator. The same content sent again returns the indicator as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewIndicator) -> Result<Created<Indicator>, Error> {
    let fingerprint = fingerprint::hex(&new)?;
    let Some(decree) = decree_of(tx, actor, new.decree_id).await? else {
        return Err(validate(None, &new).into_error());
    };
    let stamp = stamps::stamp(tx, &[&decree.district_code], Stream::Indicators).await?;
    // A code is one indicator in the whole installation, and the stamp holds its own district only.
    tx.advisory_lock(AdvisoryLock::Indicators).await?;
    if let Some(before) = by_year::retry_of::<indicator::Entity>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    // Again under the stamp: the decree's years may have changed.
    let Some(decree) = decree_of(tx, actor, new.decree_id).await? else {
        return Err(validate(None, &new).into_error());
    };
    let from_year = new.from_year.unwrap_or(decree.first_year);
    validate(Some((&decree, from_year)), &new).into_result()?;
    ensure_own_number(tx, &decree, from_year, &new).await?;
    let row = row(&decree, from_year, new)?;
    let stored = versions::create::<indicator::Entity>(tx, &actor.username, stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(stored.try_into()?))
}

/// Corrects the row of `from_year`, or makes it from the one that governs that year.
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
    patch.union("formula", &old.formula)?;
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
    ensure_own_number(tx, &decree, from_year, &new).await?;
    let next = row(&decree, from_year, new)?;
    by_year::correct::<indicator::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    paging: &Paging,
) -> Result<IndicatorVersionPage, Error> {
    let rows = by_year::history::<indicator::Entity>(conn, code).await?;
    records::page_of_history::<indicator::Entity>(actor, rows, paging, &("indicator versions", code))?
        .try_map(records::version_of)
}

/// Returns the row that governs a year or the nearest year; 404 for an unknown code or another district's.
pub async fn visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    year: i32,
) -> Result<indicator::Model, Error> {
    let row = query::of_year(conn, code, Year::Nearest(year)).await?;
    let row = row.ok_or_else(Error::not_found)?;
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

/// 409 when another indicator has the number in a year that this row governs.
async fn ensure_own_number(
    tx: &WriteTx,
    decree: &decree::Model,
    from_year: i32,
    new: &NewIndicator,
) -> Result<(), Error> {
    let mut by_code: BTreeMap<String, Vec<(indicator::Model, decree::Model)>> = BTreeMap::new();
    for row in query::rows_of_district(tx, &decree.district_code).await? {
        by_code.entry(row.0.code.clone()).or_default().push(row);
    }
    let own = by_code.remove(new.code.as_str()).unwrap_or_default();
    let next = own.iter().map(|(row, _)| row.from_year).find(|y| *y > from_year);
    let last = next.map_or(decree.last_year, |y| decree.last_year.min(y - 1));
    for (code, rows) in by_code {
        let taken = (from_year..=last).find(|year| {
            let governing = rows.iter().rev().find(|(row, _)| row.from_year <= *year);
            governing.is_some_and(|(row, decree)| row.number == new.number && *year <= decree.last_year)
        });
        if let Some(year) = taken {
            let number = new.number;
            return Err(Error::new(Code::Conflict)
                .detail(
                    format!("Nomor {number} pada {year} sudah dipakai {code}."),
                    format!("In {year}, {code} has the number {number}."),
                )
                .at("#/number"));
        }
    }
    Ok(())
}

fn row(decree: &decree::Model, from_year: i32, new: NewIndicator) -> Result<indicator::Model, Error> {
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
    } = new;
    Ok(indicator::Model {
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
        formula_kind: formula.kind().to_owned(),
        formula_section: formula.section_code().map(str::to_owned),
        formula_group: formula.group_code().map(str::to_owned),
        ..Default::default()
    })
}
