//! Reading held answers and deciding on them.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::held_discard_span::{Column as Discard, Entity as Discards};
use ::entity::held_response::{Column as C, Entity as HeldResponses};
use ::entity::{held_response, response, survey};

use super::dto::{
    HeldDecision, HeldDecisionRecord, HeldDecisionRecordPage, HeldResponse, HeldResponseFilter, HeldResponsePage,
    conflicting_content,
};
use super::query::{decided_at, show_as_at, waited_at, was_restored_by};
use super::restoring::{is_discarded, not_discarded, released, restore_all};
use crate::access::Actor;
use crate::facts::responses::dto::NewResponse;
use crate::facts::responses::flags::Flags;
use crate::facts::responses::query::stored as stored_answers;
use crate::facts::responses::quota;
use crate::facts::responses::row::{self, Receipt, to_row};
use crate::facts::responses::rules::{References, can_count, withdrawn, without_unknown};
use crate::facts::responses::submission::Acceptance;
use crate::facts::responses::tally::{self, Totals};
use crate::facts::responses::trail::{self, Change};
use crate::facts::surveys;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::db::{ReadTx, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::Paging;
use crate::platform::http::page::Keyset;

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &HeldResponseFilter,
    paging: &Paging,
) -> Result<HeldResponsePage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("held responses", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let query = HeldResponses::find()
        .filter(C::ReceivedAt.lte(at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.survey_id, |q, v| q.filter(C::SurveyId.eq(v)))
        .apply_if(filter.reason, |q, v| q.filter(C::Reason.eq(v.as_str())))
        .apply_if(filter.client_id, |q, v| q.filter(C::DeviceId.eq(v)))
        .apply_if(filter.decided, |q, v| {
            q.filter(if v { decided_at(at) } else { waited_at(at) })
        })
        .apply_if(filter.restored, |q, v| {
            let restored = was_restored_by(at);
            q.filter(if v { restored } else { restored.not() })
        })
        .apply_if(filter.flagged, |q, v| match v {
            true => q.filter(flagged()),
            false => q.filter(flagged().not()),
        });
    let keyset = Keyset::descending(vec![C::ReceivedAt, C::Id]);
    let mut page = request.fetch(conn, query, &keyset, at).await?;
    if request.snapshot_at().is_some() {
        show_as_at(conn, &mut page.rows, at).await?;
    }
    let quarantined = page.rows.iter().filter(|row| row.content.is_none());
    let quarantined = stored_answers(conn, quarantined.map(|row| row.response_id)).await?;
    page.try_map(|row| {
        let stored = quarantined.get(&row.response_id);
        HeldResponse::new(row, stored)
    })
}

/// Selects the held answers with a flag. A quarantined answer has the flags of the stored answer, which can get one later.
fn flagged() -> Condition {
    use response::{Column as R, Entity as Responses};
    let stored = Query::select()
        .expr(Expr::val(1))
        .from(Responses)
        .and_where(Expr::col((Responses, R::Id)).equals((HeldResponses, C::ResponseId)))
        .and_where(R::Flags.ne(0))
        .take();
    let conflicting = C::Content.is_not_null().and(C::Flags.ne(0));
    let quarantined = C::Content.is_null().and(Expr::exists(stored));
    Condition::any().add(conflicting).add(quarantined)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<HeldResponse, Error> {
    let row = visible(conn, actor, id).await?;
    view(conn, row).await
}

/// Decides on an answer that waits. The same decision again returns the decided answer, the other decision is a 409.
pub async fn decide(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    decision: HeldDecision,
    reason: String,
) -> Result<HeldResponse, Error> {
    let seen = visible(tx, actor, id).await?;
    ensure_may_decide(actor, &survey_of(tx, &seen).await?)?;
    if is_decided(&seen, decision)? {
        return view(tx, seen).await;
    }
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    // Another officer may have decided while this transaction waited for the stamp.
    let seen = visible(tx, actor, id).await?;
    let survey = survey_of(tx, &seen).await?;
    ensure_may_decide(actor, &survey)?;
    if is_decided(&seen, decision)? {
        return view(tx, seen).await;
    }
    quota::give_back_held(tx, stamp.at, [seen.device_id]).await?;
    let released_response_id = match decision {
        HeldDecision::Released => Some(release(tx, actor, stamp, &survey, &seen, &reason).await?),
        HeldDecision::Discarded => None,
    };
    let action = match decision {
        HeldDecision::Released => Action::Released,
        HeldDecision::Discarded => Action::Discarded,
    };
    let event = Event::new(Some(&seen.district_code), stamp.at, action, Resource::HeldResponse, id);
    tx.note(&actor.author(), event.because(Some(&reason)));
    let decided = held_response::Model {
        decision: Some(decision.to_string()),
        decided_at: Some(stamp.at),
        decided_by: Some(actor.username.clone()),
        decision_reason: Some(reason),
        released_response_id,
        ..seen
    };
    save(tx, &decided).await?;
    view(tx, decided).await
}

/// Takes a discard back: the answer waits for a decision again. Values of the time between do not change.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, reason: &str) -> Result<HeldResponse, Error> {
    let seen = visible(tx, actor, id).await?;
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    // Another officer may have restored it while this transaction waited for the stamp.
    let seen = visible(tx, actor, id).await?;
    ensure_may_decide(actor, &survey_of(tx, &seen).await?)?;
    if !is_discarded(&seen) {
        return Err(match seen.decision {
            Some(_) => released(),
            None => not_discarded(),
        });
    }
    restore_all(tx, stamp, &actor.author(), reason, &[seen]).await?;
    let restored = visible(tx, actor, id).await?;
    view(tx, restored).await
}

/// Lists the decisions on an answer, the oldest first.
pub async fn versions(
    conn: &ReadTx,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<HeldDecisionRecordPage, Error> {
    let mut row = [visible(conn, actor, id).await?];
    let request = paging.open(&("held response versions", id))?;
    let [held] = &row;
    let at = request.at(conn.latest(Some(&held.district_code)).await?);
    show_as_at(conn, &mut row, at).await?;
    let [held] = row;
    let earlier = Discards::find()
        .filter(Discard::HeldResponseId.eq(id))
        .filter(Discard::RestoredAt.lte(at));
    let keyset = Keyset::ascending(vec![Discard::DiscardedAt]);
    let last = HeldDecisionRecord::of(held)?;
    request
        .fetch_and_end(conn, earlier, &keyset, at, HeldDecisionRecord::from, last)
        .await
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<held_response::Model, Error> {
    let row = HeldResponses::find_by_id(id).one(conn).await?;
    let row = row.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

async fn view(conn: &impl ConnectionTrait, row: held_response::Model) -> Result<HeldResponse, Error> {
    let quarantined = stored_answers(conn, [row.response_id]).await?;
    let stored = quarantined.get(&row.response_id);
    HeldResponse::new(row, stored)
}

async fn survey_of(tx: &WriteTx, held: &held_response::Model) -> Result<survey::Model, Error> {
    let mut surveys = surveys::query::newest(tx, [held.survey_id]).await?;
    let survey = surveys.remove(&held.survey_id);
    survey.ok_or_else(|| Error::internal(format!("held response {} has no survey", held.id)))
}

fn ensure_may_decide(actor: &Actor, survey: &survey::Model) -> Result<(), Error> {
    actor.ensure_section(survey.section.parse()?)
}

/// Returns whether this decision was made before. 409 when the other decision was made.
fn is_decided(held: &held_response::Model, decision: HeldDecision) -> Result<bool, Error> {
    let made: Option<HeldDecision> = held.decision.as_deref().map(str::parse).transpose()?;
    match made {
        None => Ok(false),
        Some(made) if made == decision => Ok(true),
        Some(HeldDecision::Released) => Err(released()),
        Some(HeldDecision::Discarded) => Err(Error::new(Code::AlreadyDecided).detail(
            "Jawaban ini sudah dibuang. Pulihkan dahulu, lalu lepas.",
            "This answer was discarded. Restore it first, then release it.",
        )),
    }
}

/// Counts the answer from the stamp on, and returns its id.
async fn release(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    survey: &survey::Model,
    held: &held_response::Model,
    reason: &str,
) -> Result<Uuid, Error> {
    if survey.deleted {
        return Err(Error {
            code: Code::SurveyNotOpen,
            ..withdrawn()
        });
    }
    let answer = match conflicting_content(held)? {
        Some(content) => insert_conflicting(tx, stamp, survey, held, content).await?,
        None => count(tx, stamp, held.response_id).await?,
    };
    let released = Change {
        action: Action::Released,
        reason: Some(reason),
        begin: vec![&answer],
        end: Vec::new(),
    };
    trail::note(tx, &actor.author(), stamp, released).await?;
    let mut change = Totals::default();
    change.count(&answer);
    tally::apply(tx, stamp, &BTreeMap::from([(answer.survey_id, change)])).await?;
    Ok(answer.id)
}

/// Counts the quarantined answer from the stamp on, and returns it.
async fn count(tx: &WriteTx, stamp: Stamp, id: Uuid) -> Result<response::Model, Error> {
    let lost = || Error::internal(format!("answer {id} is not in quarantine"));
    let counted = response::Entity::update_many()
        .col_expr(response::Column::CountedFrom, Expr::value(stamp.at))
        .filter(response::Column::Id.eq(id))
        .filter(response::Column::CountedFrom.is_null())
        .exec(tx)
        .await?;
    if counted.rows_affected != 1 {
        return Err(lost());
    }
    stored_answers(tx, [id]).await?.remove(&id).ok_or_else(lost)
}

/// Inserts conflicting content as a new answer. It has not been validated before: 409 and 422 as for any answer.
async fn insert_conflicting(
    tx: &WriteTx,
    stamp: Stamp,
    survey: &survey::Model,
    held: &held_response::Model,
    content: NewResponse,
) -> Result<response::Model, Error> {
    can_count(survey, Acceptance::QuarantineClosed)?;
    let references = References::load(tx, [&content].into_iter()).await?;
    // Without pointers: the wrong fields are not in the body of this request.
    let (content, dropped) = without_unknown(&references, survey, content).map_err(|e| Error {
        errors: Vec::new(),
        ..e
    })?;
    let receipt = Receipt {
        received_at: held.received_at,
        flags: Flags::from_bits(held.flags).union(dropped),
        device_id: held.device_id,
        recorded_by: held.recorded_by.clone(),
    };
    let id = Uuid::now_v7();
    let answer = to_row(id, survey.id, content, &held.fingerprint, receipt, Some(stamp.at))?;
    row::insert(tx, [&answer]).await?;
    Ok(answer)
}

async fn save(tx: &WriteTx, decided: &held_response::Model) -> Result<(), Error> {
    HeldResponses::update_many()
        .col_expr(C::Decision, Expr::value(decided.decision.clone()))
        .col_expr(C::DecidedAt, Expr::value(decided.decided_at))
        .col_expr(C::DecidedBy, Expr::value(decided.decided_by.clone()))
        .col_expr(C::DecisionReason, Expr::value(decided.decision_reason.clone()))
        .col_expr(C::ReleasedResponseId, Expr::value(decided.released_response_id))
        .filter(C::Id.eq(decided.id))
        .exec(tx)
        .await?;
    Ok(())
}
