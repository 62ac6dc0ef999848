//! The rules of accepting an answer, without a database.

use std::collections::HashSet;

use ::entity::survey;

use super::dto::NewResponse;
use super::submission::Acceptance;
use crate::access::{Actor, Role};
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::surveys::dto::active_elements;
use crate::platform::error::{Code, Error, FieldErrors};

/// 403 for an officer of another section; a phone collects for every survey of its district.
pub fn ensure_may_collect(sender: &Actor, survey: &survey::Model) -> Result<(), Error> {
    if sender.role == Role::Surveyor {
        return Ok(());
    }
    sender.ensure_section(survey.section.parse()?)
}

/// Returns whether the answer counts from its receipt. 409 when the survey cannot even quarantine it.
pub fn can_count(survey: &survey::Model, acceptance: Acceptance) -> Result<bool, Error> {
    use Acceptance::{AlwaysQuarantine, OnlyOpen, QuarantineClosed};
    match (survey.status.parse()?, acceptance) {
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
    let mut errors = FieldErrors::default();
    // At least 5 answers to active elements, or all of them when fewer are active.
    let active = active_elements(&survey.inactive_elements)?;
    errors.check(active.accept(content.answers.answered()), || {
        let needed = active.answers_needed();
        let error = Error::new(Code::TooFewAnswers).detail(
            format!("Perlu sedikitnya {needed} jawaban atas unsur yang dipakai survei ini."),
            format!("At least {needed} answers to elements that this survey uses are needed."),
        );
        error.at("#/answers")
    });
    if let Some(code) = &content.village_code {
        let village = (code.as_str().to_owned(), survey.district_code.clone());
        errors.check(villages.contains(&village), || {
            Error::unknown_reference("#/village_code", code)
        });
    }
    errors.into_result()
}
