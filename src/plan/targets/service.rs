//! The rules of setting a target. A target is stored under the canonical name of its period, so that equivalent periods
//! find it.

use chrono::Datelike;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::target::{self, Column as C, Entity as Targets};

use super::dto::{NewTarget, Target, TargetFilter, TargetPage, TargetVersionPage};
use crate::access::{Actor, records};
use crate::core::civil;
use crate::core::period::{Period, YEARS};
use crate::plan::indicators::query::in_force;
use crate::plan::indicators::service::{not_in_force, visible};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, PutConditions, Resource, Warning};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    code: &str,
    filter: &TargetFilter,
    paging: &Paging,
) -> Result<TargetPage, Error> {
    let district = visible(conn, actor, code, *YEARS.start()).await?.district_code;
    let request = paging.open(&("targets", code, filter))?;
    let at = request.at(conn.latest(Some(&district)).await?);
    // At most four a year, so they are paged in memory, in the order of time (their names sort differently).
    let mut rows = Targets::find()
        .filter(C::IndicatorCode.eq(code))
        .apply_if(filter.year, |q, v| q.filter(C::Period.is_in(names_of(v))))
        .filter(known_at::<Targets>(Some(at)))
        .all(conn)
        .await?;
    rows.sort_by_key(|row| row.period.parse::<Period>().ok().map(Period::last_day));
    request.paginate_in_memory(rows, at)?.try_map(Target::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &str, period: Period) -> Result<Target, Error> {
    visible(conn, actor, code, period.year()).await?;
    let name = name_of(period)?;
    stored(conn, code, name).await?.try_into()
}

/// Sets the target of a period. A new target needs no `If-Match`, a replaced target does. A retry changes nothing. In a year
/// that is over, a first target is entered late; any other change needs a reason, because achievements of it were handed in.
pub async fn put(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    conditions: PutConditions,
    new: NewTarget,
) -> Result<Created<Target>, Error> {
    let district = visible(tx, actor, code, period.year()).await?.district_code;
    let name = name_of(period)?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Targets).await?;
    let Some(seen) = find(tx, code, name).await? else {
        if conditions.if_match.is_some() {
            return Err(nothing_to_replace(name));
        }
        ensure_in_force(tx, code, name).await?;
        let row = row(code, name, &district, new);
        if versions::last::<Targets>(tx, Targets::same_key(&row)).await?.is_some() {
            ensure_reason(stamp, name, row.change_reason.as_deref())?;
        }
        let stored = versions::create::<Targets>(tx, &actor.author(), stamp, row, None).await?;
        return Ok(Created::New(Target {
            warnings: moved(stamp, name),
            ..stored.try_into()?
        }));
    };
    let old: Target = seen.clone().try_into()?;
    conditions.ensure_none(&old.etag())?;
    match conditions.if_match {
        Some(if_match) => records::check_version::<Targets>(&if_match, &seen)?,
        None if old.is_set_by(&new) => {}
        None => {
            IfMatch::required(None)?;
        }
    }
    if old.is_set_by(&new) {
        return Ok(Created::Existing(old));
    }
    ensure_in_force(tx, code, name).await?;
    let next = row(code, name, &district, new);
    let reason = next.change_reason.clone();
    ensure_reason(stamp, name, reason.as_deref())?;
    // Other words move nothing.
    let is_moved = next.value_hundredths != seen.value_hundredths;
    let stored = versions::amend::<Targets>(tx, &actor.author(), stamp, &seen, next, reason).await?;
    Ok(Created::Existing(Target {
        warnings: if is_moved { moved(stamp, name) } else { Vec::new() },
        ..stored.try_into()?
    }))
}

/// 422 for a target of a year that is over without a reason.
fn ensure_reason(stamp: Stamp, name: Period, reason: Option<&str>) -> Result<(), Error> {
    if reason.is_none() && name.year() < civil::date_of(stamp.at).year() {
        return Err(Error::new(Code::ReasonRequired).at("#/reason"));
    }
    Ok(())
}

/// A target moves the achievement of its own period only.
fn moved(stamp: Stamp, name: Period) -> Vec<Warning> {
    let is_over = name.last_day() < civil::date_of(stamp.at);
    is_over
        .then(|| Warning::periods_moved(vec![name]))
        .into_iter()
        .collect()
}

/// Withdraws a target, and returns the warnings.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    if_match: &IfMatch,
    reason: String,
) -> Result<Vec<Warning>, Error> {
    let district = visible(tx, actor, code, period.year()).await?.district_code;
    let name = name_of(period)?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Targets).await?;
    let seen = stored(tx, code, name).await?;
    records::delete::<Targets>(tx, actor, stamp, &seen, if_match, reason).await?;
    Ok(moved(stamp, name))
}

/// Returns one page of the versions of a target, oldest first. They stay readable after the target or its indicator was
/// withdrawn.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    period: Period,
    paging: &Paging,
) -> Result<TargetVersionPage, Error> {
    let name = name_of(period)?.to_string();
    let binding = ("target versions", code, &name);
    let all = Targets::find()
        .filter(C::IndicatorCode.eq(code))
        .filter(C::Period.eq(&name));
    let order = Keyset::ascending(vec![C::Version]);
    records::page_of_history::<Targets>(conn, actor, all, &order, paging, &binding)
        .await?
        .try_map(records::version_of)
}

/// Returns the four canonical periods of a year.
fn names_of(year: i32) -> Vec<String> {
    Period::target_periods(year).map(String::from).collect()
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

/// 412 for a request with `If-Match`, which must replace a target.
fn nothing_to_replace(name: Period) -> Error {
    Error::new(Code::PreconditionFailed).detail(
        format!("Belum ada target untuk {name}; kirim tanpa If-Match."),
        format!("No target is set for {name}; send it without If-Match."),
    )
}

/// 404 for a year that the indicator's decree does not cover.
async fn ensure_in_force(conn: &impl ConnectionTrait, code: &str, name: Period) -> Result<(), Error> {
    let year = name.year();
    let governing = in_force(conn, code, year).await?;
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

fn row(code: &str, name: Period, district: &str, new: NewTarget) -> target::Model {
    let NewTarget { value, basis, reason } = new;
    target::Model {
        indicator_code: code.to_owned(),
        period: name.to_string(),
        district_code: district.to_owned(),
        value_hundredths: value.0.0,
        basis,
        change_reason: reason,
        ..Default::default()
    }
}
