//! The rules of recording a decree.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::decree::{self, Column as C, Entity as Decrees};
use ::entity::indicator;

use super::continuation::continue_indicators;
use super::dto::{Decree, DecreeFilter, DecreePatch, DecreeSort, DecreeVersionPage, NewDecree};
use super::query;
use crate::access::{Actor, records};
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::plan::effects::Change;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, RecordReader, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{ETag, IfMatch, PageBody, Paging, Patch};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &DecreeFilter,
    paging: &Paging,
) -> Result<PageBody<Decree>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("decrees", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some();
    let query = Decrees::find()
        .filter(records::in_state::<Decrees>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.year, |q, v| {
            q.filter(C::FirstYear.lte(v)).filter(C::LastYear.gte(v))
        })
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| {
            let changed = Condition::any()
                .add(C::RecordedAt.gte(v))
                .add(C::Id.in_subquery(query::with_changed_indicators(v, at)));
            q.filter(changed)
        });
    let columns = vec![C::FirstYear, C::Number, C::Id];
    let keyset = match filter.sort.unwrap_or_default() {
        DecreeSort::FirstYear => Keyset::ascending(columns),
        DecreeSort::FirstYearDescending => Keyset::descending(columns),
    };
    let read = async || {
        let page = request.fetch(conn, query, &keyset, at).await?;
        let mut indicators = query::indicators_of(conn, page.rows.iter().map(|d| d.id), Some(at)).await?;
        page.try_map(|row| {
            let indicators = indicators.remove(&row.id).unwrap_or_default();
            Decree::new(row, indicators, None)
        })
    };
    request.respond(at, is_final, read).await
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Decree, Error> {
    let row = records::visible::<Decrees>(conn, actor, id).await?;
    with_indicators(conn, row).await
}

/// Records a decree. The same id and content sent again return the decree as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewDecree) -> Result<Created<Decree>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewDecree { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Decrees).await?;
    let mut errors = validate(&new, &[]);
    let Some(stamp) = stamp else {
        errors.add(unknown_district(&new.district_code));
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Decrees>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(with_indicators(tx, before).await?));
    }
    let source = match new.copy_of {
        Some(source) => decree_of(tx, new.district_code.as_str(), source).await?,
        None => None,
    };
    errors.check(new.copy_of.is_none() || source.is_some(), || {
        Error::unknown_reference("#/copy_of", new.copy_of.unwrap_or_default())
    });
    errors.into_result()?;
    ensure_own_number(tx, id, new.district_code.as_str(), &new.number).await?;
    let row = row(id, new)?;
    let stored = versions::create::<Decrees>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    let Some(source) = source else {
        return Ok(Created::New(Decree::new(stored, Vec::new(), None)?));
    };
    let stamp = stamps::stamp(tx, &[&stored.district_code], Stream::Indicators).await?;
    let reason = stored.change_reason.as_deref();
    let change = Change::begin(tx, stamp, &stored.district_code, stored.first_year, reason).await?;
    continue_indicators(tx, &actor.author(), stamp, &change.rows, &source, &stored).await?;
    let warnings = change.warnings(tx).await?;
    Ok(Created::New(Decree {
        warnings,
        ..with_indicators(tx, stored).await?
    }))
}

/// Returns a decree of this district, if it exists.
async fn decree_of(tx: &WriteTx, district: &str, id: Uuid) -> Result<Option<decree::Model>, Error> {
    let found = versions::find::<Decrees>(tx, versions::key::<Decrees>(id), None).await?;
    Ok(found.filter(|decree| decree.district_code == district))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<DecreePatch>,
) -> Result<Decree, Error> {
    let (stamp, seen) = records::begin_change::<Decrees>(tx, actor, id).await?;
    let indicators = query::indicators_of(tx, [id], None)
        .await?
        .remove(&id)
        .unwrap_or_default();
    let changed_at = query::latest_change(tx, id).await?;
    let old = Decree::new(seen.clone(), indicators.clone(), changed_at)?;
    if_match.check(&ETag::at(old.changed_at))?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    validate(&new, &indicators).into_result()?;
    ensure_own_number(tx, id, &seen.district_code, &new.number).await?;
    let next = row(id, new)?;
    let year = first_changed_year(&seen, &next).unwrap_or(i32::MAX);
    let change = Change::begin(tx, stamp, &seen.district_code, year, patch.reason.as_deref()).await?;
    let stored = versions::amend::<Decrees>(tx, &actor.author(), stamp, &seen, next, patch.reason).await?;
    let warnings = change.warnings(tx).await?;
    Ok(Decree {
        warnings,
        ..Decree::new(stored, indicators, changed_at)?
    })
}

