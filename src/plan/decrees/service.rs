//! The rules of recording a decree.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::decree::{self, Column as C, Entity as Decrees};
use ::entity::indicator;

use super::dto::{Decree, DecreeFilter, DecreePage, DecreePatch, DecreeSort, NewDecree};
use super::query;
use crate::access::{Actor, records};
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &DecreeFilter,
    paging: &Paging,
) -> Result<DecreePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("decrees", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let query = Decrees::find()
        .filter(known_at::<Decrees>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.year, |q, v| {
            q.filter(C::FirstYear.lte(v)).filter(C::LastYear.gte(v))
        });
    let columns = vec![C::FirstYear, C::Number, C::Id];
    let keyset = match filter.sort.unwrap_or_default() {
        DecreeSort::FirstYear => Keyset::ascending(columns),
        DecreeSort::FirstYearDescending => Keyset::descending(columns),
    };
    let page = wanted.fetch(conn, query, &keyset, at).await?;
    let mut indicators = query::indicators_of(conn, page.rows.iter().map(|d| d.id)).await?;
    page.try_map(|row| {
        let rows = indicators.remove(&row.id).unwrap_or_default();
        Decree::new(row, rows, Some(at))
    })
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Decree, Error> {
    let row = records::visible::<Decrees>(conn, actor, id).await?;
    with_indicators(conn, row).await
}

/// Records a decree. The same id and content sent again return the decree as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewDecree) -> Result<Created<Decree>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewDecree { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Decrees).await?;
    let mut errors = validate(&new, &[]);
    let Some(stamp) = stamp else {
        errors.add(unknown_district(&new.district_code));
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Decrees>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(with_indicators(tx, before).await?));
    }
    errors.into_result()?;
    ensure_own_number(tx, id, &new).await?;
    let row = row(id, new)?;
    let stored = versions::create::<Decrees>(tx, &actor.username, stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(Decree::new(stored, Vec::new(), None)?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<DecreePatch>,
) -> Result<Decree, Error> {
    let (stamp, seen) = records::begin_change::<Decrees>(tx, actor, id).await?;
    let indicators = query::indicators_of(tx, [id]).await?.remove(&id).unwrap_or_default();
    let old = Decree::new(seen.clone(), indicators.clone(), None)?;
    if_match.check(&ETag::at(old.changed_at))?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    validate(&new, &indicators).into_result()?;
    ensure_own_number(tx, id, &new).await?;
    let next = row(id, new)?;
    let stored = versions::amend::<Decrees>(tx, &actor.username, stamp, &seen, next, patch.reason).await?;
    Decree::new(stored, indicators, None)
}

async fn with_indicators(conn: &impl ConnectionTrait, row: decree::Model) -> Result<Decree, Error> {
    let indicators = query::indicators_of(conn, [row.id]).await?.remove(&row.id);
    Decree::new(row, indicators.unwrap_or_default(), None)
}

/// The rules of every decree, new or corrected. Its years include the first year of each of its current indicators.
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
    let mut current = indicators.iter().filter(|row| row.superseded_at.is_none());
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
async fn ensure_own_number(tx: &WriteTx, id: Uuid, new: &NewDecree) -> Result<(), Error> {
    let same = Condition::all()
        .add(C::DistrictCode.eq(new.district_code.as_str()))
        .add(C::Number.eq(&new.number));
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
    } = new;
    Ok(decree::Model {
        id,
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
    fn the_years_include_the_first_years_of_the_current_indicators() {
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
        let superseded = indicator::Model {
            superseded_at: Some(chrono::DateTime::UNIX_EPOCH),
            ..begins(2030)
        };
        let indicators = [begins(2023), begins(2027), superseded];
        let (first, last) = ("#/first_year rule_broken", "#/last_year rule_broken");
        assert_eq!(validate(&new(2023, 2027), &indicators).fields(), [""; 0]);
        assert_eq!(validate(&new(2024, 2026), &indicators).fields(), [first, last]);
        assert_eq!(validate(&new(2024, 2023), &indicators).fields(), [last]);
    }
}
