//! From a batch to submissions, and from their outcomes to its results.

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
use crate::facts::responses::query;
use crate::facts::responses::submission::{Acceptance, Outcome, Submission};
use crate::facts::surveys;
use crate::platform::error::{Code, Error, FieldCode, FieldError};
use crate::platform::http::problem::{MAX_FAULTS_BYTES, ProblemField, listed};
use crate::platform::http::{Contract, RawItem};
use crate::platform::text::Lang;

/// The longest id that a result repeats, in characters; a UUID has 36.
const LONGEST_ID: usize = 100;

/// A batch whose items have been read.
#[derive(Debug)]
pub struct Batch {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    id: Option<String>,
    /// `Err`: the item can never be an answer.
    read: Result<(), Error>,
}

impl Batch {
    /// Reads each item. Returns also the items that can be stored, in their order.
    pub fn open(actor: &Actor, batch: ResponseBatch, contract: &Contract) -> (Self, Vec<Submission>) {
        let acceptance = if actor.scopes.contains(&ResponsesWrite::SCOPE) {
            Acceptance::QuarantineClosed
        } else {
            Acceptance::AlwaysQuarantine
        };
        let sender = Arc::new(actor.clone());
        let mut submissions = Vec::with_capacity(batch.items.len());
        let read = |item: RawItem| {
            let id = id_of(&item);
            let read = item.read(contract).and_then(|answer: BatchedResponse| {
                let (survey_id, id) = (answer.survey_id, answer.id);
                let answer = Submission::new(survey_id, id, answer.into(), Arc::clone(&sender), acceptance)?;
                submissions.push(answer.sent_at(batch.sent_at));
                Ok(())
            });
            Item { id, read }
        };
        let items = batch.items.into_iter().map(read).collect();
        (Self { items }, submissions)
    }

    /// Returns the results of all items. `outcomes` are those of the items that could be stored.
    pub fn respond(self, received_at: DateTime<Utc>, outcomes: Vec<Outcome>, lang: Lang) -> BatchOutcome {
        let mut outcomes = outcomes.into_iter();
        let mut summary = BatchSummary::default();
        let mut room = MAX_FAULTS_BYTES;
        let result = |(index, item): (usize, Item)| {
            let outcome = match item.read {
                Ok(()) => outcomes.next(),
                Err(error) => Some(Outcome::Refused(error)),
            };
            let (outcome, error) = told(outcome);
            summary.count(outcome);
            let errors = error.map(|e| field_errors(&e, index, lang, &mut room));
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

/// Returns the phone's status for an answer, and the reason why it was not stored.
fn told(outcome: Option<Outcome>) -> (ResponseOutcome, Option<Error>) {
    match outcome {
        Some(Outcome::Created(_)) => (ResponseOutcome::Created, None),
        Some(Outcome::Quarantined(_)) => (ResponseOutcome::Quarantined, None),
        Some(Outcome::AlreadyStored(_)) => (ResponseOutcome::AlreadyStored, None),
        Some(Outcome::Conflict) => (ResponseOutcome::Conflict, None),
        Some(Outcome::Refused(error)) if can_change(&error) => (ResponseOutcome::Deferred, Some(error)),
        Some(Outcome::Refused(error)) => (ResponseOutcome::Rejected, Some(error)),
        None => {
            let lost = Error::internal("an item of a batch has no outcome");
            lost.log();
            (ResponseOutcome::Deferred, Some(lost))
        }
    }
}

/// Returns whether the same item may be accepted later: a draft will be opened, and a service that failed may work again.
fn can_change(error: &Error) -> bool {
    error.code == Code::SurveyNotOpen || error.code.status().is_server_error()
}

/// Returns the errors of an item, with pointers from the root of the request: the first one always, others while there is
/// `room`.
fn field_errors(error: &Error, index: usize, lang: Lang, room: &mut usize) -> Vec<ProblemField> {
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
    let moved = |error: &FieldError| FieldError {
        pointer: at(&error.pointer),
        ..error.clone()
    };
    let errors: Vec<FieldError> = error.errors.iter().map(moved).collect();
    let (first, others) = errors.split_at(1);
    let first = first.iter().map(|error| ProblemField::of(error, lang));
    first.chain(listed(others, lang, room)).collect()
}

/// Returns the id as it was sent, also of an item that cannot be read.
fn id_of(item: &RawItem) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let id = item.glance::<Named>()?.id;
    (id.chars().count() <= LONGEST_ID && !id.contains('\0')).then_some(id)
}

/// Returns which of these answers are stored in a district that the actor sees.
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

    fn refused(error: Error) -> (ResponseOutcome, Vec<String>) {
        let (outcome, error) = told(Some(Outcome::Refused(error)));
        let errors = field_errors(&error.unwrap(), 3, Lang::En, &mut { MAX_FAULTS_BYTES });
        (outcome, errors.into_iter().map(|f| f.pointer).collect())
    }

    /// The phone must keep an item when the service failed.
    #[test]
    fn rejects_only_items_that_can_never_be_accepted() {
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
            assert_eq!(refused(error), (outcome, vec![pointer.to_owned()]));
        }
        assert_eq!(told(None).0, Deferred);
    }
}
