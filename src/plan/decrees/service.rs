//! The rules of recording a decree.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{decree, indicator};

use super::dto::{Decree, DecreeFilter, DecreePage, DecreePatch, NewDecree};
use super::query;
use crate::access::Actor;
use crate::places::districts::service::stamp_in;
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
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
    let page = query::page(conn, district, filter, &wanted, at).await?;
    let mut indicators = query::indicators_of(conn, page.rows.iter().map(|d| d.id)).await?;
    page.try_map(|row| {
        let rows = indicators.remove(&row.id).unwrap_or_default();
        Decree::new(row, rows, Some(at))
    })
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Decree, Error> {
    let row = visible(conn, actor, id).await?;
    with_indicators(conn, row).await
}

/// Records a decree; sent again with the same id and content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewDecree) -> Result<Created<Decree>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewDecree { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    let Some(stamp) = rules.hold(stamp_in(tx, actor, &new.district_code, Stream::Decrees).await)? else {
        rules.hold(must_end_after_it_begins(&new))?;
        return Err(rules.broken());
    };
    if let Some(before) = versions::retry_of::<decree::Entity>(tx, query::by_id(id), &fingerprint).await? {
        return Ok(Created::Existing(with_indicators(tx, before).await?));
    }
    check(tx, id, &new, &[]).await?;
    let row = row(id, new, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<decree::Entity>(tx, &actor.username, stamp, row).await?;
    Ok(Created::New(Decree::new(stored, Vec::new(), None)?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<DecreePatch>,
) -> Result<Decree, Error> {
    let before = visible(tx, actor, id).await?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Decrees).await?;
    let seen = visible(tx, actor, id).await?;
    let indicators = query::indicators_of(tx, [id]).await?.remove(&id).unwrap_or_default();
    let old = Decree::new(seen.clone(), indicators.clone(), None)?;
    if_match.check(&ETag::at(old.changed_at))?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    check(tx, id, &new, &indicators).await?;
    let next = row(id, new, decree::Entity::version_info(&seen))?;
    let stored = versions::amend::<decree::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason).await?;
    Decree::new(stored, indicators, None)
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<decree::Model, Error> {
    let row = query::current(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

async fn with_indicators(conn: &impl ConnectionTrait, row: decree::Model) -> Result<Decree, Error> {
    let indicators = query::indicators_of(conn, [row.id]).await?.remove(&row.id);
    Decree::new(row, indicators.unwrap_or_default(), None)
}

/// What holds for every decree, new or corrected.
async fn check(tx: &WriteTx, id: Uuid, new: &NewDecree, indicators: &[indicator::Model]) -> Result<(), Error> {
    must_end_after_it_begins(new)?;
    must_cover(new, indicators)?;
    match query::numbered(tx, new.district_code.as_str(), &new.number).await? {
        Some(other) if other.id != id => Err(Error::new(Code::DuplicateDecree)
            .detail(
                format!("Nomor ini sudah dicatat sebagai keputusan {}.", other.id),
                format!("This number is already recorded as decree {}.", other.id),
            )
            .at("#/number")),
        _ => Ok(()),
    }
}

fn must_end_after_it_begins(new: &NewDecree) -> Result<(), Error> {
    if new.last_year >= new.first_year {
        return Ok(());
    }
    Err(Error::rule(
        "#/last_year",
        "Tahun terakhir mendahului tahun pertama.",
        "The last year is before the first.",
    ))
}

/// The years of a decree hold the first year of each wording that names it.
fn must_cover(new: &NewDecree, indicators: &[indicator::Model]) -> Result<(), Error> {
    let in_force = || indicators.iter().filter(|row| row.superseded_at.is_none());
    let mut rules = Rules::default();
    let mut must_hold = |row: Option<&indicator::Model>, pointer| {
        let Some(row) = row else { return };
        let (code, year) = (&row.code, row.from_year);
        rules.add(Error::rule(
            pointer,
            format!("Indikator {code} dari keputusan ini berlaku mulai {year}."),
            format!("Indicator {code} of this decree begins in {year}."),
        ));
    };
    must_hold(in_force().find(|row| row.from_year < new.first_year), "#/first_year");
    must_hold(in_force().find(|row| row.from_year > new.last_year), "#/last_year");
    rules.end()
}

fn row(id: Uuid, new: NewDecree, info: VersionInfo) -> Result<decree::Model, Error> {
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
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        district_code: district_code.into(),
        number,
        title,
        issued_on,
        goal,
        first_year,
        last_year,
        legal_bases: serde_json::to_string(&legal_bases).map_err(Error::internal)?,
    })
}
