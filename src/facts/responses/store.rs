//! Many answers at once, each with its own outcome.
//!
//! Whatever sends answers comes through [`receive`], in groups (`intake`). However many answers there are, they take
//! the same few statements, and a bad one never holds back the others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::NewResponse;
use super::held;
use super::query;
use super::row::{Receipt, row};
use super::tally::{self, Change};
use crate::access::{Actor, Role};
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::surveys;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors};

/// Rows of one INSERT. It is made, bound and kept whole, so a batch is several, to save memory; SQLite would take 32,766
/// values, and an answer has 28.
pub const ROWS_A_STATEMENT: usize = 128;

/// What becomes of an answer that would not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// Refused unless the survey is open.
    Count,
    /// Kept, but not counted, when the survey is closed; refused while it is a draft. Other content for an id that is
    /// taken is kept aside.
    CountOrQuarantine,
    /// Kept, but not counted, in any case: the device was revoked.
    Quarantine,
}

impl Terms {
    /// Is what does not count held for an officer?
    pub fn hold(self) -> bool {
        self != Terms::Count
    }
}

/// One answer as it came, made ready by whoever received it: the writer, of whom there is one, has less to do then.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub survey_id: Uuid,
    pub id: Uuid,
    /// In its normal form.
    content: NewResponse,
    /// Of the content under the survey: what tells a retry from another answer.
    fingerprint: [u8; 32],
    /// By the sender's clock, which is then known to be right or wrong.
    pub sent_at: Option<DateTime<Utc>>,
    pub sender: Arc<Actor>,
    pub terms: Terms,
}

impl Incoming {
    pub fn new(
        survey_id: Uuid,
        id: Uuid,
        content: NewResponse,
        sender: Arc<Actor>,
        terms: Terms,
    ) -> Result<Self, Error> {
        let content = content.normal();
        let fingerprint = content.fingerprint(survey_id)?;
        Ok(Self {
            survey_id,
            id,
            content,
            fingerprint,
            sent_at: None,
            sender,
            terms,
        })
    }

    /// Sent at an instant of the sender's clock.
    pub fn sent_at(self, instant: DateTime<Utc>) -> Self {
        Self {
            sent_at: Some(instant),
            ..self
        }
    }

    pub fn content(&self) -> &NewResponse {
        &self.content
    }

    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Stored now, and counted from now.
    Created(Box<response::Model>),
    /// Stored now, not counted until an officer releases it.
    Quarantined(Box<response::Model>),
    /// The same content was stored under this id before.
    AlreadyStored(Box<response::Model>),
    /// Other content is stored under this id.
    Conflict,
    /// Not stored. Pointers are those of a [`NewResponse`]. `survey_not_open` may change; nothing else will.
    Refused(Error),
}

/// Stamps the districts of the surveys, then stores what can be stored: one outcome an answer, in their order.
pub async fn receive(tx: &WriteTx, items: &[Incoming]) -> Result<Vec<Outcome>, Error> {
    let surveys = surveys::query::current(tx, items.iter().map(|item| item.survey_id)).await?;
    let districts: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| {
            surveys
                .get(&item.survey_id)
                .filter(|s| item.sender.can_see(&s.district_code))
        })
        .map(|survey| survey.district_code.as_str())
        .collect();
    if districts.is_empty() {
        return Ok(items.iter().map(|_| Outcome::Refused(Error::not_found())).collect());
    }
    let districts: Vec<&str> = districts.into_iter().collect();
    let stamp = stamps::stamp(tx, &districts, Stream::Surveys).await?;
    store(tx, stamp, items).await
}

