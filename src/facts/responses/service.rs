//! Receiving an answer and reading answers.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses};
use ::entity::response_count_span::{Column as Span, Entity as Spans};
use ::entity::{response, survey};

use super::counted_spans::{CountedSpan, CountedSpanPage};
use super::dto::{NewResponse, Response, ResponseFilter, ResponseMode, ResponsePage, ResponseState};
use super::flags::ResponseFlag;
use super::query;
use super::queue::WriteQueue;
use super::submission::{Acceptance, Outcome, Submission};
use super::tally::{counted_at, restored_ids, voided_at};
use crate::access::permissions::{Permission, ResponsesRead};
use crate::access::{Actor, Role};
use crate::facts::surveys;
use crate::platform::db::ReadTx;
use crate::platform::db::versions::Created;
use crate::platform::error::{Code, Error};
use crate::platform::http::Paging;
use crate::platform::http::page::Keyset;

/// Also the answers of a deleted survey stay readable.
pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    survey_id: Uuid,
    filter: &ResponseFilter,
    paging: &Paging,
) -> Result<ResponsePage, Error> {
    let survey = visible_survey(conn, actor, survey_id).await?;
    let request = paging.open(&("responses", survey_id, filter))?;
    let at = request.at(conn.latest(Some(&survey.district_code)).await?);
    let in_state = match filter.state.unwrap_or_default() {
        ResponseState::Current => counted_at(Some(at)).add(C::SurveyId.eq(survey_id)),
        ResponseState::Voided => voided_at(survey_id, at),
    };
    let query = Responses::find()
        .filter(in_state)
        .apply_if(filter.service.as_deref(), |q, v| q.filter(C::Service.eq(v)))
        .apply_if(filter.village_code.as_ref(), |q, v| {
            q.filter(C::VillageCode.eq(v.as_str()))
        })
        .apply_if(filter.client_id, |q, v| q.filter(C::DeviceId.eq(v)))
        .apply_if(filter.clock_implausible, |q, v| {
            let bit = ResponseFlag::ClockImplausible.bit();
            let has = if v { "flags <> 0 AND" } else { "NOT" };
            q.filter(Expr::cust(format!("({has} (flags & {bit} <> 0))")))
        })
        .apply_if(filter.flagged, |q, v| {
            // In the words of the index over flagged answers.
            q.filter(Expr::cust(if v { "flags <> 0" } else { "flags = 0" }))
        })
        .apply_if(filter.restored, |q, v| {
            let restored = restored_ids(survey_id, at);
            q.filter(match v {
                true => C::Id.in_subquery(restored),
                false => C::Id.not_in_subquery(restored),
            })
        });
    let keyset = Keyset::descending(vec![C::ReceivedAt, C::Id]);
    let mut page = request.fetch(conn, query, &keyset, at).await?;
    show_as_at(conn, &mut page.rows, at).await?;
    page.try_map(Response::try_from)
}

/// Replaces what happened to the answers after the instant of the page: voids, and restorations of answers that were void.
async fn show_as_at(conn: &impl ConnectionTrait, rows: &mut [response::Model], at: DateTime<Utc>) -> Result<(), Error> {
    let is_later = |row: &response::Model| row.counted_from.is_some_and(|from| from > at);
    let later: Vec<Uuid> = rows.iter().filter(|row| is_later(row)).map(|row| row.id).collect();
    let mut spans = HashMap::new();
    if !later.is_empty() {
        let known = Spans::find()
            .filter(Span::ResponseId.is_in(later))
            .filter(Span::CountedFrom.lte(at))
            .order_by_asc(Span::CountedFrom);
        spans.extend(known.all(conn).await?.into_iter().map(|span| (span.response_id, span)));
    }
    for row in rows {
        if let Some(span) = spans.remove(&row.id) {
            row.counted_from = Some(span.counted_from);
            row.counted_until = Some(span.counted_until);
            row.void_reason = Some(span.void_reason);
            row.voided_by = Some(span.voided_by);
        }
        row.counted_until = row.counted_until.filter(|until| *until <= at);
    }
    Ok(())
}

