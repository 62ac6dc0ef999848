//! What happens to answers, in the journal: one event for each transaction and survey.
//!
//! Its digest covers the answers that began to count, with their scores, and those that ended to count. It covers nothing that
//! tells of a person: no profile, comment, village or device, so these can be erased and the proof holds.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde_json::json;
use uuid::Uuid;

use ::entity::{held_response, response, survey};

use crate::facts::surveys;
use crate::platform::db::journal::{Action, Author, Event, Resource, Years};
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Error, OrInternal};

/// Returns the line of an answer that begins to count at an instant.
pub fn begins(at: DateTime<Utc>, row: &response::Model) -> String {
    let scores: String = scores(row).map(|score| score.map_or('-', digit)).into_iter().collect();
    let answered_at = row.answered_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let service = row.service.as_deref().unwrap_or("-");
    format!(
        "{} + {} {scores} {service} {answered_at} {}",
        micros(at),
        row.id,
        row.recorded_by
    )
}

/// Returns the line of an answer that ends to count at an instant.
pub fn ends(at: DateTime<Utc>, id: Uuid) -> String {
    format!("{} - {id}", micros(at))
}

/// Returns the line of an answer that was received and is held.
pub fn held(row: &held_response::Model) -> String {
    format!(
        "{} ? {} {} {} {}",
        micros(row.received_at),
        row.id,
        row.response_id,
        row.reason,
        row.recorded_by
    )
}

/// Sixteen digits, so that lines are in the order of time.
fn micros(at: DateTime<Utc>) -> String {
    format!("{:016}", at.timestamp_micros())
}

fn digit(score: i16) -> char {
    u32::try_from(score)
        .ok()
        .and_then(|score| char::from_digit(score, 10))
        .unwrap_or('?')
}

fn scores(row: &response::Model) -> [Option<i16>; 9] {
    [
        row.persyaratan,
        row.prosedur,
        row.waktu,
        row.biaya,
        row.produk,
        row.kompetensi,
        row.perilaku,
        row.sarana,
        row.pengaduan,
    ]
}

/// Answers of one transaction that begin or end to count.
#[derive(Debug)]
pub struct Change<'a> {
    pub action: Action,
    pub reason: Option<&'a str>,
    pub begin: Vec<&'a response::Model>,
    pub end: Vec<&'a response::Model>,
}

/// Notes a change of answers, an event for each survey. A change of one answer names it.
pub async fn note(tx: &WriteTx, author: &Author, stamp: Stamp, change: Change<'_>) -> Result<(), Error> {
    let rows = change.begin.iter().chain(&change.end);
    let surveys = surveys::query::newest(tx, rows.map(|row| row.survey_id)).await?;
    note_known(tx, author, stamp, &surveys, change)
}

/// Does the same with surveys that were read before.
pub fn note_known(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    surveys: &HashMap<Uuid, survey::Model>,
    change: Change<'_>,
) -> Result<(), Error> {
    let mut lines: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    let only = match (change.begin.as_slice(), change.end.as_slice()) {
        ([row], []) | ([], [row]) if change.action != Action::Received => Some(json!({ "response_id": row.id })),
        _ => None,
    };
    for row in change.begin {
        lines.entry(row.survey_id).or_default().push(begins(stamp.at, row));
    }
    for row in change.end {
        lines.entry(row.survey_id).or_default().push(ends(stamp.at, row.id));
    }
    for (id, mut lines) in lines {
        lines.sort_unstable();
        let survey = surveys
            .get(&id)
            .ok_or_else(|| Error::internal(format!("survey {id} does not exist")))?;
        let event = Event::new(
            Some(&survey.district_code),
            stamp.at,
            change.action,
            Resource::Response,
            id,
        );
        tx.note(
            author,
            Event {
                count: Some(i64::try_from(lines.len()).or_internal()?),
                details: only.clone(),
                years: Years::span(survey.starts_on.year(), survey.ends_on.year()),
                content: lines,
                ..event.because(change.reason)
            },
        );
    }
    Ok(())
}

/// Notes answers that were received and are held, an event for each survey.
pub fn note_held(tx: &WriteTx, author: &Author, stamp: Stamp, rows: &[held_response::Model]) -> Result<(), Error> {
    let mut lines: BTreeMap<(Uuid, &str), Vec<String>> = BTreeMap::new();
    for row in rows {
        let of_survey = lines.entry((row.survey_id, &row.district_code));
        of_survey.or_default().push(held(row));
    }
    for ((survey, district), mut lines) in lines {
        lines.sort_unstable();
        let event = Event::new(
            Some(district),
            stamp.at,
            Action::Received,
            Resource::HeldResponse,
            survey,
        );
        let count = Some(i64::try_from(lines.len()).or_internal()?);
        tx.note(
            author,
            Event {
                count,
                content: lines,
                ..event
            },
        );
    }
    Ok(())
}
