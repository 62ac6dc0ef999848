//! `iku recount`: corrects the tallies from the answers, district by district.

use std::collections::BTreeMap;

use sea_orm::{DbBackend, EntityTrait, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::survey;

use super::schema::{self, Schema};
use super::sentence;
use crate::facts::responses::{self, Difference, HeldDifference, verify_tallies};
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::Error;

/// The most surveys of one transaction. New answers of their district wait for its end.
const SURVEYS_PER_TRANSACTION: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct RecountResult {
    /// The number of surveys.
    pub surveys: usize,
    /// The tallies that were wrong.
    pub corrected: Vec<Difference>,
    /// The counts of held answers that were wrong.
    pub held: Vec<HeldDifference>,
}

pub async fn recount(db: &Db) -> Result<RecountResult, String> {
    match db.read(async |tx| schema::of(tx).await).await.map_err(sentence)? {
        Schema::Current => {}
        other => {
            return Err(format!("The tallies cannot be recounted: {}.", schema::text(&other)));
        }
    }
    let by_district = db.read(async |tx| surveys(tx).await).await.map_err(sentence)?;
    let mut done = RecountResult {
        surveys: by_district.values().map(Vec::len).sum(),
        ..RecountResult::default()
    };
    let suspects = suspects(db).await.map_err(sentence)?;
    for (district, mut ids) in by_district {
        if let Some(suspects) = &suspects {
            ids.retain(|id| suspects.contains(id));
        }
        for ids in ids.chunks(SURVEYS_PER_TRANSACTION) {
            let corrected = db.write(async |tx| responses::recount(tx, &district, ids).await).await;
            done.corrected.extend(corrected.map_err(sentence)?);
        }
    }
    let held = db.write(async |tx| responses::recount_held(tx).await).await;
    done.held = held.map_err(sentence)?;
    Ok(done)
}

/// Returns every survey, deleted or not, by district.
async fn surveys(tx: &ReadTx) -> Result<BTreeMap<String, Vec<Uuid>>, Error> {
    let rows: Vec<(String, Uuid)> = survey::Entity::find()
        .select_only()
        .column(survey::Column::DistrictCode)
        .column(survey::Column::Id)
        .distinct()
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

/// Returns the surveys whose tally may be wrong; `None`: any. On PostgreSQL the service may write, so a snapshot finds
/// the wrong tallies first, and writers wait only for these. On SQLite nothing else writes, and the answers are read
/// once.
async fn suspects(db: &Db) -> Result<Option<Vec<Uuid>>, Error> {
    if db.backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let wrong = db.read(async |tx| verify_tallies(tx).await).await?;
    Ok(Some(wrong.into_iter().map(|difference| difference.survey_id).collect()))
}
