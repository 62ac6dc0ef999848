//! An answer as a row.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::{NewResponse, Respondent, SurveyAnswers};
use super::store::Incoming;
use crate::access::Role;
use crate::core::civil;
use crate::core::element::Score;
use crate::platform::error::Error;

/// What is known of an answer beside what it says.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub received_at: DateTime<Utc>,
    /// `answered_at` cannot be right.
    pub clock_flag: bool,
    /// Phones sign in as surveyors; only theirs must be findable when one is stolen.
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
}

impl Receipt {
    pub fn of(item: &Incoming, survey: &survey::Model, received_at: DateTime<Utc>) -> Self {
        Self {
            received_at,
            clock_flag: clock_implausible(item, survey, received_at),
            device_id: (item.sender.role == Role::Surveyor).then_some(item.sender.id),
            recorded_by: item.sender.username.clone(),
        }
    }
}

/// The row of an answer in its normal form; `counted_from`: its receipt, its release, or not yet.
pub fn row(
    id: Uuid,
    survey_id: Uuid,
    content: NewResponse,
    fingerprint: &[u8],
    receipt: Receipt,
    counted_from: Option<DateTime<Utc>>,
) -> Result<response::Model, Error> {
    let NewResponse {
        id: _,
        answers,
        answered_at,
        service,
        village_code,
        respondent,
        comment,
    } = content;
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
        id,
        survey_id,
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
        gender: gender.map(|g| g.to_string()),
        age,
        education: education.map(|e| e.to_string()),
        occupation: occupation.map(|o| o.to_string()),
        comment,
        answered_at,
        received_at: receipt.received_at,
        clock_flag: receipt.clock_flag,
        counted_from,
        counted_until: None,
        void_reason: None,
        voided_by: None,
        device_id: receipt.device_id,
        recorded_by: receipt.recorded_by,
    })
}

/// Can the device's clock have been right? It is a remark on the answer, never a reason to refuse it.
fn clock_implausible(item: &Incoming, survey: &survey::Model, received_at: DateTime<Utc>) -> bool {
    let (answered_at, tolerance) = (item.content().answered_at, TimeDelta::minutes(10));
    answered_at > received_at + tolerance
        || answered_at < received_at - TimeDelta::days(400)
        || answered_at < civil::start_of_day(survey.starts_on) - TimeDelta::days(1)
        || item.sent_at.is_some_and(|sent| (sent - received_at).abs() > tolerance)
}
