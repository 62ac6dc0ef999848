//! From a batch to submissions, and from their outcomes to its results.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use uuid::Uuid;

use ::entity::response;

use super::dto::{BatchOutcome, BatchResult, BatchSummary, ResponseBatch, ResponseOutcome, ResponseStatus};
use super::reading::{self, ReadItem};
use crate::access::permissions::{Permission, ResponsesWrite};
use crate::access::{Actor, Role};
use crate::facts::responses::dto::ResponseMode;
use crate::facts::responses::query;
use crate::facts::responses::submission::{Acceptance, Outcome, Submission};
use crate::facts::surveys;
use crate::platform::error::{Code, Error, FieldError, FieldErrorCode};
use crate::platform::http::problem::listed;
use crate::platform::http::{Contract, RawItem};
use crate::platform::text::Lang;

/// The longest id that a result repeats; a UUID has 36 characters.
const LONGEST_ID: usize = 36;

/// The most errors that one result lists.
const MAX_ERRORS: usize = 20;

/// The most bytes that the errors of all rejected items take as JSON. The results of 500 items take 49 KiB without them, so
/// the response to a batch of wrong items has at most 64 KiB.
const MAX_ERRORS_BYTES: usize = 14 * 1024;

/// The most bytes of the pointers of all members that were left out.
const MAX_IGNORED_BYTES: usize = 16 * 1024;

/// Scores that are enough in a survey without inactive elements (DOMAIN section 4).
const ENOUGH_SCORES: usize = 5;

/// A batch whose items have been read.
#[derive(Debug)]
pub struct Batch {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    id: Option<String>,
    /// `Err`: the item can never be an answer.
    read: Result<Sent, Refusal>,
}

/// What an item had when it was sent.
#[derive(Debug)]
struct Sent {
    scores: usize,
    /// The members that have been left out, as pointers from the item.
    ignored: Vec<String>,
    has_service: bool,
    has_village: bool,
    has_gender: bool,
    has_education: bool,
    has_occupation: bool,
}

impl Sent {
    fn of(item: &ReadItem) -> Self {
        let content = &item.part.content;
        let respondent = content.respondent.as_ref();
        Self {
            scores: content.answers.answered().count(),
            ignored: item.ignored.clone(),
            has_service: content.service.is_some(),
            has_village: content.village_code.is_some(),
            has_gender: respondent.is_some_and(|r| r.gender.is_some()),
            has_education: respondent.is_some_and(|r| r.education.is_some()),
            has_occupation: respondent.is_some_and(|r| r.occupation.is_some()),
        }
    }

    /// Adds what the stored answer lacks.
    fn ignored_in(mut self, row: &response::Model) -> Vec<String> {
        for (was_sent, is_absent, pointer) in [
            (self.has_service, row.service.is_none(), "/service"),
            (self.has_village, row.village_code.is_none(), "/village_code"),
            (self.has_gender, row.gender.is_none(), "/respondent/gender"),
            (self.has_education, row.education.is_none(), "/respondent/education"),
            (self.has_occupation, row.occupation.is_none(), "/respondent/occupation"),
        ] {
            if was_sent && is_absent {
                self.ignored.push(pointer.to_owned());
            }
        }
        self.ignored
    }
}

/// Why an item is not stored: its first errors, with pointers from the root of the request, and the number of the others.
#[derive(Debug)]
struct Refusal {
    can_change: bool,
    errors: Vec<FieldError>,
    more: usize,
}

impl Batch {
    /// Reads each item. Returns also the items that can be stored, in their order.
    pub fn open(
        actor: &Actor,
        batch: ResponseBatch,
        contract: &Contract,
        received_at: DateTime<Utc>,
    ) -> (Self, Vec<Submission>) {
        let ResponseBatch { sent_at, items } = batch;
        let acceptance = if actor.scopes.contains(&ResponsesWrite::SCOPE) {
            Acceptance::QuarantineClosed
        } else {
            Acceptance::AlwaysQuarantine
        };
        let sender = Arc::new(actor.clone());
        let is_phone = sender.role == Role::Surveyor;
        let is_wrong = |mode| mode == ResponseMode::SelfService || (is_phone && mode == ResponseMode::Paper);
        let submit = |_, answer: ReadItem| {
            let ReadItem {
                survey_id, id, part, ..
            } = answer;
            let answer = Submission::of_part(survey_id, id, part, Arc::clone(&sender), acceptance)?;
            Ok(answer.sent_at(sent_at))
        };
        let prepare = |answer: ReadItem| answer.without_mode(is_wrong);
        Self::read(items, contract, received_at, prepare, submit)
    }

