//! `iku recount`: corrects the tallies from the answers, district by district.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::survey;

use super::said;
use super::schema::{self, Schema};
use crate::facts::responses::{self, Difference, verify_tallies};
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::Error;

/// Surveys of one transaction. Answers to their district wait for its end.
const AT_ONCE: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct Recounted {
    /// The number of surveys.
    pub surveys: usize,
    /// The tallies that were wrong.
    pub corrected: Vec<Difference>,
}

pub async fn recount(db: &Db) -> Result<Recounted, String> {
    match db.read(async |tx| schema::of(tx).await).await.map_err(said)? {
        Schema::Current => {}
        other => return Err(format!("The tallies cannot be recounted: {}.", schema::words(&other))),
    }
    let by_district = db.read(async |tx| surveys(tx).await).await.map_err(said)?;
    let mut done = Recounted {
        surveys: by_district.values().map(Vec::len).sum(),
        ..Recounted::default()
    };
    let suspects = suspects(db).await.map_err(said)?;
    for (district, mut ids) in by_district {
        if let Some(suspects) = &suspects {
            ids.retain(|id| suspects.contains(id));
        }
        for ids in ids.chunks(AT_ONCE) {
            let corrected = db.write(async |tx| responses::recount(tx, &district, ids).await).await;
            done.corrected.extend(corrected.map_err(said)?);
        }
    }
    Ok(done)
}

/// Returns every survey, by district.
async fn surveys(tx: &ReadTx) -> Result<BTreeMap<String, Vec<Uuid>>, Error> {
    let rows: Vec<(String, Uuid)> = survey::Entity::find()
        .select_only()
        .column(survey::Column::DistrictCode)
        .column(survey::Column::Id)
        .filter(survey::Column::SupersededAt.is_null())
        .order_by_asc(survey::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let mut by_district: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for (district, id) in rows {
        by_district.entry(district).or_default().push(id);
    }
    Ok(by_district)
}

/// Returns the surveys whose tally may be wrong; `None`: any. On PostgreSQL others write meanwhile: a snapshot finds the
/// wrong tallies first, so that no writer waits for correct tallies. On SQLite no writer waits, and the answers are read once.
async fn suspects(db: &Db) -> Result<Option<Vec<Uuid>>, Error> {
    if db.backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let wrong = db.read(async |tx| verify_tallies(tx).await).await?;
    Ok(Some(wrong.into_iter().map(|difference| difference.survey_id).collect()))
}