/// Stores what can be stored under a stamp of all districts concerned. Of several answers with one id the first
/// that is acceptable is stored, and the others are held against it.
pub async fn store(tx: &WriteTx, stamp: Stamp, items: &[Incoming]) -> Result<Vec<Outcome>, Error> {
    let scene = Scene::of(tx, items).await?;
    // By id, so that concurrent transactions insert in one order.
    let mut first: BTreeMap<Uuid, response::Model> = BTreeMap::new();
    let mut verdicts = Vec::with_capacity(items.len());
    for item in items {
        verdicts.push(match scene.judge(stamp, item) {
            Err(error) => Verdict::Ended(Outcome::Refused(error)),
            Ok(Judged::Known(row)) => Verdict::Ended(held_against(row, item)),
            Ok(Judged::New(row)) => {
                let is_first = !first.contains_key(&item.id);
                first.entry(item.id).or_insert(*row);
                Verdict::ValidatedQuery { is_first }
            }
        });
    }

    let before = if insert(tx, first.values()).await? == first.len() as u64 {
        HashMap::new()
    } else {
        others(tx, &first).await?
    };
    let mut changes: BTreeMap<Uuid, Change> = BTreeMap::new();
    for row in first.values() {
        if !before.contains_key(&row.id) && row.counted_from.is_some() {
            changes.entry(row.survey_id).or_default().add(row);
        }
    }
    tally::apply(tx, stamp, &changes).await?;

    let outcome = |(item, verdict): (&Incoming, Verdict)| match verdict {
        Verdict::Ended(outcome) => Ok(outcome),
        Verdict::ValidatedQuery { is_first } => {
            let other = before.get(&item.id);
            let row = other.or_else(|| first.get(&item.id)).ok_or_else(Error::unavailable)?;
            Ok(match row.counted_from {
                _ if other.is_some() || !is_first => held_against(row, item),
                Some(_) => Outcome::Created(Box::new(row.clone())),
                None => Outcome::Quarantined(Box::new(row.clone())),
            })
        }
    };
    let outcomes: Vec<Outcome> = items.iter().zip(verdicts).map(outcome).collect::<Result<_, Error>>()?;
    held::keep(tx, &scene.surveys, stamp, items, &outcomes).await?;
    Ok(outcomes)
}

/// What is known of an answer before anything is stored.
enum Verdict {
    Ended(Outcome),
    ValidatedQuery { is_first: bool },
}

enum Judged<'a> {
    /// The id is taken by this row.
    Known(&'a response::Model),
    New(Box<response::Model>),
}

/// The same content again, or another answer under a taken id (which reveals nothing of the one that is stored).
fn held_against(row: &response::Model, item: &Incoming) -> Outcome {
    if row.fingerprint == item.fingerprint {
        Outcome::AlreadyStored(Box::new(row.clone()))
    } else {
        Outcome::Conflict
    }
}

/// Inserts the rows whose ids are free, and answers how many they were.
pub async fn insert(tx: &WriteTx, rows: impl IntoIterator<Item = &response::Model>) -> Result<u64, Error> {
    let mut inserted = 0;
    let rows: Vec<&response::Model> = rows.into_iter().collect();
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        // The last row again and again: its id is taken by then, and nothing comes of it.
        let filled = chunk
            .iter()
            .chain(chunk.last().into_iter().cycle())
            .take(filled(chunk.len()));
        let active = filled.map(|row| (*row).clone().into_active_model().reset_all());
        let free = OnConflict::column(response::Column::Id).do_nothing().to_owned();
        let insert = response::Entity::insert_many(active).on_conflict(free);
        inserted += insert.exec_without_returning(tx).await?;
    }
    Ok(inserted)
}

/// Those under these ids that another transaction was first with: one of another instance, which committed meanwhile.
async fn others(tx: &WriteTx, rows: &BTreeMap<Uuid, response::Model>) -> Result<HashMap<Uuid, response::Model>, Error> {
    // A statement of its own sees what has been committed. A survey has one district, and no two transactions give a
    // district the same stamp.
    let mut there = query::stored(tx, rows.keys().copied()).await?;
    if there.len() != rows.len() {
        return Err(Error::unavailable());
    }
    there.retain(|id, row| {
        rows.get(id)
            .is_none_or(|ours| (ours.survey_id, ours.received_at) != (row.survey_id, row.received_at))
    });
    Ok(there)
}

/// How many rows an INSERT of `rows` is filled up to. Each number is a statement of its own, which the connection
/// compiles and keeps (2 KiB a row); so there are four from one power of two to the next.
fn filled(rows: usize) -> usize {
    rows.next_multiple_of((rows.next_power_of_two() / 8).max(1))
}

