//! The rules of a survey, without a database.

use super::dto::NewSurvey;
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::text::survey_status;
use crate::platform::error::{Code, Error, FieldErrors};

/// The rules of every survey, new or changed.
pub fn validate(new: &NewSurvey) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.check(new.ends_on >= new.starts_on, || {
        Error::rule(
            "#/ends_on",
            "Survei tidak dapat berakhir sebelum dimulai.",
            "A survey cannot end before it starts.",
        )
    });
    errors
}

/// 409 unless a survey may change from one status to the other.
pub fn ensure_transition(from: SurveyStatus, to: SurveyStatus) -> Result<(), Error> {
    use SurveyStatus::{Closed, Draft, Open};
    match (from, to) {
        (Draft, Open) | (Open, Closed) | (Closed, Open) => Ok(()),
        _ if from == to => Ok(()),
        _ => Err(Error::new(Code::ImpossibleTransition)
            .detail(
                format!(
                    "Survei yang {} tidak dapat menjadi {}: draf -> dibuka <-> ditutup.",
                    survey_status(from),
                    survey_status(to),
                ),
                format!("{from} cannot become {to}: draft -> open <-> closed."),
            )
            .at("#/status")),
    }
}
