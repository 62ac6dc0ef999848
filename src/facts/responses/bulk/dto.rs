//! Decisions on many answers in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::bulk_decision;

use crate::facts::responses::quarantine::dto::{HeldDecision, HeldReason};
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::{DistrictCode, ETag, Page, Resource};

/// The value of `kind` of a void, beside those of [`HeldDecision`].
pub const VOIDED: &str = "voided";

/// A decision on the held answers that match all members and wait for one. `survey_id` or `client_id` is required.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "decision": "discarded", "client_id": "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69", "held_reason": "device_revoked",
    "reason": "Ponsel hilang"
}))]
pub struct NewBulkDecision {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub decision: HeldDecision,
    /// Only answers to this survey.
    pub survey_id: Option<Uuid>,
    /// Only answers of this device, for example a stolen phone.
    pub client_id: Option<Uuid>,
    /// Only answers that are held for this reason. Answers with an `id_conflict` are released one by one, since their
    /// content was not checked before.
    pub held_reason: Option<HeldReason>,
    /// Only answers received at this instant or later.
    pub received_from: Option<DateTime<Utc>>,
    /// Only answers received at this instant or earlier.
    pub received_to: Option<DateTime<Utc>>,
    /// Stored with each answer.
    #[schema(min_length = 1, max_length = 300, example = "Ponsel hilang")]
    pub reason: String,
}

/// A recorded decision on held answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkDecision {
    pub id: Uuid,
    pub decision: HeldDecision,
    pub district_code: DistrictCode,
    #[schema(required)]
    pub survey_id: Option<Uuid>,
    #[schema(required)]
    pub client_id: Option<Uuid>,
    #[schema(required)]
    pub held_reason: Option<HeldReason>,
    #[schema(required)]
    pub received_from: Option<DateTime<Utc>>,
    #[schema(required)]
    pub received_to: Option<DateTime<Utc>>,
    #[schema(max_length = 300, example = "Ponsel hilang")]
    pub reason: String,
    /// How many answers were decided on.
    #[schema(minimum = 1, maximum = 10_000, example = 2000)]
    pub answers: i64,
    /// True: more answers matched. Send the request again with a new `id`.
    pub has_more: bool,
    /// Released answers count from then on.
    pub decided_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub decided_by: String,
    /// From then on the discarded answers wait for a decision again; null: they were not restored together.
    #[schema(required)]
    pub restored_at: Option<DateTime<Utc>>,
    #[schema(required, max_length = 100, example = "kasi.pelayanan")]
    pub restored_by: Option<String>,
    #[schema(required, max_length = 300, example = "Ponsel ditemukan kembali")]
    pub restore_reason: Option<String>,
    /// How many answers were restored: those that nobody had restored alone.
    #[schema(required, minimum = 1, maximum = 10_000, example = 2000)]
    pub restored_answers: Option<i64>,
}

pub type BulkDecisionPage = Page<BulkDecision>;

/// Filters of the list of decisions on many held answers.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkDecisionFilter {
    pub district_code: Option<DistrictCode>,
    pub decision: Option<HeldDecision>,
    /// Only decisions that named this survey. One that named no survey may concern it, too.
    pub survey_id: Option<Uuid>,
    /// Only decisions that named this device.
    pub client_id: Option<Uuid>,
}

/// A void of all answers of a device that count and match all members.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "client_id": "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69", "received_from": "2025-03-14T00:00:00+08:00", "reason": "Ponsel dicuri"
}))]
pub struct NewBulkVoid {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// The device whose answers are void, for example a stolen phone.
    pub client_id: Uuid,
    /// Only answers to this survey.
    pub survey_id: Option<Uuid>,
    /// Only answers received at this instant or later.
    pub received_from: Option<DateTime<Utc>>,
    /// Only answers received at this instant or earlier.
    pub received_to: Option<DateTime<Utc>>,
    /// Stored with each answer.
    #[schema(min_length = 1, max_length = 300, example = "Ponsel dicuri")]
    pub reason: String,
}

