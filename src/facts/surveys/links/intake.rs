//! From the answers that a link's form sends to the intake of all answers.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use ::entity::survey_link;

use super::{query, slips};
use crate::access::{Actor, Role};
use crate::facts::responses::batch::dto::BatchOutcome;
use crate::facts::responses::batch::reading::ReadItem;
use crate::facts::responses::batch::service::Batch;
use crate::facts::responses::dto::ResponseMode;
use crate::facts::responses::flags::{Flags, ResponseFlag};
use crate::facts::responses::self_service::{RECORDER, SHORTEST};
use crate::facts::responses::{Acceptance, Submission, WriteQueue};
use crate::platform::db::Db;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Contract, RawItem};
use crate::platform::text::Lang;

/// The most answers of one request.
pub const MOST: usize = 20;

/// An answer of a form.
#[derive(Clone, Debug)]
pub struct FormAnswer {
    /// As an item of a batch.
    pub item: RawItem,
    /// When the service made the form; `None`: the form does not say, or says something else than the service did.
    pub started: Option<DateTime<Utc>>,
    /// How long the form was open by the phone's clock, in seconds; `None`: nothing measured it.
    pub seconds: Option<i64>,
    /// The code of a slip, as it was typed.
    pub slip: Option<String>,
}

/// What is known of an answer beside its content.
struct Terms {
    flags: Flags,
    /// The id of the slip that it was given with.
    slip: Option<Uuid>,
}

/// Stores answers of a link, or holds them. Returns one result for each, as a batch of a phone gets. 503 when the queue is full or
/// the database is unavailable.
pub async fn receive(
    db: &Db,
    queue: &WriteQueue,
    contract: &Contract,
    link: &survey_link::Model,
    (answers, sent_at): (Vec<FormAnswer>, Option<DateTime<Utc>>),
    lang: Lang,
) -> Result<BatchOutcome, Error> {
    let received_at = db.clock().now();
    let typed = || answers.iter().filter_map(|answer| answer.slip.as_deref());
    let known = match typed().next() {
        Some(_) => db.read_one(async |tx| slips::find(tx, link.id, typed()).await).await?,
        None => Vec::new(),
    };
    let terms_of = |answer: &FormAnswer| {
        let code = answer.slip.as_deref().and_then(query::ids_of);
        let slip = code.and_then(|(first, last)| known.iter().copied().find(|id| (first..=last).contains(id)));
        Terms {
            flags: Flags::default()
                .with(ResponseFlag::FilledFast, is_fast(answer, received_at))
                .with(ResponseFlag::NoSlip, link.slips_required && slip.is_none())
                .with(ResponseFlag::LinkEnded, !query::is_open(link, received_at)),
            slip,
        }
    };
    let terms: Vec<Terms> = answers.iter().map(terms_of).collect();
    let hourly_budget = u32::try_from(link.hourly_budget).or_internal()?;
    let sender = Arc::new(sender(link, received_at));
    let submit = |index: usize, answer: ReadItem| {
        let terms = terms
            .get(index)
            .ok_or_else(|| Error::internal("an answer has no terms"))?;
        let ReadItem { id, mut part, .. } = answer;
        part.content.mode = Some(ResponseMode::SelfService);
        part.flags = part.flags.union(terms.flags);
        let id = terms.slip.unwrap_or(id);
        let acceptance = Acceptance::QuarantineClosed;
        let answer = Submission::of_part(link.survey_id, id, part, Arc::clone(&sender), acceptance)?;
        let answer = answer.under_link(hourly_budget);
        Ok(match sent_at {
            Some(instant) => answer.sent_at(instant),
            None => answer,
        })
    };
    let items = answers.into_iter().map(|answer| answer.item).collect();
    let prepare = |answer: ReadItem| answer.without_mode(|_| true);
    let (batch, submissions) = Batch::read(items, contract, received_at, prepare, submit);
    let outcomes = queue.receive(submissions).await?;
    Ok(batch.respond(received_at, outcomes, lang))
}

/// Returns whether nobody can have read the questions in this time.
fn is_fast(answer: &FormAnswer, received_at: DateTime<Utc>) -> bool {
    let open_for = answer.started.map(|started| received_at - started);
    open_for.is_none_or(|time| time < TimeDelta::seconds(SHORTEST))
        || answer.seconds.is_some_and(|seconds| seconds < SHORTEST)
}

/// The link in the place of a phone.
fn sender(link: &survey_link::Model, now: DateTime<Utc>) -> Actor {
    Actor {
        id: link.id,
        username: RECORDER.to_owned(),
        role: Role::Surveyor,
        district: Some(link.district_code.clone()),
        sections: Vec::new(),
        village: None,
        scopes: Vec::new(),
        session: None,
        token_id: None,
        client_id: None,
        authenticated_at: now,
    }
}
