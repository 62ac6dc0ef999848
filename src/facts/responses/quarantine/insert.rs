//! Quarantining answers, in the transaction that stores them.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use ::entity::{held_response, survey};

use super::dto::HeldReason;
use crate::facts::responses::row::{ROWS_PER_STATEMENT, Receipt};
use crate::facts::responses::submission::{Acceptance, Outcome, Submission};
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Error, OrInternal};

/// Inserts the answers that need an officer's decision: answers quarantined now, and new content under a taken id.
pub async fn insert(
    tx: &WriteTx,
    surveys: &HashMap<Uuid, survey::Model>,
    stamp: Stamp,
    items: &[Submission],
    outcomes: &[Outcome],
) -> Result<(), Error> {
    // By key, so that concurrent transactions insert in one order.
    let mut held: BTreeMap<(Uuid, Vec<u8>), held_response::Model> = BTreeMap::new();
    let submitted = items.iter().zip(outcomes);
    for (item, outcome) in submitted.filter(|(item, _)| item.acceptance.has_quarantine()) {
        let (reason, content) = match outcome {
            Outcome::Quarantined(_) if item.acceptance == Acceptance::AlwaysQuarantine => {
                (HeldReason::DeviceRevoked, None)
            }
            Outcome::Quarantined(_) => (HeldReason::SurveyClosed, None),
            Outcome::Conflict => (
                HeldReason::IdConflict,
                Some(serde_json::to_string(item.content()).or_internal()?),
            ),
            _ => continue,
        };
        let survey = surveys.get(&item.survey_id).ok_or_else(Error::unavailable)?;
        let fingerprint = item.fingerprint().to_vec();
        let receipt = Receipt::new(item, survey, stamp.at);
        let row = held_response::Model {
            id: Uuid::now_v7(),
            reason: reason.to_string(),
            district_code: survey.district_code.clone(),
            survey_id: survey.id,
            response_id: item.id,
            fingerprint: fingerprint.clone(),
            content,
            received_at: receipt.received_at,
            clock_flag: receipt.clock_flag,
            device_id: receipt.device_id,
            recorded_by: receipt.recorded_by,
            decision: None,
            decided_at: None,
            decided_by: None,
            decision_reason: None,
            released_response_id: None,
        };
        held.entry((item.id, fingerprint)).or_insert(row);
    }
    let rows: Vec<held_response::Model> = held.into_values().collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let active = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        let columns = [held_response::Column::ResponseId, held_response::Column::Fingerprint];
        held_response::Entity::insert_many(active)
            .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
