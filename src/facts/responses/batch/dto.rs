//! Batches as they come in, and what became of each item.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::facts::responses::dto::{NewResponse, Respondent, SurveyAnswers};
use crate::platform::http::problem::ProblemField;
use crate::platform::http::{RawItem, VillageCode};

/// Answers that a phone has collected.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "sent_at": "2025-03-14T12:00:00+08:00",
    "items": [{
        "survey_id": "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f", "id": "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23",
        "answers": {
            "persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3,
            "kompetensi": 3, "perilaku": 4, "sarana": 3, "pengaduan": 4
        },
        "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp"
    }]
}))]
pub struct ResponseBatch {
    /// By the phone's clock, at the moment of sending. More than 10 minutes off the receipt: the clock is wrong, and all
    /// answers of the batch are flagged `clock_implausible`; none is refused for it.
    #[schema(example = "2025-03-14T12:00:00+08:00")]
    pub sent_at: DateTime<Utc>,
    /// Each is held against its schema on its own: one that breaks it is `rejected`, and the others go their way.
    #[schema(value_type = Vec<BatchedResponse>, min_items = 1, max_items = 500)]
    pub items: Vec<RawItem>,
}

/// One answer of a batch: that of a single POST, with its survey and an id of the phone's own.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BatchedResponse {
    pub survey_id: Uuid,
    /// Made by the phone when the answer was given, so that sending it again is safe, for ever.
    pub id: Uuid,
    pub answers: SurveyAnswers,
    /// By the device's clock, kept as sent: a clock that is wrong never loses an answer.
    #[schema(example = "2025-03-14T10:15:00+08:00")]
    pub answered_at: DateTime<Utc>,
    /// Code of the service received.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9-]{1,40}$", example = "ktp")]
    pub service: String,
    /// Where the respondent lives; a village of the survey's district.
    pub village_code: Option<VillageCode>,
    pub respondent: Option<Respondent>,
    #[schema(min_length = 1, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
}

impl From<BatchedResponse> for NewResponse {
    fn from(item: BatchedResponse) -> Self {
        let BatchedResponse {
            survey_id: _,
            id,
            answers,
            answered_at,
            service,
            village_code,
            respondent,
            comment,
        } = item;
        Self {
            id: Some(id),
            answers,
            answered_at,
            service,
            village_code,
            respondent,
            comment,
        }
    }
}

/// What became of an item. All but `deferred` are final: the phone may forget the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseOutcome {
    /// Stored now, and counted.
    Created,
    /// The same content was stored under this id before, whatever has become of it since.
    AlreadyStored,
    /// Other content is stored under this id. It stays; this one is kept aside for an officer.
    Conflict,
    /// Never acceptable; `errors` say why.
    Rejected,
    /// Not stored now; send it again later. The survey is a draft, or the service failed on this one.
    Deferred,
    /// Stored, not counted: the survey is closed, or the device was revoked. An officer releases or discards it.
    Quarantined,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// Position in `items`, from 0.
    #[schema(minimum = 0, maximum = 499, example = 0)]
    pub index: usize,
    /// The item's `id` as it was sent; null when that was no string, or one of more than 100 characters.
    #[schema(required, max_length = 100, example = "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23")]
    pub id: Option<String>,
    pub outcome: ResponseOutcome,
    /// Of `rejected` and `deferred` items: what is wrong. Pointers begin at the request's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100)]
    pub errors: Option<Vec<ProblemField>>,
}

/// How many items had which outcome.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BatchSummary {
    #[schema(minimum = 0, maximum = 500, example = 1)]
    pub created: usize,
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub already_stored: usize,
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub conflict: usize,
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub rejected: usize,
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub deferred: usize,
    #[schema(minimum = 0, maximum = 500, example = 0)]
    pub quarantined: usize,
}

impl BatchSummary {
    pub fn count(&mut self, outcome: ResponseOutcome) {
        let count = match outcome {
            ResponseOutcome::Created => &mut self.created,
            ResponseOutcome::AlreadyStored => &mut self.already_stored,
            ResponseOutcome::Conflict => &mut self.conflict,
            ResponseOutcome::Rejected => &mut self.rejected,
            ResponseOutcome::Deferred => &mut self.deferred,
            ResponseOutcome::Quarantined => &mut self.quarantined,
        };
        *count += 1;
    }
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchOutcome {
    /// By the service's clock: how far the phone's is off.
    pub received_at: DateTime<Utc>,
    pub summary: BatchSummary,
    /// One an item, in the order sent.
    #[schema(min_items = 1, max_items = 500)]
    pub results: Vec<BatchResult>,
}

/// Ids to ask about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"ids": ["0195934d-2f80-7b1c-8a55-5c0d7e9f1a23"]}))]
pub struct ResponseIds {
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Uuid>,
}

/// Is an answer with this id stored?
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseStatus {
    pub id: Uuid,
    /// Stored in the caller's district: counted, quarantined or voided. It need not be sent again.
    pub known: bool,
}

/// Which answers are stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseStatuses {
    /// One an id, in the order asked.
    #[schema(min_items = 1, max_items = 500)]
    pub results: Vec<ResponseStatus>,
}
