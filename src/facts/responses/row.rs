//! An answer as a row, and its INSERT.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::{NewResponse, Respondent, SurveyAnswers};
use super::submission::Submission;
use crate::access::Role;
use crate::core::civil;
use crate::core::element::Score;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Rows of one INSERT. The whole statement is in memory, so a batch takes several statements, to save memory. SQLite
/// allows 32,766 values, and an answer has 28.
pub const ROWS_PER_STATEMENT: usize = 128;

/// The receipt of an answer: its time, device and recorder.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub received_at: DateTime<Utc>,
    /// `answered_at` cannot be right.
    pub clock_flag: bool,
    /// The sending device: it finds the answers of a stolen phone. Phones sign in as surveyors; others have none.
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
}

impl Receipt {
    pub fn new(item: &Submission, survey: &survey::Model, received_at: DateTime<Utc>) -> Self {
        Self {
            received_at,
            clock_flag: is_clock_implausible(item, survey, received_at),
            device_id: (item.sender.role == Role::Surveyor).then_some(item.sender.id),
            recorded_by: item.sender.username.clone(),
        }
    }
}

/// Returns the row of a normalised answer. `counted_from` is its receipt or its release; `None`: it does not count yet.
pub fn to_row(
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

/// Returns whether the device's clock must have been wrong. That is a remark on the answer, never a reason to refuse it.
fn is_clock_implausible(item: &Submission, survey: &survey::Model, received_at: DateTime<Utc>) -> bool {
    let (answered_at, tolerance) = (item.content().answered_at, TimeDelta::minutes(10));
    answered_at > received_at + tolerance
        || answered_at < received_at - TimeDelta::days(400)
        || answered_at < civil::start_of_day(survey.starts_on) - TimeDelta::days(1)
        || item.sent_at.is_some_and(|sent| (sent - received_at).abs() > tolerance)
}

/// Inserts the rows whose ids are free, and returns their number.
pub async fn insert(tx: &WriteTx, rows: impl IntoIterator<Item = &response::Model>) -> Result<u64, Error> {
    let mut inserted = 0;
    let rows: Vec<&response::Model> = rows.into_iter().collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        // Padded with copies of the last row, which ON CONFLICT DO NOTHING ignores: fewer sizes, fewer prepared statements.
        let copies = chunk.last().into_iter().cycle();
        let padded = chunk.iter().chain(copies).take(padded_len(chunk.len()));
        let active = padded.map(|row| (*row).clone().into_active_model().reset_all());
        let ignore_taken = OnConflict::column(response::Column::Id).do_nothing().to_owned();
        let insert = response::Entity::insert_many(active).on_conflict(ignore_taken);
        inserted += insert.exec_without_returning(tx).await?;
    }
    Ok(inserted)
}

/// Returns the number of rows that an INSERT of `rows` is padded to. A connection compiles and keeps a statement for
/// each number (2 KiB a row), so there are four from one power of two to the next.
fn padded_len(rows: usize) -> usize {
    rows.next_multiple_of((rows.next_power_of_two() / 8).max(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn few_statements_serve_all_numbers_of_rows() {
        let all: BTreeSet<usize> = (1..=ROWS_PER_STATEMENT).map(padded_len).collect();
        assert_eq!(all.len(), 24);
        for rows in 1..=ROWS_PER_STATEMENT {
            assert!((rows..rows + rows.div_ceil(4)).contains(&padded_len(rows)), "{rows}");
        }
        let values = response::Column::iter().count();
        assert!(all.last().is_some_and(|most| most * values <= 32_766));
    }
}
