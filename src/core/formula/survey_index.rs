//! IKU 1: "nilai rata-rata survey", the mean of the IKMs of the surveys that end in the year to date (DOMAIN section 4).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Exclusion, Figure, Frame, Information, InformationCode, Judged, Measured, Reason, Verdict};
use crate::core::closed_list::closed_list;
use crate::core::exact::Exact;
use crate::core::skm::{Answers, Ikm, SurveyReason};

/// Where a survey stands; changed by people, never by the calendar.
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
}

/// What was counted of a survey that belongs to the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyInput {
    pub survey: Uuid,
    pub ends_on: NaiveDate,
    /// Respondents, active elements and, per element, answers and their sum.
    pub answers: Answers,
    pub ikm: Result<Ikm, SurveyReason>,
}

/// The mean of the unrounded IKMs, rounded once.
///
/// A survey belongs to the window by its `ends_on` alone: one that runs on after the as-of day counts with the answers
/// received so far, and makes the value provisional. Where surveys end in the window and none has an index, the reason
/// is that of the one that ends first (then by id).
pub fn measure(frame: &Frame, surveys: &[SurveyFact]) -> Measured<SurveyInput> {
    if frame.not_started() {
        return Measured::not_started(surveys.iter().map(|survey| survey.id));
    }
    let mut inputs = Vec::new();
    let mut judged = Vec::with_capacity(surveys.len());
    let mut contributing = Vec::new();
    for survey in surveys {
        let verdict = if !frame.window.contains(survey.ends_on) {
            Verdict::Excluded(Exclusion::OutsidePeriod)
        } else if survey.status == SurveyStatus::Draft {
            Verdict::Excluded(Exclusion::Draft)
        } else {
            let SurveyFact {
                id, ends_on, answers, ..
            } = *survey;
            let ikm = answers.ikm();
            inputs.push(SurveyInput {
                survey: id,
                ends_on,
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
        judged.push(Judged::new(survey.id, verdict));
    }

    let amounts = judged.iter().filter_map(|judged| match &judged.verdict {
        Verdict::Contributing(ikm) => Some(ikm.clone()),
        Verdict::Excluded(_) => None,
    });
    let Some(value) = Exact::mean(amounts) else {
        let reason = first_reason(&inputs).map_or(Reason::NoSurvey, Reason::from);
        return Measured::not_computable(reason, judged, inputs);
    };
    let pooled = Answers::pooled(contributing.iter().map(|survey| &survey.answers)).and_then(|all| all.ikm().ok());
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
        judged,
        inputs,
    }
}

fn first_reason(inputs: &[SurveyInput]) -> Option<SurveyReason> {
    inputs
        .iter()
        .min_by_key(|input| (input.ends_on, input.survey))
        .and_then(|first| first.ikm.clone().err())
}
