//! Withdrawing an indicator that was made by mistake, and restoring it.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use ::entity::decree::{self, Column as D, Entity as Decrees};
use ::entity::indicator::{self, Entity as Indicators};

use super::dto::Indicator;
use super::rules::{Row, ensure_own_number};
use super::service::visible;
use crate::access::{Actor, records};
use crate::plan::by_year;
use crate::plan::effects::Change;
use crate::platform::db::WriteTx;
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::{Code, Error};
use crate::platform::http::{IfMatch, Restoration, Warning};
use crate::shipped;

/// Withdraws an indicator in all its years, and returns the warnings. Its versions and targets stay; nothing counts it any
/// more.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    if_match: &IfMatch,
    reason: String,
    this_year: i32,
) -> Result<Vec<Warning>, Error> {
    let before = visible(tx, actor, code, this_year).await?;
    let stamp = records::stamp_for::<Indicators>(tx, &before).await?;
    let seen = visible(tx, actor, code, this_year).await?;
    records::check_version::<Indicators>(if_match, &seen)?;
    if shipped::indicators().iter().any(|shipped| shipped.code == code) {
        return Err(Error::new(Code::Conflict).detail(
            "Indikator ini berasal dari keputusan yang disertakan. Koreksi dengan PATCH, atau akhiri keputusannya (last_year).",
            "The indicator comes from the decree that ships. Correct it with PATCH, or end its decree (last_year).",
        ));
    }
    let rows = by_year::rows_of::<Indicators>(tx, code).await?;
    let first_year = rows.first().map_or(this_year, |row| row.from_year);
    let change = Change::begin(tx, stamp, &seen.district_code, first_year, Some(&reason)).await?;
    by_year::withdraw::<Indicators>(tx, &actor.author(), stamp, &rows, &reason).await?;
    change.warnings(tx).await
}

/// Restores an indicator in all its years, unless its decree was deleted or shortened, or its number is taken.
pub async fn restore(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    restoration: Restoration,
    this_year: i32,
) -> Result<Indicator, Error> {
    let deletions = withdrawn(tx, actor, code).await?;
    let row = deletions.first().ok_or_else(Error::not_found)?;
    let stamp = records::stamp_for::<Indicators>(tx, row).await?;
    let deletions = withdrawn(tx, actor, code).await?;
    let reason = restoration.reason;
    let first_year = deletions.iter().map(|row| row.from_year).min().unwrap_or(this_year);
    let change = Change::begin(tx, stamp, &row.district_code, first_year, Some(&reason)).await?;
    ensure_place(tx, &change.rows, &deletions).await?;
    by_year::restore::<Indicators>(tx, &actor.author(), stamp, &deletions, &reason).await?;
    let warnings = change.warnings(tx).await?;
    let restored = visible(tx, actor, code, this_year).await?;
    Ok(Indicator {
        warnings,
        ..restored.try_into()?
    })
}

/// 409 unless withdrawn rows can be in force again: each decree exists and covers the first year of its row, and no number
/// is taken.
pub async fn ensure_place(
    conn: &impl ConnectionTrait,
    rows: &[Row],
    deletions: &[indicator::Model],
) -> Result<(), Error> {
    let ids = deletions.iter().map(|row| row.decree_id);
    let decrees = Decrees::find()
        .filter(D::Id.is_in(ids))
        .filter(known_at::<Decrees>(None))
        .all(conn)
        .await?;
    for deletion in deletions {
        let decree = decrees.iter().find(|decree| decree.id == deletion.decree_id);
        let covers = |decree: &&decree::Model| (decree.first_year..=decree.last_year).contains(&deletion.from_year);
        let Some(decree) = decree.filter(covers) else {
            let (id, year) = (deletion.decree_id, deletion.from_year);
            return Err(Error::new(Code::Conflict).detail(
                format!("Keputusan {id} tidak ada atau tidak lagi mencakup {year}; pulihkan atau ubah dahulu."),
                format!("The decree {id} does not exist, or no longer covers {year}; restore or change it first."),
            ));
        };
        if rows
            .iter()
            .any(|(row, _)| (&row.code, row.from_year) == (&deletion.code, deletion.from_year))
        {
            let (code, year) = (&deletion.code, deletion.from_year);
            return Err(Error::new(Code::Conflict).detail(
                format!("{code} sudah punya ketentuan lain mulai {year}."),
                format!("{code} has another entry that begins in {year}."),
            ));
        }
        ensure_own_number(rows, deletion, decree)?;
    }
    Ok(())
}

/// Returns the rows of an indicator that was withdrawn; 404 for another district's.
async fn withdrawn(conn: &impl ConnectionTrait, actor: &Actor, code: &str) -> Result<Vec<indicator::Model>, Error> {
    let newest = versions::last::<Indicators>(conn, versions::key::<Indicators>(code)).await?;
    actor.ensure_can_see(&newest.ok_or_else(Error::not_found)?.district_code)?;
    by_year::withdrawn::<Indicators>(conn, code).await
}
