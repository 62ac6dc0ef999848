//! From a batch to answers, and from what became of them to its results.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use uuid::Uuid;

use super::dto::{
    BatchOutcome, BatchResult, BatchSummary, BatchedResponse, ResponseBatch, ResponseOutcome, ResponseStatus,
};
use crate::access::Actor;
use crate::access::permissions::{Permission, ResponsesWrite};
use crate::facts::responses::{Incoming, Outcome, Terms, query};
use crate::facts::surveys;
use crate::platform::error::{Code, Error, FieldCode, FieldError};
use crate::platform::http::problem::{MAX_FAULTS_BYTES, ProblemField, listed};
use crate::platform::http::{Contract, Unread};
use crate::platform::text::Lang;

/// The longest id that a result repeats, in characters; a UUID has 36.
const LONGEST_ID: usize = 100;

/// A batch whose items have been read; those that can be answers are on their way.
#[derive(Debug)]
pub struct Opened {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    id: Option<String>,
    /// `Err`: it can never be an answer.
    read: Result<(), Error>,
}

impl Opened {
    /// Reads each item; answers also those that can be stored, in their order.
    pub fn of(actor: &Actor, batch: ResponseBatch, contract: &Contract) -> (Self, Vec<Incoming>) {
        let terms = if actor.scopes.contains(&ResponsesWrite::SCOPE) {
            Terms::CountOrQuarantine
        } else {
            Terms::Quarantine
        };
        let sender = Arc::new(actor.clone());
        let mut incoming = Vec::with_capacity(batch.items.len());
        let read = |item: Unread| {
            let id = id_of(&item);
            let read = item.read(contract).and_then(|answer: BatchedResponse| {
                let (survey_id, id) = (answer.survey_id, answer.id);
                let answer = Incoming::new(survey_id, id, answer.into(), Arc::clone(&sender), terms)?;
                incoming.push(answer.sent_at(batch.sent_at));
                Ok(())
            });
            Item { id, read }
        };
        let items = batch.items.into_iter().map(read).collect();
        (Self { items }, incoming)
    }

    /// The results of all items; `outcomes` are of those that were on their way.
    pub fn close(self, received_at: DateTime<Utc>, outcomes: Vec<Outcome>, lang: Lang) -> BatchOutcome {
        let mut outcomes = outcomes.into_iter();
        let mut summary = BatchSummary::default();
        let mut room = MAX_FAULTS_BYTES;
        let result = |(index, item): (usize, Item)| {
            let outcome = match item.read {
                Ok(()) => outcomes.next(),
                Err(error) => Some(Outcome::Refused(error)),
            };
            let (outcome, error) = judged(outcome);
            summary.count(outcome);
            let errors = error.map(|e| faults(&e, index, lang, &mut room));
            BatchResult {
                index,
                id: item.id,
                outcome,
                errors,
            }
        };
        let results = self.items.into_iter().enumerate().map(result).collect();
        BatchOutcome {
            received_at,
            summary,
            results,
        }
    }
}

/// What the phone is told, and why it was not stored.
fn judged(outcome: Option<Outcome>) -> (ResponseOutcome, Option<Error>) {
    match outcome {
        Some(Outcome::Created(_)) => (ResponseOutcome::Created, None),
        Some(Outcome::Quarantined(_)) => (ResponseOutcome::Quarantined, None),
        Some(Outcome::AlreadyStored(_)) => (ResponseOutcome::AlreadyStored, None),
        Some(Outcome::Conflict) => (ResponseOutcome::Conflict, None),
        Some(Outcome::Refused(error)) if may_change(&error) => (ResponseOutcome::Deferred, Some(error)),
        Some(Outcome::Refused(error)) => (ResponseOutcome::Rejected, Some(error)),
        None => {
            let lost = Error::internal("an item of a batch without an outcome");
            lost.log();
            (ResponseOutcome::Deferred, Some(lost))
        }
    }
}

/// Can the same item be acceptable later? A draft will be opened; where the service failed, it may work again.
fn may_change(error: &Error) -> bool {
    error.code == Code::SurveyNotOpen || error.code.status().is_server_error()
}

/// The faults of one item, pointing from the request's root: the first one always, others while there is `room`.
fn faults(error: &Error, index: usize, lang: Lang, room: &mut usize) -> Vec<ProblemField> {
    let at = |pointer: &str| {
        format!(
            "#/items/{index}{}",
            pointer.trim_start_matches('#').trim_end_matches('/')
        )
    };
    if error.errors.is_empty() {
        let pointer = match error.code {
            Code::NotFound | Code::WrongSection | Code::SurveyNotOpen => at("#/survey_id"),
            _ => at("#"),
        };
        let detail = error.detail.clone().unwrap_or_else(|| error.code.title());
        let code = FieldCode::Problem(error.code);
        return vec![ProblemField::of(&FieldError { pointer, code, detail }, lang)];
    }
    let here = |fault: &FieldError| FieldError {
        pointer: at(&fault.pointer),
        ..fault.clone()
    };
    let faults: Vec<FieldError> = error.errors.iter().map(here).collect();
    let (first, others) = faults.split_at(1);
    let first = first.iter().map(|fault| ProblemField::of(fault, lang));
    first.chain(listed(others, lang, room)).collect()
}

/// The id as it was sent, also of an item that nothing else can be made of.
fn id_of(item: &Unread) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let id = item.glance::<Named>()?.id;
    (id.chars().count() <= LONGEST_ID && !id.contains('\0')).then_some(id)
}

/// Which of these answers are stored in a district that the actor sees.
pub async fn status(conn: &impl ConnectionTrait, actor: &Actor, ids: &[Uuid]) -> Result<Vec<ResponseStatus>, Error> {
    let stored = query::surveys_of(conn, ids).await?;
    let surveys = surveys::query::current(conn, stored.values().copied()).await?;
    let known = |id: &Uuid| {
        let survey = stored.get(id).and_then(|survey| surveys.get(survey));
        survey.is_some_and(|s| actor.can_see(&s.district_code))
    };
    let status = |id: &Uuid| ResponseStatus {
        id: *id,
        known: known(id),
    };
    Ok(ids.iter().map(status).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: Error) -> (ResponseOutcome, Vec<String>) {
        let (outcome, error) = judged(Some(Outcome::Refused(error)));
        let faults = faults(&error.unwrap(), 3, Lang::En, &mut { MAX_FAULTS_BYTES });
        (outcome, faults.into_iter().map(|f| f.pointer).collect())
    }

    /// What the service fails on is no fault of the item: the phone must keep it.
    #[test]
    fn only_what_can_never_be_accepted_is_rejected() {
        use ResponseOutcome::{Deferred, Rejected};
        for (error, outcome, pointer) in [
            (Error::unavailable(), Deferred, "#/items/3"),
            (Error::internal("a test"), Deferred, "#/items/3"),
            (Error::new(Code::SurveyNotOpen), Deferred, "#/items/3/survey_id"),
            (Error::not_found(), Rejected, "#/items/3/survey_id"),
            (Error::new(Code::InvalidBody).at("#/"), Rejected, "#/items/3"),
            (
                Error::new(Code::TooFewAnswers).at("#/answers"),
                Rejected,
                "#/items/3/answers",
            ),
        ] {
            assert_eq!(told(error), (outcome, vec![pointer.to_owned()]));
        }
        assert_eq!(judged(None).0, Deferred);
    }
}
