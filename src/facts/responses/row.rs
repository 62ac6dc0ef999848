//! An answer as a row.

use chrono::{DateTime, TimeDelta, Utc};

use ::entity::{response, survey};

use super::dto::{NewResponse, Respondent, SurveyAnswers};
use super::store::Incoming;
use crate::access::Role;
use crate::core::civil;
use crate::core::element::Score;
use crate::platform::db::stored;
use crate::platform::error::Error;

/// The row of an answer that is stored now; `counts`: from its receipt.
pub fn row(
    item: &Incoming,
    survey: &survey::Model,
    fingerprint: [u8; 32],
    received_at: DateTime<Utc>,
    counts: bool,
) -> Result<response::Model, Error> {
    let NewResponse {
        id: _,
        answers,
        answered_at,
        service,
        village_code,
        respondent,
        comment,
    } = item.content.clone().normal();
    let SurveyAnswers {
        persyaratan,
        prosedur,
        waktu,
        biaya,
        produk,
        kompetensi,
        perilaku,
        sarana,
        pengaduan,
    } = answers;
    let Respondent {
        gender,
        age,
        education,
        occupation,
    } = respondent.unwrap_or_default();
    let score = |score: Option<Score>| score.map(|s| i16::from(s.get()));
    Ok(response::Model {
        id: item.id,
        survey_id: item.survey_id,
        fingerprint: fingerprint.to_vec(),
        persyaratan: score(persyaratan),
        prosedur: score(prosedur),
        waktu: score(waktu),
        biaya: score(biaya),
        produk: score(produk),
        kompetensi: score(kompetensi),
        perilaku: score(perilaku),
        sarana: score(sarana),
        pengaduan: score(pengaduan),
        service,
        village_code: village_code.map(String::from),
        gender: gender.map(stored::code).transpose()?,
        age,
        education: education.map(stored::code).transpose()?,
        occupation: occupation.map(stored::code).transpose()?,
        comment,
        answered_at,
        received_at,
        clock_flag: clock_implausible(answered_at, received_at, survey),
        counted_from: counts.then_some(received_at),
        counted_until: None,
        void_reason: None,
        voided_by: None,
        // Phones sign in as surveyors; only theirs must be findable when one is stolen.
        device_id: (item.sender.role == Role::Surveyor).then_some(item.sender.id),
        recorded_by: item.sender.username.clone(),
    })
}

/// Can the device's clock have been right? It is a remark on the answer, never a reason to refuse it.
fn clock_implausible(answered_at: DateTime<Utc>, received_at: DateTime<Utc>, survey: &survey::Model) -> bool {
    answered_at > received_at + TimeDelta::minutes(10)
        || answered_at < received_at - TimeDelta::days(400)
        || answered_at < civil::start_of_day(survey.starts_on) - TimeDelta::days(1)
}
