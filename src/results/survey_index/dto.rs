//! The index in responses.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::core::element::{ActiveElements, Element};
use crate::core::exact::Exact;
use crate::core::formula::Status;
use crate::core::sample_size;
use crate::core::skm::{SurveyReason, Tally};
use crate::platform::decimal_json::{Decimal2, Decimal3};
use crate::platform::error::Error;
use crate::results::realisations::dto::GradeOfIndex;

/// The index of one survey.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveyIndex {
    pub survey_id: Uuid,
    /// `provisional` while the survey is open or its last day has not passed.
    pub status: Status,
    /// Answers that count.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 8)]
    pub respondents: u64,
    /// The answers that count, by the way in which they were given.
    pub by_mode: AnswersByMode,
    /// Answers that were voided. They do not count.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub voided: u64,
    /// Answers that wait for an officer's decision. They do not count.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub held: u64,
    /// IKM, 25 to 100; null when it cannot be computed.
    #[schema(required, example = 78.13)]
    pub ikm: Option<Decimal2>,
    /// The IKM before rounding, as a reduced fraction.
    #[schema(required, max_length = 1000, example = "625/8")]
    pub exact: Option<String>,
    /// Of the rounded IKM.
    #[schema(required)]
    pub grade: Option<GradeOfIndex>,
    /// All nine elements, in the order of the standard form.
    #[schema(min_items = 9, max_items = 9)]
    pub elements: Vec<ElementIndex>,
    /// The required sample; null if the population is unknown.
    #[schema(required)]
    pub sample: Option<SurveySample>,
    /// Null for a caller without `responses:read` while the survey is open, and with `as_of`: two such profiles would
    /// differ by single respondents.
    #[schema(required)]
    pub profile: Option<SurveyProfile>,
    /// The reason why there is no index.
    #[schema(required)]
    pub reason: Option<SurveyReason>,
    /// The reason and its remedy, in the caller's language.
    #[schema(required, max_length = 500, example = "Belum ada jawaban.")]
    pub reason_text: Option<String>,
}

/// Answers that count, by mode. Together they are `respondents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswersByMode {
    /// Sent by the office's phones.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5)]
    pub device: u64,
    /// Entered by officers from paper.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub paper: u64,
    /// Given by citizens under a survey link.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 2)]
    pub self_service: u64,
}

impl AnswersByMode {
    /// `counts` are in the order of the modes.
    pub fn new([device, paper, self_service]: [u64; 3]) -> Self {
        Self {
            device,
            paper,
            self_service,
        }
    }
}

/// An element. An inactive element has no figures: its answers are stored, not counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ElementIndex {
    pub code: Element,
    pub active: bool,
    /// The number of answers to it.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 8)]
    pub answers: Option<u64>,
    /// Mean answer (nilai rata-rata), 1 to 4.
    #[schema(required, example = 3.125)]
    pub nrr: Option<Decimal3>,
    /// Its share of the mean over the active elements.
    #[schema(required, example = 0.347)]
    pub weighted_nrr: Option<Decimal3>,
    /// `nrr` x 25, 25 to 100.
    #[schema(required, example = 78.13)]
    pub index: Option<Decimal2>,
    /// Of the element's own index.
    #[schema(required)]
    pub grade: Option<GradeOfIndex>,
}

impl ElementIndex {
    pub fn new(code: Element, tally: Tally, survey: ActiveElements) -> Result<Self, Error> {
        let active = survey.contains(code);
        let shown = active.then_some(tally);
        let thousandths = |exact: Exact| exact.to_thousandths().into();
        Ok(Self {
            code,
            active,
            answers: shown.map(Tally::n),
            nrr: shown.and_then(Tally::nrr).map(thousandths),
            weighted_nrr: shown.and_then(|tally| tally.weighted_nrr(survey)).map(thousandths),
            index: shown.and_then(Tally::index).map(Decimal2::from),
            grade: shown.and_then(Tally::grade).map(GradeOfIndex::new).transpose()?,
        })
    }
}

/// The required sample (Krejcie & Morgan). A smaller sample is flagged, never blocked.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SurveySample {
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1000)]
    pub population: u64,
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 278)]
    pub required: u64,
    pub reached: bool,
}

impl SurveySample {
    pub fn new(population: u64, respondents: u64) -> Self {
        Self {
            population,
            required: sample_size::required(population),
            reached: sample_size::is_reached(population, respondents),
        }
    }
}

/// The respondents' own statements about themselves. A count under 5 is not shown (null). If the counts of a list that
/// are not shown sum below 5, its smallest shown count is left out too.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveyProfile {
    #[schema(max_items = 1000)]
    pub gender: Vec<ProfileCell>,
    #[schema(max_items = 20)]
    pub age_group: Vec<ProfileCell>,
    #[schema(max_items = 1000)]
    pub education: Vec<ProfileCell>,
    #[schema(max_items = 1000)]
    pub occupation: Vec<ProfileCell>,
}

/// The number of respondents of one kind; `unknown`: no statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileCell {
    #[schema(max_length = 64, example = "perempuan")]
    pub code: String,
    #[schema(required, minimum = 5, maximum = 9_007_199_254_740_991_i64, example = 17)]
    pub count: Option<u64>,
}
