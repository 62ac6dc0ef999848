//! Deleting a decree that was recorded by mistake, and restoring it.
//!
//! Wordings that would begin later go and come with their decree, so a next decree that was copied by mistake is one request.

use chrono::Datelike;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::decree::Entity as Decrees;
use ::entity::indicator::{Column as I, Entity as Indicators};

use super::dto::Decree;
use super::query;
use super::service::{ensure_own_number, with_indicators};
use crate::access::{Actor, records};
use crate::core::civil;
use crate::plan::by_year;
use crate::plan::effects::Change;
use crate::plan::indicators::withdrawal::ensure_place;
use crate::platform::db::versions;
use crate::platform::db::{Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::{ETag, IfMatch, Restoration, Warning};

/// A decree and its indicators go and come at one instant, so no past instant has an indicator without its decree.
const STREAMS: [Stream; 2] = [Stream::Decrees, Stream::Indicators];

/// Deletes a decree, and returns the warnings. 409 while indicators are in force under it, or were.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    reason: String,
) -> Result<Vec<Warning>, Error> {
    let (stamp, seen) = records::begin_change::<Decrees>(tx, actor, id).await?;
    let changed_at = query::latest_change(tx, id).await?;
    if_match.check(&ETag::at(
        changed_at.map_or(seen.recorded_at, |at| at.max(seen.recorded_at)),
    ))?;
    let rows = query::indicators_of(tx, [id], None)
        .await?
        .remove(&id)
        .unwrap_or_default();
    let this_year = civil::date_of(stamp.at).year();
    if let Some(row) = rows.iter().find(|row| row.from_year <= this_year) {
        let (code, year) = (&row.code, row.from_year);
        return Err(Error::new(Code::Conflict).detail(
            format!("{code} berlaku menurut keputusan ini sejak {year}. Tarik indikatornya dahulu, atau akhiri keputusan (last_year)."),
            format!("{code} is in force under this decree since {year}. Withdraw the indicator first, or end the decree (last_year)."),
        ));
    }
    let change = Change::begin(tx, stamp, &seen.district_code, seen.first_year, Some(&reason)).await?;
    let stamp = stamps::stamp_streams(tx, &[&seen.district_code], &STREAMS).await?;
    by_year::withdraw::<Indicators>(tx, &actor.author(), stamp, &rows, &reason).await?;
    versions::remove::<Decrees>(tx, &actor.author(), stamp, &seen, reason).await?;
    change.warnings(tx).await
}

/// Restores a decree with the wordings that were deleted with it. 409 if its number, a wording or the number of an indicator
/// is taken.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Decree, Error> {
    let (stamp, deletion) = records::begin_restoration::<Decrees>(tx, actor, id).await?;
    let district = deletion.district_code.clone();
    ensure_own_number(tx, id, &district, &deletion.number).await?;
    let deleted_at = Decrees::version_info(&deletion).recorded_at;
    let deletions = Indicators::find()
        .filter(I::DecreeId.eq(id))
        .filter(I::Deleted.eq(true))
        .filter(I::RecordedAt.eq(deleted_at))
        .order_by_asc(I::Code)
        .order_by_asc(I::FromYear)
        .all(tx)
        .await?;
    let first_year = deletion.first_year;
    let reason = restoration.reason.clone();
    let change = Change::begin(tx, stamp, &district, first_year, Some(&reason)).await?;
    let stamp = stamps::stamp_streams(tx, &[&district], &STREAMS).await?;
    let restored = records::restore::<Decrees>(tx, actor, stamp, &deletion, restoration).await?;
    ensure_place(tx, &change.rows, &deletions).await?;
    by_year::restore::<Indicators>(tx, &actor.author(), stamp, &deletions, &reason).await?;
    let warnings = change.warnings(tx).await?;
    Ok(Decree {
        warnings,
        ..with_indicators(tx, restored).await?
    })
}
