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
use crate::platform::db::{Stamp, Stream, WriteTx, stamps, stored};
use crate::platform::error::{Code, Error, Rules};

/// Rows of one INSERT: SQLite takes 32,766 values a statement, an answer has 26, a held one fewer.
pub const ROWS_A_STATEMENT: usize = 1000;

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

/// One answer as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub survey_id: Uuid,
    pub id: Uuid,
    pub content: NewResponse,
    /// By the sender's clock, which is then known to be right or wrong.
    pub sent_at: Option<DateTime<Utc>>,
    pub sender: Arc<Actor>,
    pub terms: Terms,
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
                .filter(|s| item.sender.sees(&s.district_code))
        })
        .map(|survey| survey.district_code.as_str())
        .collect();
    if districts.is_empty() {
        return Ok(items.iter().map(|_| Outcome::Refused(Error::not_found())).collect());
    }
    let districts: Vec<&str> = districts.into_iter().collect();
    let stamp = stamps::take(tx, &districts, Stream::Surveys).await?;
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
            Ok(Judged::Known(row, fingerprint)) => Verdict::Ended(held_against(row, &fingerprint)),
            Ok(Judged::New(row)) => {
                let fingerprint = row.fingerprint.clone();
                let is_first = !first.contains_key(&item.id);
                first.entry(item.id).or_insert(*row);
                Verdict::Admitted { fingerprint, is_first }
            }
        });
    }

    let won = insert(tx, &first).await?;
    let lost: Vec<Uuid> = first.keys().filter(|id| !won.contains(id)).copied().collect();
    let before = if lost.is_empty() {
        HashMap::new()
    } else {
        // A statement of its own: it sees what the transaction that was first has committed.
        query::stored(tx, lost).await?
    };
    let mut changes: BTreeMap<Uuid, Change> = BTreeMap::new();
    for row in first.values() {
        if won.contains(&row.id) && row.counted_from.is_some() {
            changes.entry(row.survey_id).or_default().add(row);
        }
    }
    tally::apply(tx, stamp, &changes).await?;

    let outcome = |(item, verdict): (&Incoming, Verdict)| match verdict {
        Verdict::Ended(outcome) => Ok(outcome),
        Verdict::Admitted { fingerprint, is_first } => {
            let ours = won.contains(&item.id);
            let row = if ours {
                first.get(&item.id)
            } else {
                before.get(&item.id)
            };
            let row = row.ok_or_else(Error::unavailable)?;
            Ok(match row.counted_from {
                _ if !(ours && is_first) => held_against(row, &fingerprint),
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
    Admitted { fingerprint: Vec<u8>, is_first: bool },
}

enum Judged<'a> {
    /// The id is taken by this row; the fingerprint is that of the new answer.
    Known(&'a response::Model, [u8; 32]),
    New(Box<response::Model>),
}

/// The same content again, or another answer under a taken id (which reveals nothing of the one that is stored).
fn held_against(row: &response::Model, fingerprint: &[u8]) -> Outcome {
    if row.fingerprint == fingerprint {
        Outcome::AlreadyStored(Box::new(row.clone()))
    } else {
        Outcome::Conflict
    }
}

/// Inserts the rows whose ids are free; answers which they were.
pub async fn insert(tx: &WriteTx, rows: &BTreeMap<Uuid, response::Model>) -> Result<HashSet<Uuid>, Error> {
    let mut won = HashSet::with_capacity(rows.len());
    let rows: Vec<&response::Model> = rows.values().collect();
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let active = chunk.iter().map(|row| (*row).clone().into_active_model().reset_all());
        let free = OnConflict::column(response::Column::Id).do_nothing().to_owned();
        let keys = response::Entity::insert_many(active)
            .on_conflict(free)
            .exec_with_returning_keys(tx)
            .await?;
        won.extend(keys);
    }
    Ok(won)
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
        let survey = seen.filter(|s| item.sender.sees(&s.district_code));
        let survey = survey.ok_or_else(Error::not_found)?;
        must_collect_for(&item.sender, survey)?;
        let fingerprint = item.content.fingerprint(item.survey_id)?;
        if let Some(row) = self.stored.get(&item.id) {
            return Ok(Judged::Known(row, fingerprint));
        }
        let counts = must_take_answers(survey, item.terms)?;
        must_be_whole(&self.villages, survey, &item.content)?;
        let receipt = Receipt::of(item, survey, stamp.at);
        let counted_from = counts.then_some(stamp.at);
        let content = item.content.clone();
        let row = row(item.id, survey.id, content, &fingerprint, receipt, counted_from)?;
        Ok(Judged::New(Box::new(row)))
    }
}

/// 422 unless the answers are enough and the village is one of these (code, district).
pub fn must_be_whole(
    villages: &HashSet<(String, String)>,
    survey: &survey::Model,
    content: &NewResponse,
) -> Result<(), Error> {
    let mut rules = Rules::default();
    rules.hold(must_have_enough_answers(survey, content))?;
    rules.hold(must_know_village(villages, survey, content))?;
    rules.end()
}

/// 422 for a village that is none of these (code, district), or another district's.
fn must_know_village(
    villages: &HashSet<(String, String)>,
    survey: &survey::Model,
    content: &NewResponse,
) -> Result<(), Error> {
    let Some(code) = &content.village_code else {
        return Ok(());
    };
    let village = (code.as_str().to_owned(), survey.district_code.clone());
    if villages.contains(&village) {
        Ok(())
    } else {
        Err(Error::unknown_reference("#/village_code", code))
    }
}

/// 422 for fewer than 5 answers to active elements, or than all of them when fewer are active.
fn must_have_enough_answers(survey: &survey::Model, content: &NewResponse) -> Result<(), Error> {
    let active = surveys::dto::active_elements(&survey.inactive_elements)?;
    if active.accept(content.answers.answered()) {
        return Ok(());
    }
    let needed = active.answers_needed();
    let error = Error::new(Code::TooFewAnswers).detail(
        format!("Perlu sedikitnya {needed} jawaban atas unsur yang dipakai survei ini."),
        format!("At least {needed} answers to elements that this survey uses are needed."),
    );
    Err(error.at("#/answers"))
}

/// 403 for an officer of another section; a phone collects for every survey of its district.
fn must_collect_for(sender: &Actor, survey: &survey::Model) -> Result<(), Error> {
    if sender.role == Role::Surveyor {
        return Ok(());
    }
    sender.must_work_for(survey.section.parse().map_err(Error::internal)?)
}

/// Does the answer count from its receipt? 409 when the survey cannot even keep it.
pub fn must_take_answers(survey: &survey::Model, terms: Terms) -> Result<bool, Error> {
    match (stored::parse(&survey.status)?, terms) {
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
