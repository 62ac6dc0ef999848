//! Held answers in responses, and the decision in requests.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{held_discard_span, held_response, response};

use crate::core::closed_list::closed_list;
use crate::facts::responses::dto::{NewResponse, Response};
use crate::facts::responses::flags::{Flags, ResponseFlag};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, Resource, Restored};

/// The reason why an answer is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// It arrived after the survey was closed.
    SurveyClosed,
    /// It came from a revoked device.
    DeviceRevoked,
    /// Another answer already had its id, and stays.
    IdConflict,
    /// It came under a survey link, and its `flags` say what is doubtful.
    Doubtful,
}
closed_list!(HeldReason {
    SurveyClosed "survey_closed",
    DeviceRevoked "device_revoked",
    IdConflict "id_conflict",
    Doubtful "doubtful",
});

/// The decision of an officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldDecision {
    /// The answer counts from the decision on.
    Released,
    /// The answer does not count.
    Discarded,
}
closed_list!(HeldDecision { Released "released", Discarded "discarded" });

/// An answer that waits for a decision, or a decided answer. The device that sent it is never shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldResponse {
    pub id: Uuid,
    pub reason: HeldReason,
    pub district_code: DistrictCode,
    pub survey_id: Uuid,
    /// The id under which it was sent. For an `id_conflict` another answer has this id.
    pub response_id: Uuid,
    /// The answer as it was sent.
    pub answer: NewResponse,
    /// As in an answer that counts.
    #[schema(max_items = 12, example = json!([]))]
    pub flags: Vec<ResponseFlag>,
    pub clock_implausible: bool,
    pub received_at: DateTime<Utc>,
    /// Null: not decided yet.
    #[schema(required)]
    pub decision: Option<HeldDecision>,
    /// The instant of the decision. A released answer counts from then on.
    #[schema(required)]
    pub decided_at: Option<DateTime<Utc>>,
    /// User name of the officer who decided.
    #[schema(required, max_length = 100, example = "kasi.pelayanan")]
    pub decided_by: Option<String>,
    /// The reason for the decision.
    #[schema(required, max_length = 300, example = "Ponsel baru mendapat sinyal")]
    pub decision_reason: Option<String>,
    /// The answer that counts since the release: the quarantined answer itself, or the new answer of an `id_conflict`.
    #[schema(required)]
    pub released_response_id: Option<Uuid>,
}

pub type HeldResponsePage = Page<HeldResponse>;

/// The reason for a decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"reason": "Ponsel baru mendapat sinyal"}))]
pub struct HeldDecisionReason {
    /// Stored with the decision.
    #[schema(min_length = 1, max_length = 300, example = "Ponsel baru mendapat sinyal")]
    pub reason: String,
}

/// Filters and order of a list of held answers.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HeldResponseFilter {
    pub district_code: Option<DistrictCode>,
    /// Id of the survey.
    pub survey_id: Option<Uuid>,
    pub reason: Option<HeldReason>,
    /// Id of the client whose phone sent them, for example a stolen phone.
    pub client_id: Option<Uuid>,
    /// `true`: only decided answers; `false`: only answers that wait.
    pub decided: Option<bool>,
    /// `true`: only answers that were discarded at some time and were restored; `false`: only the others.
    pub restored: Option<bool>,
    /// `true`: only answers with a flag; `false`: only answers without.
    pub flagged: Option<bool>,
}

/// A decision on a held answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldDecisionRecord {
    pub decision: HeldDecision,
    pub decided_at: DateTime<Utc>,
    /// User name of the officer who decided.
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub decided_by: String,
    #[schema(max_length = 300, example = "Ponsel hilang")]
    pub decision_reason: String,
    /// The answer that counts since the release; null for a discard.
    #[schema(required)]
    pub released_response_id: Option<Uuid>,
    /// Who took the discard back, when and why; null: nobody did.
    #[schema(required)]
    pub restored: Option<Restored>,
}

pub type HeldDecisionRecordPage = Page<HeldDecisionRecord>;

impl Resource for HeldResponse {
    fn etag(&self) -> ETag {
        // Without a decision it is as it was received, also after a restoration.
        ETag::at(self.decided_at.unwrap_or(self.received_at))
    }

    fn location(&self) -> String {
        format!("/v1/held-responses/{}", self.id)
    }
}

impl HeldResponse {
    /// `quarantined` is the stored answer; a row with conflicting content needs none.
    pub fn new(row: held_response::Model, quarantined: Option<&response::Model>) -> Result<Self, Error> {
        let answer = answer(&row, quarantined)?;
        let held_response::Model {
            id,
            reason,
            district_code,
            survey_id,
            response_id,
            fingerprint: _,
            content: _,
            received_at,
            flags,
            device_id: _,
            recorded_by: _,
            decision,
            decided_at,
            decided_by,
            decision_reason,
            released_response_id,
        } = row;
        let flags = Flags::from_bits(quarantined.map_or(flags, |answer| answer.flags));
        Ok(Self {
            id,
            reason: reason.parse()?,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            survey_id,
            response_id,
            answer,
            flags: flags.list(),
            clock_implausible: flags.has(ResponseFlag::ClockImplausible),
            received_at,
            decision: decision.as_deref().map(str::parse).transpose()?,
            decided_at,
            decided_by,
            decision_reason,
            released_response_id,
        })
    }
}

impl From<held_discard_span::Model> for HeldDecisionRecord {
    fn from(span: held_discard_span::Model) -> Self {
        Self {
            decision: HeldDecision::Discarded,
            decided_at: span.discarded_at,
            decided_by: span.discarded_by,
            decision_reason: span.discard_reason,
            released_response_id: None,
            restored: Some(Restored {
                at: span.restored_at,
                by: span.restored_by,
                reason: span.restore_reason,
            }),
        }
    }
}

impl HeldDecisionRecord {
    /// Returns the decision of an answer; `None`: it waits for one.
    pub fn of(row: held_response::Model) -> Result<Option<Self>, Error> {
        let decision: Option<HeldDecision> = row.decision.as_deref().map(str::parse).transpose()?;
        Ok(decision.zip(row.decided_at).map(|(decision, decided_at)| Self {
            decision,
            decided_at,
            decided_by: row.decided_by.unwrap_or_default(),
            decision_reason: row.decision_reason.unwrap_or_default(),
            released_response_id: row.released_response_id,
            restored: None,
        }))
    }
}

fn answer(row: &held_response::Model, quarantined: Option<&response::Model>) -> Result<NewResponse, Error> {
    match conflicting_content(row)? {
        Some(content) => Ok(content),
        None => {
            let stored = quarantined.ok_or_else(|| Error::internal(format!("held response {} is lost", row.id)))?;
            Ok(Response::try_from(stored.clone())?.into())
        }
    }
}

/// Returns the content of an `id_conflict`.
pub fn conflicting_content(row: &held_response::Model) -> Result<Option<NewResponse>, Error> {
    let content = row.content.as_deref().map(serde_json::from_str).transpose();
    content.or_internal()
}
