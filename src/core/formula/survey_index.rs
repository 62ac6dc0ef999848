//! IKU 1: "nilai rata-rata survey", the mean of the IKMs of the surveys that end in the year to date (DOMAIN section 4).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::breakdown::{Breakdown, CountedSurvey};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Candidate, Figure, Information, Measured, OtherReading, Verdict};
use crate::core::closed_list::closed_list;
use crate::core::exact::Exact;
use crate::core::skm::{Answers, SurveyReason};

/// The status of a survey. Only people change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurveyStatus {
    Draft,
    Open,
    Closed,
}
closed_list!(SurveyStatus { Draft "draft", Open "open", Closed "closed" });

/// A survey of the formula's section, with the answers counted at the as-of instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurveyFact {
    pub id: Uuid,
    pub status: SurveyStatus,
    /// The survey belongs to the window in which this day falls.
    pub ends_on: NaiveDate,
    pub answers: Answers,
    pub deleted: bool,
}

/// The mean of the unrounded IKMs, rounded once. The other reading pools the respondents of these surveys.
///
/// A survey belongs to the window by its `ends_on` alone. A survey that is still open counts with the answers received
/// so far, and makes the value provisional. If surveys end in the window and none has an index, the reason is that of
/// the survey that ends first (then by id).
pub fn measure(frame: &Frame, surveys: &[SurveyFact]) -> Measured {
    if frame.is_not_started() {
        let records = surveys.iter().map(|survey| survey.id);
        return Measured::not_started(records, Breakdown::Surveys(Vec::new()));
    }
    let mut inputs = Vec::new();
    let mut candidates = Vec::with_capacity(surveys.len());
    let mut contributing = Vec::new();
    for survey in surveys {
        let verdict = if survey.deleted {
            Verdict::Excluded(Exclusion::Deleted)
        } else if !frame.window.contains(survey.ends_on) {
            Verdict::Excluded(Exclusion::OutsidePeriod)
        } else if survey.status == SurveyStatus::Draft {
            Verdict::Excluded(Exclusion::Draft)
        } else {
            let SurveyFact {
                id,
                status,
                ends_on,
                answers,
                ..
            } = *survey;
            let ikm = answers.ikm();
            inputs.push(CountedSurvey {
                survey: id,
                ends_on,
                is_open: status == SurveyStatus::Open,
                answers,
                ikm: ikm.clone(),
            });
            match ikm {
                Ok(ikm) => {
                    contributing.push(survey);
                    Verdict::Contributing(ikm.exact)
                }
                Err(reason) => Verdict::Excluded(reason.into()),
            }
        };
        candidates.push(Candidate::new(survey.id, verdict));
    }

    let amounts = candidates.iter().filter_map(|candidate| match &candidate.verdict {
        Verdict::Contributing(ikm) => Some(ikm.clone()),
        Verdict::Excluded(_) => None,
    });
    let Some(value) = Exact::mean(amounts) else {
        let reason = first_reason(&inputs).map_or(Reason::NoSurvey, Reason::from);
        return Measured::not_computable(reason, candidates, Breakdown::Surveys(inputs));
    };
    let pooled = Answers::pooled(contributing.iter().map(|survey| &survey.answers)).and_then(|all| all.ikm().ok());
    let other = pooled.as_ref().map(|ikm| OtherReading::plain(ikm.exact.clone()));
    let pooled = pooled.map(|ikm| Information {
        code: InformationCode::Pooled,
        value: Figure::Decimal(ikm.rounded),
    });
    let surveys = Information::count(InformationCode::Surveys, contributing.len() as u64);
    Measured {
        status: frame.status(contributing.iter().any(|survey| survey.status == SurveyStatus::Open)),
        reason: None,
        fraction: Some(value.clone()),
        value: Some(value),
        numerator: None,
        denominator: None,
        information: pooled.into_iter().chain([surveys]).collect(),
        candidates,
        breakdown: Breakdown::Surveys(inputs),
        other,
    }
}

fn first_reason(inputs: &[CountedSurvey]) -> Option<SurveyReason> {
    inputs
        .iter()
        .min_by_key(|input| (input.ends_on, input.survey))
        .and_then(|first| first.ikm.clone().err())
}
