//! What is set for an indicator and a period by PUT: targets, notes and past values. A new record needs no `If-Match`, a replaced
//! record does. A retry changes nothing. In a year that is over, a first record is entered late; any other change needs a reason,
//! because its numbers were handed in.

use std::fmt::Display;

use chrono::Datelike;
use sea_orm::ConnectionTrait;

use crate::access::{Actor, records};
use crate::core::civil;
use crate::core::period::Period;
use crate::plan::indicators::query::in_force;
use crate::plan::indicators::service::not_in_force;
use crate::platform::db::versions::{self, VersionInfo};
use crate::platform::db::{Stamp, Versioned, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::{ETag, IfMatch, PutConditions};

/// What a record is called in Indonesian and in English, and the period or year that it is of.
#[derive(Clone, Copy, Debug)]
pub struct Named<P> {
    pub words: (&'static str, &'static str),
    pub of: P,
}

/// What a PUT did.
#[derive(Debug)]
pub enum Set<M> {
    New(M),
    /// It was set already.
    Same(M),
    Replaced {
        old: M,
        new: M,
    },
}

/// Sets the record with the key of this row under a stamp. `year` is the year whose numbers it belongs to. `ensure` says whether
/// a record may be set at all; it is not asked for a retry.
pub async fn set<E>(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    conditions: PutConditions,
    (named, year): (Named<impl Display>, i32),
    row: E::Model,
    ensure: impl AsyncFnOnce() -> Result<(), Error>,
) -> Result<Set<E::Model>, Error>
where
    E: Versioned,
    E::Model: PartialEq,
{
    let reason = E::version_info(&row).change_reason;
    let Some(old) = versions::find::<E>(tx, E::same_key(&row), None).await? else {
        if conditions.if_match.is_some() {
            return Err(named.nothing_to_replace());
        }
        ensure().await?;
        if versions::last::<E>(tx, E::same_key(&row)).await?.is_some() {
            ensure_reason(stamp, year, reason.as_deref())?;
        }
        let new = versions::create::<E>(tx, &actor.author(), stamp, row, None).await?;
        return Ok(Set::New(new));
    };
    let is_same = content::<E>(&old) == content::<E>(&row);
    conditions.ensure_none(&ETag::at(E::version_info(&old).recorded_at))?;
    match conditions.if_match {
        Some(if_match) => records::check_version::<E>(&if_match, &old)?,
        None if is_same => {}
        None => {
            IfMatch::required(None)?;
        }
    }
    if is_same {
        return Ok(Set::Same(old));
    }
    ensure().await?;
    ensure_reason(stamp, year, reason.as_deref())?;
    let new = versions::amend::<E>(tx, &actor.author(), stamp, &old, row, reason).await?;
    Ok(Set::Replaced { old, new })
}

/// Returns a row without what makes it a version.
fn content<E: Versioned>(row: &E::Model) -> E::Model {
    let mut row = row.clone();
    E::set_version_info(&mut row, VersionInfo::default());
    row
}

impl<P: Display> Named<P> {
    /// 404: nothing is set.
    pub fn not_set(&self) -> Error {
        let (Self { words: (id, en), of }, error) = (self, Error::not_found());
        error.detail(
            format!("Belum ada {id} untuk {of}."),
            format!("No {en} is set for {of}."),
        )
    }

    /// 412 for a request with `If-Match`, which must replace a record.
    fn nothing_to_replace(&self) -> Error {
        let Self { words: (id, en), of } = self;
        Error::new(Code::PreconditionFailed).detail(
            format!("Belum ada {id} untuk {of}; kirim tanpa If-Match."),
            format!("No {en} is set for {of}; send it without If-Match."),
        )
    }
}

/// 422 for a change of a year that is over without a reason.
fn ensure_reason(stamp: Stamp, year: i32, reason: Option<&str>) -> Result<(), Error> {
    if reason.is_none() && year < civil::date_of(stamp.at).year() {
        return Err(Error::new(Code::ReasonRequired).at("#/reason"));
    }
    Ok(())
}

/// 404 for a year that the indicator's decree does not cover.
pub async fn ensure_in_force(conn: &impl ConnectionTrait, code: &str, year: i32) -> Result<(), Error> {
    let governing = in_force(conn, code, year).await?;
    governing.map(|_| ()).ok_or_else(|| not_in_force(year))
}

/// Returns the period under which a record is stored; 422 for a month that ends no quarter.
pub fn name_of(period: Period) -> Result<Period, Error> {
    period.target_period().ok_or_else(|| {
        Error::rule(
            "path:period",
            "Target dan catatan hanya ada untuk akhir triwulan, semester, dan tahun (bulan 03, 06, 09, 12).",
            "Only ends of quarters, semesters and years have targets and notes (months 03, 06, 09, 12).",
        )
    })
}