    /// Reads each item, and makes a submission of each that can be stored; `submit` gets also its place in the batch.
    pub fn read(
        items: Vec<RawItem>,
        contract: &Contract,
        received_at: DateTime<Utc>,
        prepare: impl Fn(ReadItem) -> ReadItem,
        submit: impl Fn(usize, ReadItem) -> Result<Submission, Error>,
    ) -> (Self, Vec<Submission>) {
        let mut submissions = Vec::with_capacity(items.len());
        let read = |(index, item): (usize, RawItem)| {
            let id = id_of(&item);
            let read = reading::read(&item, contract, received_at).and_then(|answer| {
                let answer = prepare(answer);
                let sent = Sent::of(&answer);
                submissions.push(submit(index, answer)?);
                Ok(sent)
            });
            let read = read.map_err(|error| Refusal::of(&error, index, 0));
            Item { id, read }
        };
        let items = items.into_iter().enumerate().map(read).collect();
        (Self { items }, submissions)
    }

    /// Returns the results of all items. `outcomes` are those of the items that could be stored.
    pub fn respond(self, received_at: DateTime<Utc>, outcomes: Vec<Outcome>, lang: Lang) -> BatchOutcome {
        let mut outcomes = outcomes.into_iter();
        let mut summary = BatchSummary::default();
        let mut refusals = Vec::new();
        let mut results = Vec::with_capacity(self.items.len());
        let mut room = MAX_IGNORED_BYTES;
        for (index, Item { id, read }) in self.items.into_iter().enumerate() {
            let (outcome, refusal, ignored) = match read {
                Ok(sent) => outcome_of(outcomes.next(), index, sent),
                Err(refusal) => (refusal.outcome(), Some(refusal), Vec::new()),
            };
            let (ignored, more_ignored) = named(ignored, index, &mut room);
            summary.count(outcome);
            refusals.extend(refusal.map(|refusal| (index, refusal)));
            results.push(BatchResult {
                index,
                id,
                outcome,
                errors: Vec::new(),
                more_errors: None,
                ignored,
                more_ignored,
            });
        }
        add_errors(&mut results, &refusals, lang);
        BatchOutcome {
            received_at,
            summary,
            results,
        }
    }
}

/// Adds the errors to the results: always to deferred items; to rejected items the first error of each before the others of
/// any, until the response is full.
fn add_errors(results: &mut [BatchResult], refusals: &[(usize, Refusal)], lang: Lang) {
    let mut room = MAX_ERRORS_BYTES;
    for is_first in [true, false] {
        for (index, refusal) in refusals {
            let Some(result) = results.get_mut(*index) else {
                continue;
            };
            let (first, others) = refusal.errors.split_at(refusal.errors.len().min(1));
            let errors = if is_first { first } else { others };
            let listed = match refusal.can_change {
                true => listed(errors, lang, &mut { usize::MAX }),
                false => listed(errors, lang, &mut room),
            };
            result.errors.extend(listed);
        }
    }
    for (index, refusal) in refusals {
        if let Some(result) = results.get_mut(*index) {
            let more = refusal.errors.len() - result.errors.len() + refusal.more;
            result.more_errors = (more > 0).then_some(more);
        }
    }
}

/// Returns the pointers from the root of the request, as far as there is room, and the number of the others.
fn named(ignored: Vec<String>, index: usize, room: &mut usize) -> (Vec<String>, Option<usize>) {
    let all = ignored.len();
    let pointers = ignored
        .into_iter()
        .take(MAX_ERRORS)
        .map(|member| format!("#/items/{index}{member}"));
    let fits = |pointer: &String| {
        // With its quotation marks, the comma, and escapes of up to six bytes for each.
        let size = pointer.escape_default().count() + 3;
        *room = room.saturating_sub(size);
        *room > 0
    };
    let pointers: Vec<String> = pointers.take_while(fits).collect();
    let more = all - pointers.len();
    (pointers, (more > 0).then_some(more))
}

/// Returns the phone's status for an answer, the reason why it was not stored, and the members that were left out.
fn outcome_of(outcome: Option<Outcome>, index: usize, sent: Sent) -> (ResponseOutcome, Option<Refusal>, Vec<String>) {
    let scores = sent.scores;
    let refused = |error: &Error| {
        let refusal = Refusal::of(error, index, scores);
        (refusal.outcome(), Some(refusal), Vec::new())
    };
    match outcome {
        Some(Outcome::Created(row)) => (ResponseOutcome::Created, None, sent.ignored_in(&row)),
        Some(Outcome::Quarantined(row)) => (ResponseOutcome::Quarantined, None, sent.ignored_in(&row)),
        Some(Outcome::AlreadyStored(row)) => (ResponseOutcome::AlreadyStored, None, sent.ignored_in(&row)),
        Some(Outcome::Conflict) => (ResponseOutcome::Conflict, None, sent.ignored),
        Some(Outcome::Refused(error)) => refused(&error),
        None => {
            let lost = Error::internal("an item of a batch has no outcome");
            lost.log();
            refused(&lost)
        }
    }
}

