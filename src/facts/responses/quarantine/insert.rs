//! Quarantining answers, in the transaction that stores them.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::held_response::{Column as C, Entity as HeldResponses};
use ::entity::{held_response, survey};

use super::dto::HeldReason;
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::responses::quota::{Quota, Usage};
use crate::facts::responses::row::{ROWS_PER_STATEMENT, Receipt};
use crate::facts::responses::store::intake;
use crate::facts::responses::submission::{Acceptance, Outcome, Submission};
use crate::facts::responses::trail;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Error, OrInternal};

/// The identity of a held answer: its id and its content.
type Key = (Uuid, Vec<u8>);

/// Inserts the answers that need an officer's decision: answers quarantined now, and new content under a taken id. The
/// quota of a quarantined answer was taken before. New content without a quota is refused.
pub async fn insert(
    tx: &WriteTx,
    surveys: &HashMap<Uuid, survey::Model>,
    stamp: Stamp,
    items: &[Submission],
    outcomes: &mut [Outcome],
    usage: &mut Usage,
) -> Result<(), Error> {
    let known = known(tx, items, outcomes).await?;
    // By key, so that concurrent transactions insert in one order.
    let mut held: BTreeMap<Key, held_response::Model> = BTreeMap::new();
    let submitted = items.iter().zip(outcomes);
    for (item, outcome) in submitted.filter(|(item, _)| item.acceptance.has_quarantine()) {
        let key = (item.id, item.fingerprint().to_vec());
        if known.contains(&key) || held.contains_key(&key) {
            continue;
        }
        if matches!(outcome, Outcome::Conflict)
            && let Err(error) = usage.take(item.device(), Quota::Held)
        {
            *outcome = Outcome::Refused(error);
            continue;
        }
        let (reason, content) = match outcome {
            Outcome::Quarantined(_) if item.acceptance == Acceptance::AlwaysQuarantine => {
                (HeldReason::DeviceRevoked, None)
            }
            Outcome::Quarantined(_) if item.hourly_budget.is_some() && is_open(surveys, item) => {
                (HeldReason::Doubtful, None)
            }
            Outcome::Quarantined(_) => (HeldReason::SurveyClosed, None),
            Outcome::Conflict => (
                HeldReason::IdConflict,
                Some(serde_json::to_string(item.content()).or_internal()?),
            ),
            _ => continue,
        };
        let survey = surveys.get(&item.survey_id).ok_or_else(Error::unavailable)?;
        let receipt = Receipt::new(item, survey, stamp.at);
        let row = held_response::Model {
            id: Uuid::now_v7(),
            reason: reason.to_string(),
            district_code: survey.district_code.clone(),
            survey_id: survey.id,
            response_id: item.id,
            fingerprint: key.1.clone(),
            content,
            received_at: receipt.received_at,
            flags: receipt.flags.bits(),
            device_id: receipt.device_id,
            recorded_by: receipt.recorded_by,
            decision: None,
            decided_at: None,
            decided_by: None,
            decision_reason: None,
            released_response_id: None,
        };
        held.insert(key, row);
    }
    let mut rows: Vec<held_response::Model> = held.into_values().collect();
    let mut inserted = 0;
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let active = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        let ignore_held = OnConflict::columns([C::ResponseId, C::Fingerprint])
            .do_nothing()
            .to_owned();
        let insert = HeldResponses::insert_many(active).on_conflict(ignore_held);
        inserted += insert.exec_without_returning(tx).await?;
    }
    if inserted < rows.len() as u64 {
        let own = own_of(tx, &rows).await?;
        for row in rows.iter().filter(|row| !own.contains(&row.id)) {
            usage.give_back(row.device_id, Quota::Held);
        }
        rows.retain(|row| own.contains(&row.id));
    }
    trail::note_held(tx, &intake(), stamp, &rows)
}

/// An answer of a survey link to an open survey is held because of its flags.
fn is_open(surveys: &HashMap<Uuid, survey::Model>, item: &Submission) -> bool {
    let survey = surveys.get(&item.survey_id);
    survey.is_some_and(|survey| survey.status == SurveyStatus::Open.as_str())
}

/// Returns which conflicting answers are held already.
async fn known(tx: &WriteTx, items: &[Submission], outcomes: &[Outcome]) -> Result<HashSet<Key>, Error> {
    let conflicts = items
        .iter()
        .zip(outcomes)
        .filter(|(_, o)| matches!(o, Outcome::Conflict));
    let ids: Vec<Uuid> = conflicts.map(|(item, _)| item.id).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let held: Vec<Key> = HeldResponses::find()
        .select_only()
        .columns([C::ResponseId, C::Fingerprint])
        .filter(C::ResponseId.is_in(ids))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(held.into_iter().collect())
}

/// Returns the ids of those rows that no transaction of another instance has inserted meanwhile.
async fn own_of(tx: &WriteTx, rows: &[held_response::Model]) -> Result<HashSet<Uuid>, Error> {
    let own: Vec<Uuid> = HeldResponses::find()
        .select_only()
        .column(C::Id)
        .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(own.into_iter().collect())
}
