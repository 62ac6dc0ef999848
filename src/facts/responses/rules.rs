//! The rules of accepting an answer.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Datelike, Utc};
use sea_orm::ConnectionTrait;

use ::entity::survey;

use super::dto::{NewResponse, Respondent};
use super::flags::{Flags, ResponseFlag};
use super::profile::{self, KnownCodes};
use super::query;
use super::row::service_code;
use super::submission::Acceptance;
use crate::access::{Actor, Role};
use crate::core::civil;
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::surveys::dto::active_elements;
use crate::plan::code_lists::ProfileList;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::text::quantity;

/// 403 for an officer of another section. A phone may collect for every survey of its district.
pub fn ensure_may_collect(sender: &Actor, survey: &survey::Model) -> Result<(), Error> {
    if sender.role == Role::Surveyor {
        return Ok(());
    }
    sender.ensure_section(survey.section.parse()?)
}

/// Returns whether the answer counts from its receipt. 409 when it can be neither counted nor quarantined.
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

/// The survey was withdrawn. It may be restored, so a phone keeps its answers.
pub fn withdrawn() -> Error {
    Error::not_found().detail(
        "Survei ini sudah ditarik. Seksi dapat memulihkannya.",
        "This survey was withdrawn. Its section can restore it.",
    )
}

/// What answers refer to.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// (code, district)
    pub villages: HashSet<(String, String)>,
    pub codes: KnownCodes,
}

impl References {
    /// Reads which references of these answers exist. Nothing is read for answers that name shipped codes only.
    pub async fn load<'a>(
        conn: &impl ConnectionTrait,
        answers: impl Iterator<Item = &'a NewResponse> + Clone,
    ) -> Result<Self, Error> {
        let villages: BTreeSet<&str> = answers
            .clone()
            .filter_map(|answer| answer.village_code.as_ref().map(|code| code.as_str()))
            .collect();
        let codes = answers.flat_map(codes).collect();
        Ok(Self {
            villages: query::villages(conn, villages).await?,
            codes: profile::known(conn, codes).await?,
        })
    }

    fn has_village(&self, survey: &survey::Model, code: &str) -> bool {
        self.villages.contains(&(code.to_owned(), survey.district_code.clone()))
    }

    /// Returns whether the code exists, and had not ended in the year of the answer.
    fn has_code(&self, list: ProfileList, code: &str, answered_at: DateTime<Utc>) -> bool {
        let last = self.codes.get(&(list, code.to_owned()));
        last.is_some_and(|last| last.is_none_or(|last| civil::date_of(answered_at).year() <= last))
    }
}

/// Returns the codes that a respondent stated, with their lists.
fn codes(answer: &NewResponse) -> impl Iterator<Item = (ProfileList, &str)> {
    answer.respondent.iter().flat_map(|respondent| {
        let gender = respondent.gender.as_deref().map(|code| (ProfileList::Gender, code));
        let education = respondent
            .education
            .as_deref()
            .map(|code| (ProfileList::Education, code));
        let occupation = respondent
            .occupation
            .as_deref()
            .map(|code| (ProfileList::Occupation, code));
        gender.into_iter().chain(education).chain(occupation)
    })
}

/// 422 unless there are enough scores: 5 to active elements, or all of them when fewer are active.
fn enough_scores(survey: &survey::Model, content: &NewResponse) -> Result<FieldErrors, Error> {
    let mut errors = FieldErrors::default();
    let active = active_elements(&survey.inactive_elements)?;
    errors.check(active.can_accept(content.answers.answered()), || {
        let needed = active.answers_needed();
        let error = Error::new(Code::TooFewAnswers).detail(
            format!("Perlu sedikitnya {needed} jawaban atas unsur yang dipakai survei ini."),
            format!(
                "It needs at least {} to elements that this survey uses.",
                quantity(needed, "answer")
            ),
        );
        error.at("#/answers")
    });
    Ok(errors)
}

/// 422 unless there are enough scores and everything that the answer refers to exists.
pub fn validate(references: &References, survey: &survey::Model, content: &NewResponse) -> Result<(), Error> {
    let mut errors = enough_scores(survey, content)?;
    if let Some(code) = &content.village_code {
        errors.check(references.has_village(survey, code.as_str()), || {
            Error::unknown_reference("#/village_code", code)
        });
    }
    for (list, code) in codes(content) {
        let pointer = match list {
            ProfileList::Gender => "#/respondent/gender",
            ProfileList::Education => "#/respondent/education",
            ProfileList::Occupation => "#/respondent/occupation",
        };
        errors.check(references.has_code(list, code, content.answered_at), || {
            Error::unknown_reference(pointer, code)
        });
    }
    let is_code = content
        .service
        .as_deref()
        .is_none_or(|text| service_code(text).is_some());
    errors.check(is_code, || {
        Error::rule(
            "#/service",
            "Layanan memerlukan sedikitnya satu huruf atau angka.",
            "A service needs at least one letter or digit.",
        )
    });
    errors.into_result()
}

/// Drops what the answer refers to and does not exist. 422 only for too few scores.
pub fn without_unknown(
    references: &References,
    survey: &survey::Model,
    content: NewResponse,
) -> Result<(NewResponse, Flags), Error> {
    enough_scores(survey, &content)?.into_result()?;
    let mut flags = Flags::default();
    let NewResponse {
        id,
        answers,
        answered_at,
        service,
        village_code,
        respondent,
        comment,
        mode,
    } = content;
    let mut keep = |value: Option<String>, flag: ResponseFlag, is_known: &dyn Fn(&str) -> bool| match value {
        Some(code) if !is_known(&code) => {
            flags.add(flag);
            None
        }
        other => other,
    };
    let service = keep(service, ResponseFlag::ServiceDropped, &|text| {
        service_code(text).is_some()
    });
    let respondent = respondent.map(|respondent| {
        let Respondent {
            gender,
            age,
            education,
            occupation,
        } = respondent;
        let has = |list: ProfileList| move |code: &str| references.has_code(list, code, answered_at);
        let flag = ResponseFlag::ProfileDropped;
        Respondent {
            gender: keep(gender, flag, &has(ProfileList::Gender)),
            age,
            education: keep(education, flag, &has(ProfileList::Education)),
            occupation: keep(occupation, flag, &has(ProfileList::Occupation)),
        }
    });
    let is_here = village_code
        .as_ref()
        .is_none_or(|code| references.has_village(survey, code.as_str()));
    let flags = flags.with(ResponseFlag::VillageDropped, !is_here);
    let content = NewResponse {
        id,
        answers,
        answered_at,
        service,
        village_code: village_code.filter(|_| is_here),
        respondent,
        comment,
        mode,
    };
    Ok((content, flags))
}