/// Returns whether the same item may be accepted later: a draft may be opened, a survey entered, restored or moved to the
/// sender's section, an element made active again, a quota may have room again, and a failed service may recover.
fn can_change(error: &Error, scores: usize) -> bool {
    match error.code {
        Code::NotFound | Code::WrongSection | Code::SurveyNotOpen | Code::DeviceQuota => true,
        Code::TooFewAnswers => scores >= ENOUGH_SCORES,
        code => code.status().is_server_error(),
    }
}

impl Refusal {
    fn of(error: &Error, index: usize, scores: usize) -> Self {
        let at = |pointer: &str| {
            format!(
                "#/items/{index}{}",
                pointer.trim_start_matches('#').trim_end_matches('/')
            )
        };
        let errors = if error.errors.is_empty() {
            let pointer = match error.code {
                Code::NotFound | Code::WrongSection | Code::SurveyNotOpen => at("#/survey_id"),
                _ => at("#"),
            };
            let detail = error.detail.clone().unwrap_or_else(|| error.code.title());
            let code = FieldErrorCode::Problem(error.code);
            vec![FieldError { pointer, code, detail }]
        } else {
            let moved = |error: &FieldError| FieldError {
                pointer: at(&error.pointer),
                ..error.clone()
            };
            error.errors.iter().take(MAX_ERRORS).map(moved).collect()
        };
        Self {
            can_change: can_change(error, scores),
            more: error.errors.len().saturating_sub(MAX_ERRORS),
            errors,
        }
    }

    fn outcome(&self) -> ResponseOutcome {
        match self.can_change {
            true => ResponseOutcome::Deferred,
            false => ResponseOutcome::Rejected,
        }
    }
}

/// Returns the id as it was sent, also of an item that cannot be read.
fn id_of(item: &RawItem) -> Option<String> {
    #[derive(Deserialize)]
    struct WithId {
        id: String,
    }
    let id = item.read_partially::<WithId>()?.id;
    let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_plain && (1..=LONGEST_ID).contains(&id.len())).then_some(id)
}

/// Returns which of these answers are stored in a district that the actor sees.
pub async fn status(conn: &impl ConnectionTrait, actor: &Actor, ids: &[Uuid]) -> Result<Vec<ResponseStatus>, Error> {
    let stored = query::surveys_of(conn, ids).await?;
    let surveys = surveys::query::newest(conn, stored.values().copied()).await?;
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

    fn sent(scores: usize) -> Sent {
        Sent {
            scores,
            ignored: Vec::new(),
            has_service: true,
            has_village: false,
            has_gender: false,
            has_education: false,
            has_occupation: false,
        }
    }

    fn refused(error: Error) -> (ResponseOutcome, Vec<String>) {
        let (outcome, refusal, _) = outcome_of(Some(Outcome::Refused(error)), 3, sent(4));
        let errors = refusal.unwrap().errors;
        (outcome, errors.into_iter().map(|f| f.pointer).collect())
    }

    /// A failure of the service must be `deferred`, so that the phone keeps the item.
    #[test]
    fn rejects_only_items_that_can_never_be_accepted() {
        use ResponseOutcome::{Deferred, Rejected};
        for (error, outcome, pointer) in [
            (Error::unavailable(), Deferred, "#/items/3"),
            (Error::internal("a test"), Deferred, "#/items/3"),
            (Error::new(Code::SurveyNotOpen), Deferred, "#/items/3/survey_id"),
            (Error::new(Code::DeviceQuota), Deferred, "#/items/3"),
            (Error::not_found(), Deferred, "#/items/3/survey_id"),
            (Error::new(Code::WrongSection), Deferred, "#/items/3/survey_id"),
            (Error::new(Code::InvalidBody).at("#/"), Rejected, "#/items/3"),
            (
                Error::new(Code::TooFewAnswers).at("#/answers"),
                Rejected,
                "#/items/3/answers",
            ),
        ] {
            assert_eq!(refused(error), (outcome, vec![pointer.to_owned()]));
        }
        assert_eq!(outcome_of(None, 0, sent(9)).0, Deferred);
        let few = Error::new(Code::TooFewAnswers).at("#/answers");
        assert_eq!(outcome_of(Some(Outcome::Refused(few)), 0, sent(5)).0, Deferred);
    }
}