/// Lists the spans in which an answer counted, the oldest first.
pub async fn versions(
    conn: &ReadTx,
    actor: &Actor,
    survey_id: Uuid,
    id: Uuid,
    paging: &Paging,
) -> Result<CountedSpanPage, Error> {
    let survey = visible_survey(conn, actor, survey_id).await?;
    let row = query::answer(conn, survey_id, id).await?.ok_or_else(Error::not_found)?;
    let request = paging.open(&("response versions", id))?;
    let at = request.at(conn.latest(Some(&survey.district_code)).await?);
    let mut last = [row];
    show_as_at(conn, &mut last, at).await?;
    let [last] = last.map(CountedSpan::last);
    let earlier = Spans::find()
        .filter(Span::ResponseId.eq(id))
        .filter(Span::RestoredAt.lte(at));
    let keyset = Keyset::ascending(vec![Span::CountedFrom]);
    request
        .fetch_and_end(conn, earlier, &keyset, at, CountedSpan::from, last)
        .await
}

/// Returns an answer of a survey in a state.
pub async fn get(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    survey_id: Uuid,
    id: Uuid,
    state: ResponseState,
) -> Result<Response, Error> {
    visible_survey(conn, actor, survey_id).await?;
    let row = query::answer(conn, survey_id, id).await?.ok_or_else(Error::not_found)?;
    let is_voided = row.counted_until.is_some();
    match state {
        ResponseState::Current if is_voided => Err(Error::not_found().detail(
            "Jawaban ini dibatalkan. Baca dengan ?state=voided.",
            "This answer was voided. Read it with ?state=voided.",
        )),
        ResponseState::Voided if !is_voided => Err(Error::not_found()),
        _ => row.try_into(),
    }
}

/// Returns the newest version of a survey of a district that the actor sees, deleted or not.
pub async fn visible_survey(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<survey::Model, Error> {
    let survey = surveys::query::newest(conn, [id]).await?.remove(&id);
    let survey = survey.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&survey.district_code)?;
    Ok(survey)
}

/// Receives an answer. The same id and content again return the stored answer, also after the survey was closed or the
/// answer voided.
pub async fn create(
    queue: &WriteQueue,
    actor: &Actor,
    survey_id: Uuid,
    new: NewResponse,
) -> Result<Created<Response>, Error> {
    let id = new.id.unwrap_or_else(Uuid::now_v7);
    if new.mode == Some(ResponseMode::Paper) && actor.role == Role::Surveyor {
        return Err(Error::rule(
            "#/mode",
            "Hanya petugas seksi yang memasukkan jawaban dari kertas.",
            "Only an officer of the section enters answers from paper.",
        ));
    }
    if new.mode == Some(ResponseMode::SelfService) {
        return Err(Error::rule(
            "#/mode",
            "Hanya formulir di bawah tautan survei yang mengirim jawaban mandiri.",
            "Only the form under a survey link sends answers of self-service.",
        ));
    }
    let submission = Submission::new(survey_id, id, new, Arc::new(actor.clone()), Acceptance::OnlyOpen)?;
    match queue.receive(vec![submission]).await?.pop() {
        Some(Outcome::Created(row)) => Ok(Created::New((*row).try_into()?)),
        Some(Outcome::AlreadyStored(row)) => {
            let mut stored = Response::try_from(*row)?;
            if !actor.scopes.contains(&ResponsesRead::SCOPE) {
                // A phone need not know who voided its answer.
                stored.void = None;
            }
            Ok(Created::Existing(stored))
        }
        Some(Outcome::Conflict) => Err(Error::new(Code::IdConflict).at("#/id")),
        Some(Outcome::Refused(error)) => Err(error),
        Some(Outcome::Quarantined(_)) | None => Err(Error::internal("an answer has no outcome")),
    }
}
