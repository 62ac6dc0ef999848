//! Stores many answers at once, each with its own outcome.
//!
//! Any number of answers takes the same few statements, and a bad answer never delays the others.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use ::entity::{response, survey};

use super::quota::{Quotas, Usage, quota_of};
use super::row::{Receipt, insert, to_row};
use super::rules::{References, can_count, ensure_may_collect, validate, withdrawn, without_unknown};
use super::submission::{Acceptance, Outcome, Submission};
use super::tally::{self, Totals};
use super::trail::{self, Change};
use super::{burst, quarantine, query, self_service};
use crate::facts::surveys;
use crate::platform::db::journal::{Action, Author};
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;

/// Stamps the districts of the surveys, then stores every acceptable answer. Returns one outcome per answer, in order.
pub async fn receive(tx: &WriteTx, quotas: Quotas, items: &[Submission]) -> Result<Vec<Outcome>, Error> {
    let newest = async || surveys::query::newest(tx, items.iter().map(|item| item.survey_id)).await;
    let mut surveys = newest().await?;
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
    if !tx.writes_alone() {
        // Another transaction may have changed them before this one had its stamp.
        surveys = newest().await?;
    }
    let context = Context {
        surveys,
        references: References::load(tx, items.iter().map(Submission::content)).await?,
        stored: query::stored(tx, items.iter().map(|item| item.id)).await?,
    };
    store(tx, stamp, quotas, &context, items).await
}

/// Stores every acceptable answer under a stamp of all districts concerned. Of several answers with one id the first
/// acceptable answer is stored, and the others are duplicates of it.
async fn store(
    tx: &WriteTx,
    stamp: Stamp,
    quotas: Quotas,
    context: &Context,
    items: &[Submission],
) -> Result<Vec<Outcome>, Error> {
    let devices = items.iter().filter_map(Submission::device);
    let mut usage = Usage::lock(tx, quotas, stamp.at, devices).await?;
    // By id, so that concurrent transactions insert in one order. Each row with the index of its item.
    let mut new: BTreeMap<Uuid, (usize, response::Model)> = BTreeMap::new();
    let mut early = Vec::with_capacity(items.len());
    let mut last = burst::LastOfLinks::default();
    for (index, item) in items.iter().enumerate() {
        early.push(match context.decide(stamp, item) {
            Err(error) => Some(Outcome::Refused(error)),
            Ok(Decision::Duplicate(outcome)) => Some(outcome),
            Ok(Decision::New(mut row)) => match new.entry(item.id) {
                Entry::Occupied(_) => None,
                Entry::Vacant(free) => {
                    let taken = match item.hourly_budget {
                        Some(budget) => self_service::judge(&mut usage, &mut last, stamp, budget, &mut row),
                        None => usage.take(row.device_id, quota_of(&row)),
                    };
                    match taken {
                        Ok(()) => {
                            free.insert((index, *row));
                            None
                        }
                        Err(error) => Some(Outcome::Refused(error)),
                    }
                }
            },
        });
    }

    let mut in_order: Vec<&mut (usize, response::Model)> = new.values_mut().collect();
    in_order.sort_unstable_by_key(|(index, _)| *index);
    let bursts = burst::flag(&mut usage, in_order.into_iter().map(|(_, row)| row));
    self_service::hold_bursts(&mut usage, items, &mut new, &mut early);

    let rows = || new.values().map(|(_, row)| row);
    let taken = if insert(tx, rows()).await? == new.len() as u64 {
        HashMap::new()
    } else {
        inserted_elsewhere(tx, rows()).await?
    };
    let mut changes: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for row in rows() {
        if taken.contains_key(&row.id) {
            usage.give_back(row.device_id, quota_of(row));
        } else if row.counted_from.is_some() {
            changes.entry(row.survey_id).or_default().count(row);
        }
    }
    let received = rows().filter(|row| row.counted_from.is_some() && !taken.contains_key(&row.id));
    let received = Change {
        action: Action::Received,
        reason: None,
        begin: received.collect(),
        end: Vec::new(),
    };
    trail::note_known(tx, &intake(), stamp, &context.surveys, received)?;
    tally::apply(tx, stamp, &changes).await?;
    burst::flag_stored(tx, &bursts).await?;

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
    let mut outcomes = outcomes.collect::<Result<Vec<_>, Error>>()?;
    quarantine::insert(tx, &context.surveys, stamp, items, &mut outcomes, &mut usage).await?;
    usage.save(tx).await?;
    Ok(outcomes)
}

/// The author of received answers: one transaction has those of many senders. Each answer has its own recorder.
pub fn intake() -> Author {
    Author::service("intake")
}

/// Returns the outcome of an answer whose id is taken. A conflict reveals nothing of the stored answer.
fn duplicate_outcome(row: &response::Model, item: &Submission) -> Outcome {
    if row.fingerprint == item.fingerprint() {
        Outcome::AlreadyStored(Box::new(row.clone()))
    } else {
        Outcome::Conflict
    }
}

/// Returns the stored rows of the ids that a transaction of another instance has just taken.
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

/// The records that the decisions about a set of answers need, read once.
struct Context {
    /// Also deleted ones: a retry of an answer to them is recognised.
    surveys: HashMap<Uuid, survey::Model>,
    references: References,
    stored: HashMap<Uuid, response::Model>,
}

impl Context {
    /// Checks the sender first, then the id, then the content: a retry is accepted even after changes. An error refuses
    /// only this answer.
    fn decide(&self, stamp: Stamp, item: &Submission) -> Result<Decision, Error> {
        let survey = self.surveys.get(&item.survey_id);
        let survey = survey.filter(|s| item.sender.can_see(&s.district_code));
        let survey = survey.ok_or_else(Error::not_found)?;
        ensure_may_collect(&item.sender, survey)?;
        if let Some(row) = self.stored.get(&item.id) {
            return Ok(Decision::Duplicate(duplicate_outcome(row, item)));
        }
        if survey.deleted {
            return Err(withdrawn());
        }
        let counted_from = can_count(survey, item.acceptance)?.then_some(stamp.at);
        let mut receipt = Receipt::new(item, survey, stamp.at);
        let mut content = item.content().clone();
        if item.acceptance == Acceptance::OnlyOpen {
            validate(&self.references, survey, &content)?;
        } else {
            let (known, flags) = without_unknown(&self.references, survey, content)?;
            content = known;
            receipt.flags = receipt.flags.union(flags);
        }
        let row = to_row(item.id, survey.id, content, item.fingerprint(), receipt, counted_from)?;
        Ok(Decision::New(Box::new(row)))
    }
}