/// Everything that decides about a set of answers, read once.
struct Scene {
    surveys: HashMap<Uuid, survey::Model>,
    /// (code, district)
    villages: HashSet<(String, String)>,
    stored: HashMap<Uuid, response::Model>,
}

impl Scene {
    async fn of(tx: &WriteTx, items: &[Incoming]) -> Result<Self, Error> {
        let codes: BTreeSet<&str> = items
            .iter()
            .filter_map(|item| item.content.village_code.as_ref().map(|code| code.as_str()))
            .collect();
        Ok(Self {
            surveys: surveys::query::current(tx, items.iter().map(|item| item.survey_id)).await?,
            villages: query::villages(tx, codes).await?,
            stored: query::stored(tx, items.iter().map(|item| item.id)).await?,
        })
    }

    /// Who may send comes first, identity second, and only then what the answer says: the same content again is
    /// always fine, whatever has changed since. An error refuses this answer alone.
    fn judge(&self, stamp: Stamp, item: &Incoming) -> Result<Judged<'_>, Error> {
        let seen = self.surveys.get(&item.survey_id);
        let survey = seen.filter(|s| item.sender.can_see(&s.district_code));
        let survey = survey.ok_or_else(Error::not_found)?;
        must_collect_for(&item.sender, survey)?;
        if let Some(row) = self.stored.get(&item.id) {
            return Ok(Judged::Known(row));
        }
        let counts = must_take_answers(survey, item.terms)?;
        must_be_whole(&self.villages, survey, &item.content)?;
        let receipt = Receipt::of(item, survey, stamp.at);
        let counted_from = counts.then_some(stamp.at);
        let content = item.content.clone();
        let row = row(item.id, survey.id, content, &item.fingerprint, receipt, counted_from)?;
        Ok(Judged::New(Box::new(row)))
    }
}

/// 422 unless the answers are enough and the village is one of these (code, district).
pub fn must_be_whole(
    villages: &HashSet<(String, String)>,
    survey: &survey::Model,
    content: &NewResponse,
) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    // At least 5 answers to active elements, or all of them when fewer are active.
    let active = surveys::dto::active_elements(&survey.inactive_elements)?;
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

/// 403 for an officer of another section; a phone collects for every survey of its district.
fn must_collect_for(sender: &Actor, survey: &survey::Model) -> Result<(), Error> {
    if sender.role == Role::Surveyor {
        return Ok(());
    }
    sender.ensure_section(survey.section.parse()?)
}

/// Does the answer count from its receipt? 409 when the survey cannot even keep it.
pub fn must_take_answers(survey: &survey::Model, terms: Terms) -> Result<bool, Error> {
    match (survey.status.parse()?, terms) {
        (SurveyStatus::Open, Terms::Count | Terms::CountOrQuarantine) => Ok(true),
        (SurveyStatus::Open | SurveyStatus::Closed, Terms::Quarantine)
        | (SurveyStatus::Closed, Terms::CountOrQuarantine) => Ok(false),
        (SurveyStatus::Closed, Terms::Count) => Err(Error::new(Code::SurveyNotOpen).detail(
            "Survei ini sudah ditutup. Seksi dapat membukanya kembali.",
            "This survey is closed. Its section can open it again.",
        )),
        (SurveyStatus::Draft, _) => Err(Error::new(Code::SurveyNotOpen).detail(
            "Survei ini masih draf. Kirim lagi setelah dibuka.",
            "This survey is still a draft. Send again when it is open.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn few_statements_serve_all_numbers_of_rows() {
        let all: BTreeSet<usize> = (1..=ROWS_A_STATEMENT).map(filled).collect();
        assert_eq!(all.len(), 24);
        for rows in 1..=ROWS_A_STATEMENT {
            assert!((rows..rows + rows.div_ceil(4)).contains(&filled(rows)), "{rows}");
        }
        let values = response::Column::iter().count();
        assert!(all.last().is_some_and(|most| most * values <= 32_766));
    }
}