/// Returns the earliest year that a correction of the years names or adds.
fn first_changed_year(old: &decree::Model, new: &decree::Model) -> Option<i32> {
    let first = (old.first_year != new.first_year).then(|| old.first_year.min(new.first_year));
    let last = (old.last_year != new.last_year).then(|| new.last_year.min(old.last_year + 1));
    first.into_iter().chain(last).min()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<DecreeVersionPage, Error> {
    records::history_page::<Decrees>(conn, actor, id, paging, &("decree versions", id))
        .await?
        .try_map(records::version_of)
}

pub(super) async fn with_indicators(conn: &impl ConnectionTrait, row: decree::Model) -> Result<Decree, Error> {
    let indicators = query::indicators_of(conn, [row.id], None).await?.remove(&row.id);
    let changed_at = query::latest_change(conn, row.id).await?;
    Decree::new(row, indicators.unwrap_or_default(), changed_at)
}

/// The rules of every decree, new or corrected. Its years include the first year of each of its indicators.
fn validate(new: &NewDecree, indicators: &[indicator::Model]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if new.last_year < new.first_year {
        errors.add(Error::rule(
            "#/last_year",
            "Tahun terakhir mendahului tahun pertama.",
            "The last year is before the first.",
        ));
        return errors;
    }
    let mut current = indicators.iter();
    let outside = |pointer, row: &indicator::Model| {
        let (code, year) = (&row.code, row.from_year);
        Error::rule(
            pointer,
            format!("Indikator {code} dari keputusan ini berlaku mulai {year}."),
            format!("Indicator {code} of this decree begins in {year}."),
        )
    };
    let early = current.clone().find(|row| row.from_year < new.first_year);
    errors.extend(early.map(|row| outside("#/first_year", row)));
    let late = current.find(|row| row.from_year > new.last_year);
    errors.extend(late.map(|row| outside("#/last_year", row)));
    errors
}

/// 409 when another decree of the district has the number.
pub(super) async fn ensure_own_number(tx: &WriteTx, id: Uuid, district: &str, number: &str) -> Result<(), Error> {
    let same = Condition::all()
        .add(C::DistrictCode.eq(district))
        .add(C::Number.eq(number));
    match versions::find::<Decrees>(tx, same, None).await? {
        Some(other) if other.id != id => Err(Error::new(Code::DuplicateDecree)
            .detail(
                format!("Nomor ini sudah dicatat sebagai keputusan {}.", other.id),
                format!("This number is already recorded as decree {}.", other.id),
            )
            .at("#/number")),
        _ => Ok(()),
    }
}

fn row(id: Uuid, new: NewDecree) -> Result<decree::Model, Error> {
    let NewDecree {
        id: _,
        district_code,
        number,
        title,
        issued_on,
        goal,
        first_year,
        last_year,
        legal_bases,
        copy_of: _,
        reason,
    } = new;
    Ok(decree::Model {
        id,
        change_reason: reason,
        district_code: district_code.into(),
        number,
        title,
        issued_on,
        goal,
        first_year,
        last_year,
        legal_bases: serde_json::to_string(&legal_bases).or_internal()?,
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_years_include_the_first_years_of_the_indicators() {
        let new = |first_year: i32, last_year: i32| -> NewDecree {
            let body = json!({
                "district_code": "63.11.06", "number": "1", "title": "x", "issued_on": "2027-01-04", "goal": "x",
                "first_year": first_year, "last_year": last_year, "legal_bases": [],
            });
            serde_json::from_value(body).unwrap()
        };
        let begins = |from_year| indicator::Model {
            from_year,
            ..Default::default()
        };
        let indicators = [begins(2023), begins(2027)];
        let (first, last) = ("#/first_year rule_broken", "#/last_year rule_broken");
        assert_eq!(validate(&new(2023, 2027), &indicators).fields(), [""; 0]);
        assert_eq!(validate(&new(2024, 2026), &indicators).fields(), [first, last]);
        assert_eq!(validate(&new(2024, 2023), &indicators).fields(), [last]);
    }
}