/// A recorded void of many answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkVoid {
    pub id: Uuid,
    pub district_code: DistrictCode,
    pub client_id: Uuid,
    #[schema(required)]
    pub survey_id: Option<Uuid>,
    #[schema(required)]
    pub received_from: Option<DateTime<Utc>>,
    #[schema(required)]
    pub received_to: Option<DateTime<Utc>>,
    #[schema(max_length = 300, example = "Ponsel dicuri")]
    pub reason: String,
    /// How many answers were voided.
    #[schema(minimum = 1, maximum = 10_000, example = 412)]
    pub answers: i64,
    /// True: more answers matched. Send the request again with a new `id`.
    pub has_more: bool,
    /// The answers count no more from then on.
    pub voided_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub voided_by: String,
    /// From then on the answers count again; null: they were not restored together.
    #[schema(required)]
    pub restored_at: Option<DateTime<Utc>>,
    #[schema(required, max_length = 100, example = "kasi.pelayanan")]
    pub restored_by: Option<String>,
    #[schema(required, max_length = 300, example = "Ponsel ditemukan kembali")]
    pub restore_reason: Option<String>,
    /// How many answers were restored: those that nobody had restored alone.
    #[schema(required, minimum = 1, maximum = 10_000, example = 412)]
    pub restored_answers: Option<i64>,
}

pub type BulkVoidPage = Page<BulkVoid>;

/// Filters of the list of voids of many answers.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkVoidFilter {
    pub district_code: Option<DistrictCode>,
    /// Only voids that named this survey. One that named no survey may concern it, too.
    pub survey_id: Option<Uuid>,
    /// Only voids of answers of this device.
    pub client_id: Option<Uuid>,
}

impl NewBulkDecision {
    /// Returns the row of the decision, without its result.
    pub fn into_row(self) -> Result<bulk_decision::Model, Error> {
        Ok(bulk_decision::Model {
            fingerprint: fingerprint::canonical_hex(&self)?,
            id: self.id.unwrap_or_else(Uuid::now_v7),
            kind: self.decision.to_string(),
            survey_id: self.survey_id,
            device_id: self.client_id,
            held_reason: self.held_reason.map(|reason| reason.to_string()),
            received_from: self.received_from,
            received_to: self.received_to,
            reason: self.reason,
            ..Default::default()
        })
    }
}

impl NewBulkVoid {
    /// Returns the row of the void, without its result.
    pub fn into_row(self) -> Result<bulk_decision::Model, Error> {
        Ok(bulk_decision::Model {
            fingerprint: fingerprint::canonical_hex(&self)?,
            id: self.id.unwrap_or_else(Uuid::now_v7),
            kind: VOIDED.to_owned(),
            survey_id: self.survey_id,
            device_id: Some(self.client_id),
            received_from: self.received_from,
            received_to: self.received_to,
            reason: self.reason,
            ..Default::default()
        })
    }
}

impl TryFrom<bulk_decision::Model> for BulkDecision {
    type Error = Error;

    fn try_from(row: bulk_decision::Model) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            decision: row.kind.parse()?,
            district_code: DistrictCode::try_from(row.district_code).or_internal()?,
            survey_id: row.survey_id,
            client_id: row.device_id,
            held_reason: row.held_reason.as_deref().map(str::parse).transpose()?,
            received_from: row.received_from,
            received_to: row.received_to,
            reason: row.reason,
            answers: row.answers,
            has_more: row.has_more,
            decided_at: row.recorded_at,
            decided_by: row.recorded_by,
            restored_at: row.restored_at,
            restored_by: row.restored_by,
            restore_reason: row.restore_reason,
            restored_answers: row.restored_answers,
        })
    }
}

impl TryFrom<bulk_decision::Model> for BulkVoid {
    type Error = Error;

    fn try_from(row: bulk_decision::Model) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            district_code: DistrictCode::try_from(row.district_code).or_internal()?,
            client_id: row
                .device_id
                .ok_or_else(|| Error::internal("a void without a device"))?,
            survey_id: row.survey_id,
            received_from: row.received_from,
            received_to: row.received_to,
            reason: row.reason,
            answers: row.answers,
            has_more: row.has_more,
            voided_at: row.recorded_at,
            voided_by: row.recorded_by,
            restored_at: row.restored_at,
            restored_by: row.restored_by,
            restore_reason: row.restore_reason,
            restored_answers: row.restored_answers,
        })
    }
}

impl Resource for BulkDecision {
    fn etag(&self) -> ETag {
        ETag::at(self.restored_at.unwrap_or(self.decided_at))
    }

    fn location(&self) -> String {
        format!("/v1/held-decisions/{}", self.id)
    }
}

impl Resource for BulkVoid {
    fn etag(&self) -> ETag {
        ETag::at(self.restored_at.unwrap_or(self.voided_at))
    }

    fn location(&self) -> String {
        format!("/v1/responses/voids/{}", self.id)
    }
}
