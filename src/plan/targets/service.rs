//! The rules of setting a target. A target is stored under the canonical name of its period, so that equivalent periods
//! find it.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::target::{self, Column as C, Entity as Targets};

use super::dto::{NewTarget, Target, TargetFilter, TargetPage};
use crate::access::{Actor, records};
use crate::core::period::{Period, PeriodKind, YEARS};
use crate::plan::indicators::query::{Year, of_year};
use crate::plan::indicators::service::{not_in_force, visible};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::{IfMatch, Paging};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    filter: &TargetFilter,
    paging: &Paging,
) -> Result<TargetPage, Error> {
    let district = visible(conn, actor, code, *YEARS.start()).await?.district_code;
    let wanted = paging.open(&("targets", code, filter))?;
    let at = wanted.at(stamps::latest(conn, Some(&district)).await?);
    // At most four a year, so they are paged in memory, in the order of time (their names sort differently).
    let mut rows = Targets::find()
        .filter(C::IndicatorCode.eq(code))
        .apply_if(filter.year, |q, v| q.filter(C::Period.is_in(names_of(v))))
        .filter(known_at::<Targets>(Some(at)))
        .all(conn)
        .await?;
    rows.sort_by_key(|row| row.period.parse::<Period>().ok().map(Period::last_day));
    wanted.paginate_in_memory(rows, at)?.try_map(Target::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &str, period: Period) -> Result<Target, Error> {
    visible(conn, actor, code, period.year()).await?;
    let name = name_of(period)?;
    stored(conn, code, name).await?.try_into()
}

/// Sets the target of a period. A new target needs no `If-Match`, a replaced target does. The same again is no change.
pub async fn put(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    if_match: Option<IfMatch>,
    new: NewTarget,
) -> Result<Created<Target>, Error> {
    let district = visible(tx, actor, code, period.year()).await?.district_code;
    let name = name_of(period)?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Targets).await?;
    let Some(seen) = find(tx, code, name).await? else {
        if if_match.is_some() {
            return Err(nothing_to_replace(name));
        }
        ensure_in_force(tx, code, name).await?;
        let row = row(code, name, &district, &new);
        let fingerprint = Some(fingerprint::hex(&new)?);
        let stored = versions::create::<Targets>(tx, &actor.username, stamp, row, fingerprint).await?;
        return Ok(Created::New(stored.try_into()?));
    };
    let old: Target = seen.clone().try_into()?;
    match if_match {
        Some(if_match) => records::check_version::<Targets>(&if_match, &seen)?,
        None if old.as_new() == new => {}
        None => {
            IfMatch::required(None)?;
        }
    }
    if old.as_new() == new {
        return Ok(Created::Existing(old));
    }
    ensure_in_force(tx, code, name).await?;
    let next = row(code, name, &district, &new);
    let stored = versions::amend::<Targets>(tx, &actor.username, stamp, &seen, next, None).await?;
    Ok(Created::Existing(stored.try_into()?))
}

pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    let district = visible(tx, actor, code, period.year()).await?.district_code;
    let name = name_of(period)?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Targets).await?;
    let seen = stored(tx, code, name).await?;
    records::delete::<Targets>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Returns the four canonical periods of a year.
fn names_of(year: i32) -> Vec<String> {
    let quarters = (1..=4).filter_map(|q| Period::new(year, PeriodKind::Quarter, q));
    quarters.filter_map(Period::target_period).map(String::from).collect()
}

/// Returns the current target of an indicator; `name` is the canonical period.
async fn find(conn: &impl ConnectionTrait, code: &str, name: Period) -> Result<Option<target::Model>, Error> {
    let key = Condition::all()
        .add(C::IndicatorCode.eq(code))
        .add(C::Period.eq(name.to_string()));
    versions::find::<Targets>(conn, key, None).await
}

/// Returns the target, or the reason why there is none: the year is not in force, or no target is set.
async fn stored(conn: &impl ConnectionTrait, code: &str, name: Period) -> Result<target::Model, Error> {
    if let Some(row) = find(conn, code, name).await? {
        return Ok(row);
    }
    ensure_in_force(conn, code, name).await?;
    Err(Error::not_found().detail(
        format!("Belum ada target untuk {name}."),
        format!("No target is set for {name}."),
    ))
}

/// 412: a request with `If-Match` means to replace.
fn nothing_to_replace(name: Period) -> Error {
    Error::new(Code::PreconditionFailed).detail(
        format!("Belum ada target untuk {name}; kirim tanpa If-Match."),
        format!("No target is set for {name}; send it without If-Match."),
    )
}

/// 404 for a year that the indicator's decree does not cover.
async fn ensure_in_force(conn: &impl ConnectionTrait, code: &str, name: Period) -> Result<(), Error> {
    let year = name.year();
    let governing = of_year(conn, code, Year::Exactly(year)).await?;
    governing.map(|_| ()).ok_or_else(|| not_in_force(year))
}

/// 422 for a month that ends no quarter.
fn name_of(period: Period) -> Result<Period, Error> {
    period.target_period().ok_or_else(|| {
        Error::rule(
            "path:period",
            "Target hanya ada untuk akhir triwulan, semester, dan tahun (bulan 03, 06, 09, 12).",
            "Only ends of quarters, semesters and years have targets (months 03, 06, 09, 12).",
        )
    })
}

fn row(code: &str, name: Period, district: &str, new: &NewTarget) -> target::Model {
    let NewTarget { value, basis } = new;
    target::Model {
        indicator_code: code.to_owned(),
        period: name.to_string(),
        district_code: district.to_owned(),
        value_hundredths: value.0.0,
        basis: basis.clone(),
        ..Default::default()
    }
}
