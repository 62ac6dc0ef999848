//! An answer as a row, and its INSERT.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, NotSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::{NewResponse, Respondent, ResponseMode, SurveyAnswers};
use super::flags::{Flags, ResponseFlag};
use super::submission::Submission;
use crate::core::civil;
use crate::core::element::Score;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Rows of one INSERT. The whole statement is in memory, so a batch takes several statements, to save memory. SQLite
/// allows 32,766 values, and an answer has 26.
pub const ROWS_PER_STATEMENT: usize = 128;

/// The receipt of an answer: its time, device and recorder.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub received_at: DateTime<Utc>,
    pub flags: Flags,
    /// The sending device, to find the answers of a stolen phone. `None` for senders that are not surveyors.
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
}

impl Receipt {
    pub fn new(item: &Submission, survey: &survey::Model, received_at: DateTime<Utc>) -> Self {
        Self {
            received_at,
            flags: item.flags().with(
                ResponseFlag::ClockImplausible,
                is_clock_implausible(item, survey, received_at),
            ),
            device_id: item.device(),
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
        mode,
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
    let is_replaced = receipt.flags.has(ResponseFlag::AnsweredAtReplaced);
    let answered_at = if is_replaced { receipt.received_at } else { answered_at };
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
        service: service.as_deref().and_then(service_code),
        village_code: village_code.map(String::from),
        gender,
        age,
        education,
        occupation,
        comment,
        answered_at,
        received_at: receipt.received_at,
        mode: mode.filter(|mode| *mode != ResponseMode::Device).map(|m| m.to_string()),
        flags: receipt.flags.bits(),
        counted_from,
        counted_until: None,
        void_reason: None,
        voided_by: None,
        device_id: receipt.device_id,
        recorded_by: receipt.recorded_by,
    })
}

/// Returns whether the device's clock must have been wrong. Such an answer is flagged, never refused.
fn is_clock_implausible(item: &Submission, survey: &survey::Model, received_at: DateTime<Utc>) -> bool {
    let (answered_at, tolerance) = (item.content().answered_at, TimeDelta::minutes(10));
    if item.content().mode == Some(ResponseMode::Paper) {
        // The day on the form; no clock made it.
        return answered_at > received_at + tolerance;
    }
    if item.flags().has(ResponseFlag::AnsweredAtReplaced) {
        return false;
    }
    answered_at > received_at + tolerance
        || answered_at < received_at - TimeDelta::days(400)
        || answered_at < civil::start_of_day(survey.starts_on) - TimeDelta::days(1)
        || item.sent_at.is_some_and(|sent| (sent - received_at).abs() > tolerance)
}

/// Returns the code of a service: lower case, with a hyphen for everything but letters and digits, at most 40 characters.
/// `None`: nothing is left. A text that is a code stays as it is.
pub fn service_code(text: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_code) {
        return Some(text.to_owned());
    }
    let mut code = String::with_capacity(LONGEST);
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if code.len() == LONGEST {
            break;
        }
        if c.is_ascii_alphanumeric() {
            code.push(c.to_ascii_lowercase());
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
    }
    let code = code.trim_end_matches('-');
    (!code.is_empty()).then(|| code.to_owned())
}

/// Inserts the rows whose ids are free, and returns their number.
pub async fn insert(tx: &WriteTx, rows: impl IntoIterator<Item = &response::Model>) -> Result<u64, Error> {
    let mut inserted = 0;
    let rows: Vec<&response::Model> = rows.into_iter().collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        // Padded with copies of the last row, which ON CONFLICT DO NOTHING ignores: fewer sizes, fewer prepared statements.
        let copies = chunk.last().into_iter().cycle();
        let padded = chunk.iter().chain(copies).take(padded_len(chunk.len()));
        let active = padded.map(|row| {
            // A new answer is not void. Its statement is shorter without these columns.
            response::ActiveModel {
                counted_until: NotSet,
                void_reason: NotSet,
                voided_by: NotSet,
                ..(*row).clone().into_active_model().reset_all()
            }
        });
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
    fn any_text_of_a_service_becomes_a_code() {
        for (text, code) in [
            ("ktp", Some("ktp")),
            ("-a--b-", Some("-a--b-")),
            ("KTP", Some("ktp")),
            (" KTP-el / KK ", Some("ktp-el-kk")),
            ("Surat Keterangan Usaha", Some("surat-keterangan-usaha")),
            ("Caf\u{e9}", Some("cafe")),
            (
                "Surat Keterangan Tidak Mampu untuk Pendidikan",
                Some("surat-keterangan-tidak-mampu-untuk-pendi"),
            ),
            ("??? \u{1F600}", None),
            ("", None),
        ] {
            assert_eq!(service_code(text).as_deref(), code, "{text}");
        }
    }

    #[test]
    fn few_statements_serve_all_numbers_of_rows() {
        let all: BTreeSet<usize> = (1..=ROWS_PER_STATEMENT).map(padded_len).collect();
        assert_eq!(all.len(), 24);
        for rows in 1..=ROWS_PER_STATEMENT {
            assert!((rows..rows + rows.div_ceil(4)).contains(&padded_len(rows)), "{rows}");
        }
        let values = response::Column::iter().count() - 3;
        assert!(all.last().is_some_and(|most| most * values <= 32_766));
    }
}
