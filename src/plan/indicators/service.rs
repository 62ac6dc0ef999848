//! The rules of recording an indicator.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{decree, indicator};

use super::dto::{
    Indicator, IndicatorFilter, IndicatorPage, IndicatorPatch, IndicatorVersionPage, NewIndicator, version,
};
use super::query::{self, Year};
use crate::access::Actor;
use crate::core::formula::Unit;
use crate::plan::{by_year, decrees};
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{AdvisoryLock, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};

/// `this_year` is the one that governs when the filter names none.
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
    query::page(conn, district, year, &wanted, at)
        .await?
        .try_map(Indicator::try_from)
}

/// The row that governs `year`; absent: this year, or the nearest year that has one.
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
    let row = query::meant(conn, code, Year::Exactly(year)).await?;
    row.ok_or_else(|| not_in_force(year))?.try_into()
}

/// Records an indicator; sent again with the same content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewIndicator) -> Result<Created<Indicator>, Error> {
    let fingerprint = fingerprint::hex(&new)?;
    let district = decree_of(tx, actor, new.decree_id).await?.district_code;
    let stamp = stamps::stamp(tx, &[&district], Stream::Indicators).await?;
    // A code is one indicator in the whole installation, and the stamp holds its own district only.
    tx.advisory_lock(AdvisoryLock::Indicators).await?;
    if let Some(before) = by_year::retry_of::<indicator::Entity>(tx, new.code.as_str(), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    let decree = decree_of(tx, actor, new.decree_id).await?;
    let from_year = new.from_year.unwrap_or(decree.first_year);
    check(tx, &decree, from_year, &new).await?;
    let row = row(&decree, from_year, new, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<indicator::Entity>(tx, &actor.username, stamp, row).await?;
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
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Indicators).await?;
    let seen = visible(tx, actor, code, from_year).await?;
    if seen.from_year > from_year {
        let first = seen.from_year;
        return Err(Error::rule(
            "#/from_year",
            format!("Indikator ini baru ada sejak {first}."),
            format!("The indicator begins in {first}."),
        ));
    }
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old: Indicator = seen.clone().try_into()?;
    patch.union("formula", &old.formula)?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    let decree = decree_of(tx, actor, new.decree_id).await?;
    if decree.district_code != seen.district_code {
        return Err(Error::unknown_reference("#/decree_id", new.decree_id));
    }
    check(tx, &decree, from_year, &new).await?;
    let next = row(&decree, from_year, new, indicator::Entity::version_info(&seen))?;
    by_year::correct::<indicator::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

/// The history of all rows, in the order of recording.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    paging: &Paging,
) -> Result<IndicatorVersionPage, Error> {
    let rows = by_year::history::<indicator::Entity>(conn, code).await?;
    let newest = rows.last().ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&newest.district_code)?;
    let at = newest.recorded_at;
    paging
        .open(&("indicator versions", code))?
        .slice(rows, at)?
        .try_map(version)
}

/// The row that governs a year or the nearest to it; 404 for an unknown code or another district's.
pub async fn visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    year: i32,
) -> Result<indicator::Model, Error> {
    let row = query::meant(conn, code, Year::Nearest(year)).await?;
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

/// 422 for a decree that does not exist or is another district's.
async fn decree_of(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<decree::Model, Error> {
    const POINTER: &str = "#/decree_id";
    let decree = decrees::query::current(conn, id).await?;
    let decree = decree.ok_or_else(|| Error::unknown_reference(POINTER, id))?;
    actor.ensure_can_reference(&decree.district_code, POINTER, &id.to_string())?;
    Ok(decree)
}

/// `from_year` of a patch: which row it corrects, not a part of the thing.
fn from_year(patch: &mut Patch<IndicatorPatch>) -> Result<i32, Error> {
    let year = patch.take("from_year").and_then(|v| v.as_i64());
    year.and_then(|y| i32::try_from(y).ok())
        .ok_or_else(|| Error::internal("a patch without from_year kept to the contract"))
}

/// What holds for every row, new or corrected.
async fn check(tx: &WriteTx, decree: &decree::Model, from_year: i32, new: &NewIndicator) -> Result<(), Error> {
    let (first, last) = (decree.first_year, decree.last_year);
    let mut rules = Rules::default();
    if !(first..=last).contains(&from_year) {
        let number = &decree.number;
        rules.add(Error::rule(
            "#/from_year",
            format!("Keputusan {number} berlaku {first}-{last}."),
            format!("Decree {number} covers {first}-{last}."),
        ));
    }
    let unit = new.formula.unit();
    if new.unit != unit {
        let (word, code) = (unit_in_indonesian(unit), unit.as_str());
        rules.add(Error::rule(
            "#/unit",
            format!("Formula ini menghasilkan {word}."),
            format!("This formula computes {code}."),
        ));
    }
    rules.end()?;
    must_have_own_number(tx, decree, from_year, new).await
}

fn unit_in_indonesian(unit: Unit) -> &'static str {
    match unit {
        Unit::Index => "indeks (index)",
        Unit::Count => "jumlah (count)",
        Unit::Percent => "persen (percent)",
    }
}

/// 409 when another indicator has the number in a year that this row governs.
async fn must_have_own_number(
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

fn row(
    decree: &decree::Model,
    from_year: i32,
    new: NewIndicator,
    info: VersionInfo,
) -> Result<indicator::Model, Error> {
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
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
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
        unit: unit.as_str().to_owned(),
        polarity: polarity.as_str().to_owned(),
        external_code,
        formula_kind: formula.kind().to_owned(),
        formula_section: formula.section_code().map(str::to_owned),
        formula_group: formula.group_code().map(str::to_owned),
    })
}
