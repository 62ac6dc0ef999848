//! The rules of accepting an answer, without a database.

use std::collections::HashSet;

use ::entity::survey;

use super::dto::NewResponse;
use super::submission::Acceptance;
use crate::access::{Actor, Role};
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::surveys::dto::active_elements;
use crate::platform::db::stored;
use crate::platform::error::{Code, Error, Rules};

/// 403 for an officer of another section; a phone collects for every survey of its district.
pub fn ensure_may_collect(sender: &Actor, survey: &survey::Model) -> Result<(), Error> {
    if sender.role == Role::Surveyor {
        return Ok(());
    }
    sender.ensure_section(survey.section.parse().map_err(Error::internal)?)
}

/// Returns whether the answer counts from its receipt. 409 when the survey cannot even quarantine it.
pub fn can_count(survey: &survey::Model, acceptance: Acceptance) -> Result<bool, Error> {
    use Acceptance::{AlwaysQuarantine, OnlyOpen, QuarantineClosed};
    match (stored::parse(&survey.status)?, acceptance) {
        (SurveyStatus::Open, OnlyOpen | QuarantineClosed) => Ok(true),
        (SurveyStatus::Open | SurveyStatus::Closed, AlwaysQuarantine) | (SurveyStatus::Closed, QuarantineClosed) => {
            Ok(false)
        }
        (SurveyStatus::Closed, OnlyOpen) => Err(Error::new(Code::SurveyNotOpen).detail(
            "Survei ini sudah ditutup. Seksi dapat membukanya kembali.",
            "This survey is closed. Its section can open it again.",
        )),
        (SurveyStatus::Draft, _) => Err(Error::new(Code::SurveyNotOpen).detail(
            "Survei ini masih draf. Kirim lagi setelah dibuka.",
            "This survey is still a draft. Send again when it is open.",
        )),
    }
}

/// 422 unless there are enough answers and the village is among `villages` (code, district).
pub fn validate_content(
    villages: &HashSet<(String, String)>,
    survey: &survey::Model,
    content: &NewResponse,
) -> Result<(), Error> {
    let mut rules = Rules::default();
    rules.hold(validate_answers(survey, content))?;
    rules.hold(validate_village(villages, survey, content))?;
    rules.end()
}

/// 422 for fewer than 5 answers to active elements, or for fewer than all of them when less than 5 are active.
fn validate_answers(survey: &survey::Model, content: &NewResponse) -> Result<(), Error> {
    let active = active_elements(&survey.inactive_elements)?;
    if active.accept(content.answers.answered()) {
        return Ok(());
    }
    let needed = active.answers_needed();
    let error = Error::new(Code::TooFewAnswers).detail(
        format!("Perlu sedikitnya {needed} jawaban atas unsur yang dipakai survei ini."),
        format!("At least {needed} answers to elements that this survey uses are needed."),
    );
    Err(error.at("#/answers"))
}

/// 422 for an unknown village, or for a village of another district.
fn validate_village(
    villages: &HashSet<(String, String)>,
    survey: &survey::Model,
    content: &NewResponse,
) -> Result<(), Error> {
    let Some(code) = &content.village_code else {
        return Ok(());
    };
    let village = (code.as_str().to_owned(), survey.district_code.clone());
    if villages.contains(&village) {
        Ok(())
    } else {
        Err(Error::unknown_reference("#/village_code", code))
    }
}
