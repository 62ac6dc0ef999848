//! The rules of setting a target. A target is stored under the canonical name of its period, so that equivalent periods
//! find it.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::target::{self, Column as C, Entity as Targets};

use super::dto::{NewTarget, Target, TargetFilter, TargetPage, TargetVersionPage};
use crate::access::{Actor, records};
use crate::core::civil;
use crate::core::period::{Period, YEARS};
use crate::plan::agreements::query::of_year;
use crate::plan::agreements::service::unknown_agreement;
use crate::plan::indicators::service::visible;
use crate::plan::set::{Named, Set, ensure_in_force, name_of, set};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, PutConditions, Warning};

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

pub async fn get(conn: &impl RecordReader, actor: &Actor, code: &str, period: Period) -> Result<Target, Error> {
    visible(conn, actor, code, period.year()).await?;
    let name = name_of(period)?;
    stored(conn, code, name).await?.try_into()
}

/// Sets the target of a period of an indicator in force.
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
    let row = row(code, name, &district, new);
    let agreement = row.agreement_id;
    let ensure = async || {
        ensure_in_force(tx, code, name.year()).await?;
        ensure_agreement(tx, agreement, &district, name.year()).await
    };
    let year = (named(name), name.year());
    let (stored, is_moved) = match set::<Targets>(tx, actor, stamp, conditions, year, row, ensure).await? {
        Set::New(row) => {
            return Ok(Created::New(Target {
                warnings: moved(stamp, name),
                ..row.try_into()?
            }));
        }
        Set::Same(row) => (row, false),
        // Other words move nothing.
        Set::Replaced { old, new } => {
            let is_moved = old.value_hundredths != new.value_hundredths;
            (new, is_moved)
        }
    };
    Ok(Created::Existing(Target {
        warnings: if is_moved { moved(stamp, name) } else { Vec::new() },
        ..stored.try_into()?
    }))
}

/// 422 for an agreement that is not one of the district and the year.
async fn ensure_agreement(tx: &WriteTx, id: Option<Uuid>, district: &str, year: i32) -> Result<(), Error> {
    let Some(id) = id else { return Ok(()) };
    match of_year(tx, id, district, year).await? {
        Some(_) => Ok(()),
        None => Err(unknown_agreement("#/agreement_id", id)),
    }
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
    ensure_in_force(conn, code, name.year()).await?;
    Err(named(name).not_set())
}

fn named(name: Period) -> Named<Period> {
    Named {
        words: ("target", "target"),
        of: name,
    }
}

fn row(code: &str, name: Period, district: &str, new: NewTarget) -> target::Model {
    let NewTarget {
        value,
        basis,
        agreement_id,
        reason,
    } = new;
    target::Model {
        indicator_code: code.to_owned(),
        period: name.to_string(),
        district_code: district.to_owned(),
        value_hundredths: value.0.0,
        basis,
        agreement_id,
        change_reason: reason,
        ..Default::default()
    }
}
