//! Batches of answers, and the outcome of each item.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::ArrayBuilder;
use uuid::Uuid;

use crate::facts::responses::dto::{NewResponse, Respondent, ResponseMode, SurveyAnswers};
use crate::platform::http::problem::ProblemField;
use crate::platform::http::{RawItem, VillageCode, schema};

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
    /// The time of sending by the phone's clock. If it differs from the receipt by more than 10 minutes, the clock is wrong
    /// and all answers of the batch are flagged `clock_implausible`; they are not refused.
    #[schema(example = "2025-03-14T12:00:00+08:00")]
    pub sent_at: DateTime<Utc>,
    /// Each item is read separately: an item without a survey, an id or scores is `rejected`, and the others are stored. Any
    /// other member that is wrong or unknown is left out and named in `ignored`.
    #[schema(value_type = Vec<BatchedResponse>, min_items = 1, max_items = 500)]
    pub items: Vec<RawItem>,
}

/// An answer of a batch: the content of a single POST, with its survey and an id made by the phone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BatchedResponse {
    pub survey_id: Uuid,
    /// Made by the phone when the answer was given, so that a retry is always safe.
    pub id: Uuid,
    pub answers: SurveyAnswers,
    /// By the device's clock, stored as sent: a wrong clock is no reason to refuse an answer.
    #[schema(example = "2025-03-14T10:15:00+08:00")]
    pub answered_at: DateTime<Utc>,
    /// The service received, as in a single answer.
    #[schema(min_length = 1, max_length = 200, example = "ktp")]
    pub service: Option<String>,
    /// The home of the respondent: a village of the survey's district.
    pub village_code: Option<VillageCode>,
    pub respondent: Option<Respondent>,
    #[schema(min_length = 1, max_length = 2000, example = "Pelayanan cepat")]
    pub comment: Option<String>,
    /// `paper`: entered by an officer from a form. `self_service` is left out: such answers come by a survey link.
    pub mode: Option<ResponseMode>,
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
            mode,
        } = item;
        Self {
            id: Some(id),
            answers,
            answered_at,
            service,
            village_code,
            respondent,
            comment,
            mode,
        }
    }
}

/// The outcome of an item. All outcomes but `deferred` are final: the phone can delete its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseOutcome {
    /// Stored now, and counted.
    Created,
    /// The same content was stored under this id before, even if it was voided since.
    AlreadyStored,
    /// Other content is stored under this id and stays. This answer waits for the decision of an officer.
    Conflict,
    /// Without a valid survey, id or scores; `errors` name the reasons. A retry has the same outcome.
    Rejected,
    /// Not stored now; send it again later. The survey is unknown, withdrawn or a draft, a quota of the phone is used up, or
    /// the service failed to store this answer.
    Deferred,
    /// Stored, but not counted: the survey is closed, or the device was revoked. An officer releases or discards it.
    Quarantined,
}

/// The outcome of one item.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// Position in `items`, from 0.
    #[schema(minimum = 0, maximum = 499, example = 0)]
    pub index: usize,
    /// The `id` of the item as it was sent; null if it was not a text of 1 to 36 letters, digits and hyphens.
    #[schema(required, max_length = 36, example = "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23")]
    pub id: Option<String>,
    pub outcome: ResponseOutcome,
    /// The errors of `rejected` and `deferred` items. Pointers begin at the root of the request. With many wrong items the
    /// first error of each comes before the others, and later ones are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 20)]
    pub errors: Vec<ProblemField>,
    /// How many errors of this item are left out; absent if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 1000, example = 3)]
    pub more_errors: Option<usize>,
    /// The members that were wrong or unknown, and the comment that was cut: they are absent from the stored answer, which
    /// counts all the same. Pointers begin at the root of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = ignored, required = false)]
    pub ignored: Vec<String>,
    /// How many of them are left out of `ignored`; absent if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 100_000, example = 3)]
    pub more_ignored: Option<usize>,
}

fn ignored() -> ArrayBuilder {
    let about = "The members that were wrong or unknown, and the comment that was cut: they are absent from the stored answer, which counts all the same. Pointers begin at the root of the request.";
    schema::texts(about, 0..=20, 500)
}

/// The number of items by outcome.
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

/// The outcome of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchOutcome {
    /// By the service's clock; a phone can correct its own clock by it.
    pub received_at: DateTime<Utc>,
    pub summary: BatchSummary,
    /// One per item, in the order sent.
    #[schema(min_items = 1, max_items = 500)]
    pub results: Vec<BatchResult>,
}

/// The ids of answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"ids": ["0195934d-2f80-7b1c-8a55-5c0d7e9f1a23"]}))]
pub struct ResponseIds {
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Uuid>,
}

/// The status of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseStatus {
    pub id: Uuid,
    /// True: stored in the caller's district (counted, quarantined or voided), so it need not be sent again.
    pub known: bool,
}

/// The status of the requested answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseStatuses {
    /// One per id, in the order of the request.
    #[schema(min_items = 1, max_items = 500)]
    pub results: Vec<ResponseStatus>,
}
