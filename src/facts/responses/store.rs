//! Stores many answers at once, each with its own outcome.
//!
//! However many answers there are, they take the same few statements, and a bad answer never holds back the others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use ::entity::{response, survey};

use super::row::{Receipt, insert, to_row};
use super::rules::{can_count, ensure_may_collect, validate_content};
use super::submission::{Outcome, Submission};
use super::tally::{self, Totals};
use super::{quarantine, query};
use crate::facts::surveys;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;

/// Stamps the districts of the surveys, then stores every acceptable answer. Returns one outcome per answer, in order.
pub async fn receive(tx: &WriteTx, items: &[Submission]) -> Result<Vec<Outcome>, Error> {
    let surveys = surveys::query::current(tx, items.iter().map(|item| item.survey_id)).await?;
    let visible = items.iter().filter_map(|item| {
        let survey = surveys.get(&item.survey_id)?;
        item.sender
            .can_see(&survey.district_code)
            .then_some(survey.district_code.as_str())
    });
    let districts: Vec<&str> = visible.collect::<BTreeSet<_>>().into_iter().collect();
    if districts.is_empty() {
        return Ok(items.iter().map(|_| Outcome::Refused(Error::not_found())).collect());
    }
    let stamp = stamps::stamp(tx, &districts, Stream::Surveys).await?;
    store(tx, stamp, items).await
}

/// Stores every acceptable answer under a stamp of all districts concerned. Of several answers with one id the first
/// acceptable answer is stored, and the others are duplicates of it.
async fn store(tx: &WriteTx, stamp: Stamp, items: &[Submission]) -> Result<Vec<Outcome>, Error> {
    let context = Context::load(tx, items).await?;
    // By id, so that concurrent transactions insert in one order. Each row with the index of its item.
    let mut new: BTreeMap<Uuid, (usize, response::Model)> = BTreeMap::new();
    let mut early = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        early.push(match context.decide(stamp, item) {
            Err(error) => Some(Outcome::Refused(error)),
            Ok(Decision::Duplicate(outcome)) => Some(outcome),
            Ok(Decision::New(row)) => {
                new.entry(item.id).or_insert((index, *row));
                None
            }
        });
    }

    let rows = || new.values().map(|(_, row)| row);
    let taken = if insert(tx, rows()).await? == new.len() as u64 {
        HashMap::new()
    } else {
        inserted_elsewhere(tx, rows()).await?
    };
    let mut changes: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for row in rows() {
        if !taken.contains_key(&row.id) && row.counted_from.is_some() {
            changes.entry(row.survey_id).or_default().count(row);
        }
    }
    tally::apply(tx, stamp, &changes).await?;

    let outcome = |((index, item), early): ((usize, &Submission), Option<Outcome>)| {
        if let Some(outcome) = early {
            return Ok(outcome);
        }
        let (first, row) = new.get(&item.id).ok_or_else(Error::unavailable)?;
        Ok(match taken.get(&item.id) {
            Some(other) => duplicate_outcome(other, item),
            None if *first != index => duplicate_outcome(row, item),
            None if row.counted_from.is_some() => Outcome::Created(Box::new(row.clone())),
            None => Outcome::Quarantined(Box::new(row.clone())),
        })
    };
    let outcomes = items.iter().enumerate().zip(early).map(outcome);
    let outcomes = outcomes.collect::<Result<Vec<_>, Error>>()?;
    quarantine::insert(tx, &context.surveys, stamp, items, &outcomes).await?;
    Ok(outcomes)
}

/// Returns the outcome of an answer whose id is taken. A conflict reveals nothing of the stored answer.
fn duplicate_outcome(row: &response::Model, item: &Submission) -> Outcome {
    if row.fingerprint == item.fingerprint() {
        Outcome::AlreadyStored(Box::new(row.clone()))
    } else {
        Outcome::Conflict
    }
}

/// Returns the stored rows of those ids that a transaction of another instance has taken meanwhile.
async fn inserted_elsewhere(
    tx: &WriteTx,
    rows: impl Iterator<Item = &response::Model> + Clone,
) -> Result<HashMap<Uuid, response::Model>, Error> {
    // A new statement sees what has been committed. A survey has one district, and no two transactions give a district
    // the same stamp.
    let mut stored = query::stored(tx, rows.clone().map(|row| row.id)).await?;
    for row in rows {
        let other = stored.get(&row.id).ok_or_else(Error::unavailable)?;
        if (row.survey_id, row.received_at) == (other.survey_id, other.received_at) {
            stored.remove(&row.id);
        }
    }
    Ok(stored)
}

enum Decision {
    /// The id is taken.
    Duplicate(Outcome),
    New(Box<response::Model>),
}

/// Everything that decides about a set of answers, read once.
struct Context {
    surveys: HashMap<Uuid, survey::Model>,
    /// (code, district)
    villages: HashSet<(String, String)>,
    stored: HashMap<Uuid, response::Model>,
}

impl Context {
    async fn load(tx: &WriteTx, items: &[Submission]) -> Result<Self, Error> {
        let codes: BTreeSet<&str> = items
            .iter()
            .filter_map(|item| item.content().village_code.as_ref().map(|code| code.as_str()))
            .collect();
        Ok(Self {
            surveys: surveys::query::current(tx, items.iter().map(|item| item.survey_id)).await?,
            villages: query::villages(tx, codes).await?,
            stored: query::stored(tx, items.iter().map(|item| item.id)).await?,
        })
    }

    /// Judges the sender first, the id second, and the content last: the same content again is always fine, whatever has
    /// changed since. An error refuses this answer alone.
    fn decide(&self, stamp: Stamp, item: &Submission) -> Result<Decision, Error> {
        let survey = self.surveys.get(&item.survey_id);
        let survey = survey.filter(|s| item.sender.can_see(&s.district_code));
        let survey = survey.ok_or_else(Error::not_found)?;
        ensure_may_collect(&item.sender, survey)?;
        if let Some(row) = self.stored.get(&item.id) {
            return Ok(Decision::Duplicate(duplicate_outcome(row, item)));
        }
        let counted_from = can_count(survey, item.acceptance)?.then_some(stamp.at);
        validate_content(&self.villages, survey, item.content())?;
        let receipt = Receipt::new(item, survey, stamp.at);
        let content = item.content().clone();
        let row = to_row(item.id, survey.id, content, item.fingerprint(), receipt, counted_from)?;
        Ok(Decision::New(Box::new(row)))
    }
}
