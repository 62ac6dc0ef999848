//! The rules of deciding on a held answer.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::{held_response, response, survey};

use super::dto::{HeldDecision, HeldResponse, HeldResponseFilter, HeldResponsePage, kept_aside};
use super::query;
use crate::access::Actor;
use crate::facts::responses::dto::NewResponse;
use crate::facts::responses::row::{Receipt, row};
use crate::facts::responses::store::{self, Terms};
use crate::facts::responses::tally::{self, Change};
use crate::facts::{responses, surveys};
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::Paging;

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &HeldResponseFilter,
    paging: &Paging,
) -> Result<HeldResponsePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("held responses", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let page = query::page(conn, district, filter, &wanted, at).await?;
    let quarantined = page.rows.iter().filter(|row| row.content.is_none());
    let quarantined = responses::query::stored(conn, quarantined.map(|row| row.response_id)).await?;
    page.try_map(|row| {
        let stored = quarantined.get(&row.response_id);
        HeldResponse::of(row, stored)
    })
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<HeldResponse, Error> {
    let row = visible(conn, actor, id).await?;
    shown(conn, row).await
}

/// Decides, once: the same decision again answers what was decided, another one is a 409.
pub async fn decide(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    decision: HeldDecision,
    reason: String,
) -> Result<HeldResponse, Error> {
    let seen = visible(tx, actor, id).await?;
    must_decide_for(actor, &survey_of(tx, &seen).await?)?;
    if was_made(&seen, decision)? {
        return shown(tx, seen).await;
    }
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    // Another officer may have decided while this one waited for the stamp.
    let seen = visible(tx, actor, id).await?;
    let survey = survey_of(tx, &seen).await?;
    must_decide_for(actor, &survey)?;
    if was_made(&seen, decision)? {
        return shown(tx, seen).await;
    }
    let released_response_id = match decision {
        HeldDecision::Released => Some(release(tx, stamp, &survey, &seen).await?),
        HeldDecision::Discarded => None,
    };
    let decided = held_response::Model {
        decision: Some(decision.to_string()),
        decided_at: Some(stamp.at),
        decided_by: Some(actor.username.clone()),
        decision_reason: Some(reason),
        released_response_id,
        ..seen
    };
    write_down(tx, &decided).await?;
    shown(tx, decided).await
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<held_response::Model, Error> {
    let row = query::find(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

async fn shown(conn: &impl ConnectionTrait, row: held_response::Model) -> Result<HeldResponse, Error> {
    let quarantined = responses::query::stored(conn, [row.response_id]).await?;
    let stored = quarantined.get(&row.response_id);
    HeldResponse::of(row, stored)
}

async fn survey_of(tx: &WriteTx, held: &held_response::Model) -> Result<survey::Model, Error> {
    let survey = surveys::query::find(tx, held.survey_id, None).await?;
    survey.ok_or_else(|| Error::internal(format!("held response {} has no survey", held.id)))
}

fn must_decide_for(actor: &Actor, survey: &survey::Model) -> Result<(), Error> {
    actor.ensure_section(survey.section.parse()?)
}

/// Was this very decision made before? 409 when it was the other one.
fn was_made(held: &held_response::Model, decision: HeldDecision) -> Result<bool, Error> {
    let made: Option<HeldDecision> = held.decision.as_deref().map(str::parse).transpose()?;
    match made {
        None => Ok(false),
        Some(made) if made == decision => Ok(true),
        Some(HeldDecision::Released) => Err(Error::new(Code::AlreadyDecided).detail(
            "Jawaban ini sudah dilepas dan ikut dihitung. Batalkan jawabannya bila ternyata salah.",
            "This answer was released and counts. Void the answer if it is false.",
        )),
        Some(HeldDecision::Discarded) => Err(Error::new(Code::AlreadyDecided).detail(
            "Jawaban ini sudah dibuang dan tidak dapat dilepas lagi.",
            "This answer was discarded and cannot be released any more.",
        )),
    }
}

/// Counts the answer from the stamp on; answers its id.
async fn release(
    tx: &WriteTx,
    stamp: Stamp,
    survey: &survey::Model,
    held: &held_response::Model,
) -> Result<Uuid, Error> {
    let answer = match kept_aside(held)? {
        Some(content) => admit(tx, stamp, survey, held, content).await?,
        None => count(tx, stamp, held.response_id).await?,
    };
    let mut change = Change::default();
    change.add(&answer);
    tally::apply(tx, stamp, &BTreeMap::from([(answer.survey_id, change)])).await?;
    Ok(answer.id)
}

/// The quarantined answer, counted from the stamp on.
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
    responses::query::stored(tx, [id]).await?.remove(&id).ok_or_else(lost)
}

/// The content that was kept aside, as an answer of its own. It has not been judged before: 409 and 422 as for any other.
async fn admit(
    tx: &WriteTx,
    stamp: Stamp,
    survey: &survey::Model,
    held: &held_response::Model,
    content: NewResponse,
) -> Result<response::Model, Error> {
    store::must_take_answers(survey, Terms::CountOrQuarantine)?;
    let village = content.village_code.as_ref().map(|code| code.as_str());
    let villages = responses::query::villages(tx, village).await?;
    let judged = store::must_be_whole(&villages, survey, &content);
    // The faults are not in the body of this request: no pointers.
    judged.map_err(|e| Error {
        errors: Vec::new(),
        ..e
    })?;
    let receipt = Receipt {
        received_at: held.received_at,
        clock_flag: held.clock_flag,
        device_id: held.device_id,
        recorded_by: held.recorded_by.clone(),
    };
    let id = Uuid::now_v7();
    let answer = row(id, survey.id, content, &held.fingerprint, receipt, Some(stamp.at))?;
    store::insert(tx, [&answer]).await?;
    Ok(answer)
}

async fn write_down(tx: &WriteTx, decided: &held_response::Model) -> Result<(), Error> {
    use held_response::Column as C;
    held_response::Entity::update_many()
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
