//! Deciding on many answers in one transaction, and recording the decision.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
};
use serde::Serialize;
use uuid::Uuid;

use ::entity::bulk_decision::{Column as B, Entity as BulkDecisions, Model};
use ::entity::held_response::{Column as Held, Entity as HeldResponses};
use ::entity::response::{self, Column as C, Entity as Responses};

use super::dto::{
    BulkDecision, BulkDecisionFilter, BulkDecisionPage, BulkVoid, BulkVoidFilter, BulkVoidPage, NewBulkDecision,
    NewBulkVoid, VOIDED,
};
use crate::access::Actor;
use crate::facts::responses::lifecycle::{ANSWERS_PER_STATEMENT, ensure_is_no_phone};
use crate::facts::responses::quarantine::dto::{HeldDecision, HeldReason};
use crate::facts::responses::tally::{self, Totals, counted_at};
use crate::facts::responses::trail::{self, Change};
use crate::facts::responses::{query, quota};
use crate::facts::surveys;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::db::versions::Created;
use crate::platform::db::{ReadTx, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::http::page::{Keyset, PageRows};
use crate::platform::http::{DistrictCode, Paging};

/// The most answers of one decision. Phones of the district wait for its end.
const LARGEST: usize = 10_000;

/// A table of answers that are decided on.
trait AnswerTable: EntityTrait {
    const ID: Self::Column;
    const RESPONSE_ID: Self::Column;
    const SURVEY_ID: Self::Column;
    const DEVICE_ID: Self::Column;
    const RECEIVED_AT: Self::Column;
}

impl AnswerTable for HeldResponses {
    const ID: Held = Held::Id;
    const RESPONSE_ID: Held = Held::ResponseId;
    const SURVEY_ID: Held = Held::SurveyId;
    const DEVICE_ID: Held = Held::DeviceId;
    const RECEIVED_AT: Held = Held::ReceivedAt;
}

impl AnswerTable for Responses {
    const ID: C = C::Id;
    const RESPONSE_ID: C = C::Id;
    const SURVEY_ID: C = C::SurveyId;
    const DEVICE_ID: C = C::DeviceId;
    const RECEIVED_AT: C = C::ReceivedAt;
}

/// An answer to decide on. `id` and `response_id` differ for a held answer.
#[derive(Debug, FromQueryResult)]
struct Candidate {
    id: Uuid,
    response_id: Uuid,
    device_id: Option<Uuid>,
}

/// A request whose answers were found.
enum Begun {
    /// It was decided before.
    Repeated(Model),
    New(Model, Stamp, Vec<Candidate>),
}

/// Releases or discards the held answers that match and wait for a decision.
pub async fn decide(tx: &WriteTx, actor: &Actor, new: NewBulkDecision) -> Result<Created<BulkDecision>, Error> {
    if new.survey_id.is_none() && new.client_id.is_none() {
        return Err(Error::rule(
            "#/survey_id",
            "Sebutkan survei, ponsel, atau keduanya.",
            "Name a survey, a device, or both.",
        ));
    }
    let is_release = new.decision == HeldDecision::Released;
    if is_release && new.held_reason == Some(HeldReason::IdConflict) {
        return Err(Error::rule(
            "#/held_reason",
            "Jawaban dengan id_conflict dilepas satu per satu.",
            "Answers with an id_conflict are released one by one.",
        ));
    }
    let row = new.into_row()?;
    let mut waiting = Condition::all().add(Held::Decision.is_null());
    waiting = waiting.add_option(row.held_reason.as_deref().map(|reason| Held::Reason.eq(reason)));
    if is_release {
        waiting = waiting.add(Held::Reason.ne(HeldReason::IdConflict.as_str()));
    }
    let (row, stamp, answers) = match begin::<HeldResponses>(tx, actor, row, waiting).await? {
        Begun::Repeated(row) => return Ok(Created::Existing(row.try_into()?)),
        Begun::New(row, stamp, answers) => (row, stamp, answers),
    };
    let mut decision = HeldResponses::update_many()
        .col_expr(Held::Decision, Expr::value(row.kind.as_str()))
        .col_expr(Held::DecidedAt, Expr::value(stamp.at))
        .col_expr(Held::DecidedBy, Expr::value(row.recorded_by.as_str()))
        .col_expr(Held::DecisionReason, Expr::value(row.reason.as_str()));
    if is_release {
        decision = decision.col_expr(Held::ReleasedResponseId, Expr::col(Held::ResponseId));
    }
    update(tx, decision, answers.iter().map(|answer| answer.id)).await?;
    quota::give_back_held(tx, stamp.at, answers.iter().map(|answer| answer.device_id)).await?;
    if is_release {
        let count = Responses::update_many().col_expr(C::CountedFrom, Expr::value(stamp.at));
        let count = count.filter(C::CountedFrom.is_null());
        let released = change(tx, count, &answers).await?;
        trail::note(
            tx,
            &actor.author(),
            stamp,
            Change {
                action: Action::Released,
                reason: Some(&row.reason),
                begin: released.iter().collect(),
                end: Vec::new(),
            },
        )
        .await?;
        tally::apply(tx, stamp, &totals(&released)).await?;
    }
    let action = if is_release {
        Action::Released
    } else {
        Action::Discarded
    };
    note_decision(tx, actor, action, Resource::HeldResponse, &row);
    Ok(Created::New(row.try_into()?))
}

/// Voids the answers of a device that match and count.
pub async fn void(tx: &WriteTx, actor: &Actor, new: NewBulkVoid) -> Result<Created<BulkVoid>, Error> {
    ensure_is_no_phone(actor)?;
    let (row, stamp, answers) = match begin::<Responses>(tx, actor, new.into_row()?, counted_at(None)).await? {
        Begun::Repeated(row) => return Ok(Created::Existing(row.try_into()?)),
        Begun::New(row, stamp, answers) => (row, stamp, answers),
    };
    let void = Responses::update_many()
        .col_expr(C::CountedUntil, Expr::value(stamp.at))
        .col_expr(C::VoidReason, Expr::value(row.reason.as_str()))
        .col_expr(C::VoidedBy, Expr::value(row.recorded_by.as_str()))
        .filter(C::CountedUntil.is_null());
    let voided = change(tx, void, &answers).await?;
    trail::note(
        tx,
        &actor.author(),
        stamp,
        Change {
            action: Action::Voided,
            reason: Some(&row.reason),
            begin: Vec::new(),
            end: voided.iter().collect(),
        },
    )
    .await?;
    let changes = totals(&voided)
        .into_iter()
        .map(|(survey, totals)| (survey, totals.negated()));
    tally::apply(tx, stamp, &changes.collect()).await?;
    Ok(Created::New(row.try_into()?))
}

pub async fn list_decisions(
    conn: &ReadTx,
    actor: &Actor,
    filter: &BulkDecisionFilter,
    paging: &Paging,
) -> Result<BulkDecisionPage, Error> {
    let matching = Condition::all()
        .add(B::Kind.ne(VOIDED))
        .add_option(filter.decision.map(|decision| B::Kind.eq(decision.as_str())))
        .add_option(filter.survey_id.map(|id| B::SurveyId.eq(id)))
        .add_option(filter.client_id.map(|id| B::DeviceId.eq(id)));
    let binding = ("held decisions", filter);
    let page = list(conn, actor, &filter.district_code, matching, paging, &binding).await?;
    page.try_map(BulkDecision::try_from)
}

pub async fn list_voids(
    conn: &ReadTx,
    actor: &Actor,
    filter: &BulkVoidFilter,
    paging: &Paging,
) -> Result<BulkVoidPage, Error> {
    let matching = Condition::all()
        .add(B::Kind.eq(VOIDED))
        .add_option(filter.survey_id.map(|id| B::SurveyId.eq(id)))
        .add_option(filter.client_id.map(|id| B::DeviceId.eq(id)));
    let binding = ("response voids", filter);
    let page = list(conn, actor, &filter.district_code, matching, paging, &binding).await?;
    page.try_map(BulkVoid::try_from)
}

/// Reads a page of decisions, the newest first, without the restorations after its instant.
async fn list(
    conn: &ReadTx,
    actor: &Actor,
    district: &Option<DistrictCode>,
    matching: Condition,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<Model>, Error> {
    let district = actor.scope_district(district.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&(binding, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let query = BulkDecisions::find()
        .filter(matching)
        .filter(B::RecordedAt.lte(at))
        .apply_if(district, |q, v| q.filter(B::DistrictCode.eq(v)));
    let keyset = Keyset::descending(vec![B::RecordedAt, B::Id]);
    let mut page = request.fetch(conn, query, &keyset, at).await?;
    for row in &mut page.rows {
        if row.restored_at.is_some_and(|restored| restored > at) {
            (row.restored_at, row.restored_by) = (None, None);
            (row.restore_reason, row.restored_answers) = (None, None);
        }
    }
    Ok(page)
}

pub async fn get_decision(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<BulkDecision, Error> {
    let row = visible(conn, actor, id).await?;
    row.filter(|row| row.kind != VOIDED)
        .ok_or_else(Error::not_found)?
        .try_into()
}

pub async fn get_void(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<BulkVoid, Error> {
    let row = visible(conn, actor, id).await?;
    row.filter(|row| row.kind == VOIDED)
        .ok_or_else(Error::not_found)?
        .try_into()
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Option<Model>, Error> {
    let row = BulkDecisions::find_by_id(id).one(conn).await?;
    Ok(row.filter(|row| actor.can_see(&row.district_code)))
}

/// Stamps the district, finds its oldest answers that match, and records the decision on them. Of several districts, which
/// only a caller of the regency sees, the first is taken.
async fn begin<E: AnswerTable>(tx: &WriteTx, actor: &Actor, row: Model, open: Condition) -> Result<Begun, Error> {
    if let Some(before) = repeated(tx, actor, &row).await? {
        return Ok(Begun::Repeated(before));
    }
    let matching = open
        .add_option(row.survey_id.map(|id| E::SURVEY_ID.eq(id)))
        .add_option(row.device_id.map(|id| E::DEVICE_ID.eq(id)))
        .add_option(row.received_from.map(|t| E::RECEIVED_AT.gte(t)))
        .add_option(row.received_to.map(|t| E::RECEIVED_AT.lte(t)));
    let surveys: Vec<Uuid> = match row.survey_id {
        Some(id) => vec![id],
        None => {
            let surveys = E::find().select_only().column(E::SURVEY_ID).distinct();
            surveys.filter(matching.clone()).into_tuple().all(tx).await?
        }
    };
    let found = surveys::query::current(tx, surveys.iter().copied()).await?;
    let districts = found.into_values().map(|survey| survey.district_code);
    let districts: BTreeSet<String> = districts.filter(|district| actor.can_see(district)).collect();
    let stamped = match districts.first() {
        Some(district) => Some((district, stamps::stamp(tx, &[district], Stream::Surveys).await?)),
        None => None,
    };
    // The same request may have decided meanwhile.
    if let Some(before) = repeated(tx, actor, &row).await? {
        return Ok(Begun::Repeated(before));
    }
    let Some((district, stamp)) = stamped else {
        return Err(match row.survey_id {
            Some(id) => Error::unknown_reference("#/survey_id", id),
            None => nothing_matches(),
        });
    };
    let mut here = surveys::query::current(tx, surveys).await?;
    here.retain(|_, survey| survey.district_code == *district);
    for survey in here.values() {
        actor.ensure_section(survey.section.parse()?)?;
    }
    let mut answers: Vec<Candidate> = E::find()
        .select_only()
        .column_as(E::ID, "id")
        .column_as(E::RESPONSE_ID, "response_id")
        .column_as(E::DEVICE_ID, "device_id")
        .filter(matching)
        .filter(E::SURVEY_ID.is_in(here.into_keys()))
        .order_by_asc(E::RECEIVED_AT)
        .order_by_asc(E::ID)
        .limit(LARGEST as u64 + 1)
        .into_model()
        .all(tx)
        .await?;
    if answers.is_empty() {
        return Err(nothing_matches());
    }
    let has_more = answers.len() > LARGEST || districts.len() > 1;
    answers.truncate(LARGEST);
    let row = Model {
        district_code: district.clone(),
        answers: i64::try_from(answers.len()).or_internal()?,
        has_more,
        recorded_at: stamp.at,
        recorded_by: actor.username.clone(),
        ..row
    };
    let active = row.clone().into_active_model().reset_all();
    BulkDecisions::insert(active).exec_without_returning(tx).await?;
    Ok(Begun::New(row, stamp, answers))
}

/// Returns the recorded decision when this request is a retry; 409 for an id that another request has taken.
async fn repeated(tx: &WriteTx, actor: &Actor, asked: &Model) -> Result<Option<Model>, Error> {
    let Some(before) = BulkDecisions::find_by_id(asked.id).one(tx).await? else {
        return Ok(None);
    };
    if before.fingerprint == asked.fingerprint && actor.can_see(&before.district_code) {
        return Ok(Some(before));
    }
    Err(Error::new(Code::IdConflict).at("#/id"))
}

fn nothing_matches() -> Error {
    Error::new(Code::RuleBroken).detail(
        "Tidak ada jawaban yang cocok. Periksa ponsel, survei, alasan, dan rentang waktunya.",
        "No answer matches. Check the device, the survey, the reason and the span of time.",
    )
}

/// Updates the rows with these ids, many in a statement.
async fn update<E: AnswerTable>(
    tx: &WriteTx,
    update: UpdateMany<E>,
    ids: impl Iterator<Item = Uuid>,
) -> Result<(), Error> {
    let ids: Vec<Uuid> = ids.collect();
    let mut updated = 0;
    for chunk in ids.chunks(ANSWERS_PER_STATEMENT) {
        let update = update.clone().filter(E::ID.is_in(chunk.iter().copied()));
        updated += update.exec(tx).await?.rows_affected;
    }
    if updated == ids.len() as u64 {
        return Ok(());
    }
    Err(Error::internal(format!(
        "{updated} of {} answers were decided on",
        ids.len()
    )))
}

/// Notes a decision on many held answers.
fn note_decision(tx: &WriteTx, actor: &Actor, action: Action, resource: Resource, row: &Model) {
    let event = Event::new(Some(&row.district_code), row.recorded_at, action, resource, row.id);
    let event = Event {
        count: Some(row.answers),
        ..event.because(Some(&row.reason))
    };
    tx.note(&actor.author(), event);
}

/// Returns the totals of answers by survey.
fn totals(answers: &[response::Model]) -> BTreeMap<Uuid, Totals> {
    let mut totals: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for row in answers {
        totals.entry(row.survey_id).or_default().count(row);
    }
    totals
}

/// Updates the answers themselves, and returns them.
async fn change(
    tx: &WriteTx,
    update_answers: UpdateMany<Responses>,
    answers: &[Candidate],
) -> Result<Vec<response::Model>, Error> {
    update(tx, update_answers, answers.iter().map(|answer| answer.response_id)).await?;
    let mut changed = Vec::with_capacity(answers.len());
    for chunk in answers.chunks(ANSWERS_PER_STATEMENT) {
        let stored = query::stored(tx, chunk.iter().map(|answer| answer.response_id)).await?;
        changed.extend(stored.into_values());
    }
    Ok(changed)
}
