//! The rules of a survey, without a database.

use super::dto::NewSurvey;
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::words::survey_status;
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

/// 409 unless people may take the survey from one status to the other.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_survey_does_not_end_before_it_starts() {
        for (ends_on, faults) in [("2025-03-01", &[][..]), ("2025-02-28", &["#/ends_on rule_broken"])] {
            let body = json!({
                "district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos",
                "starts_on": "2025-03-01", "ends_on": ends_on,
            });
            assert_eq!(validate(&serde_json::from_value(body).unwrap()).fields(), faults);
        }
    }

    #[test]
    fn a_survey_opens_closes_and_opens_again() {
        use SurveyStatus::{Closed, Draft, Open};
        for from in SurveyStatus::ALL {
            for to in SurveyStatus::ALL {
                let allowed = from == to || [(Draft, Open), (Open, Closed), (Closed, Open)].contains(&(from, to));
                assert_eq!(ensure_transition(from, to).is_ok(), allowed, "{from} {to}");
            }
        }
    }
}
