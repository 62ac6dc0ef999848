//! Receiving an answer, reading answers, and voiding an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses};
use ::entity::survey;

use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage};
use super::query;
use super::queue::WriteQueue;
use super::submission::{Acceptance, Outcome, Submission};
use super::tally::{self, Totals, counted_at};
use crate::access::{Actor, Role, Section, records};
use crate::platform::db::versions::Created;
use crate::platform::db::{WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::http::page::Keyset;
use crate::platform::http::{ETag, IfMatch, Paging};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    survey_id: Uuid,
    filter: &ResponseFilter,
    paging: &Paging,
) -> Result<ResponsePage, Error> {
    let survey = records::visible::<survey::Entity>(conn, actor, survey_id).await?;
    let wanted = paging.open(&("responses", survey_id, filter))?;
    let at = wanted.at(stamps::latest(conn, Some(&survey.district_code)).await?);
    let query = Responses::find()
        .filter(C::SurveyId.eq(survey_id))
        .filter(counted_at(Some(at)))
        .apply_if(filter.service.as_deref(), |q, v| q.filter(C::Service.eq(v)))
        .apply_if(filter.village.as_ref(), |q, v| q.filter(C::VillageCode.eq(v.as_str())))
        .apply_if(filter.device, |q, v| q.filter(C::DeviceId.eq(v)))
        .apply_if(filter.clock_implausible, |q, v| q.filter(C::ClockFlag.eq(v)));
    let keyset = Keyset::descending(vec![C::ReceivedAt, C::Id]);
    wanted
        .fetch(conn, query, &keyset, at)
        .await?
        .try_map(Response::try_from)
}

/// Returns an answer that counts.
pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, survey_id: Uuid, id: Uuid) -> Result<Response, Error> {
    records::visible::<survey::Entity>(conn, actor, survey_id).await?;
    let row = query::counted(conn, survey_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    row.try_into()
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
    let submission = Submission::new(survey_id, id, new, Arc::new(actor.clone()), Acceptance::OnlyOpen)?;
    match queue.receive(vec![submission]).await?.pop() {
        Some(Outcome::Created(row)) => Ok(Created::New((*row).try_into()?)),
        Some(Outcome::AlreadyStored(row)) => Ok(Created::Existing((*row).try_into()?)),
        Some(Outcome::Conflict) => Err(Error::new(Code::IdConflict).at("#/id")),
        Some(Outcome::Refused(error)) => Err(error),
        Some(Outcome::Quarantined(_)) | None => Err(Error::internal("an answer has no outcome")),
    }
}

/// Voids a false answer: it stays stored, and does not count from now on.
pub async fn void(
    tx: &WriteTx,
    actor: &Actor,
    survey_id: Uuid,
    id: Uuid,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    let (stamp, survey) = records::begin_change::<survey::Entity>(tx, actor, survey_id).await?;
    ensure_may_void(actor, survey.section.parse()?)?;
    let row = query::counted(tx, survey_id, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(&ETag::at(row.received_at))?;
    Responses::update_many()
        .col_expr(C::CountedUntil, Expr::value(stamp.at))
        .col_expr(C::VoidReason, Expr::value(reason))
        .col_expr(C::VoidedBy, Expr::value(actor.username.as_str()))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    let mut change = Totals::default();
    change.count(&row);
    tally::apply(tx, stamp, &BTreeMap::from([(survey_id, change.negated())])).await
}

/// 403 for another section, and for phones, which only send answers.
fn ensure_may_void(actor: &Actor, section: Section) -> Result<(), Error> {
    if actor.role == Role::Surveyor {
        return Err(Error::new(Code::InsufficientScope).detail(
            "Hanya petugas seksi yang membatalkan jawaban.",
            "Only an officer of the section voids an answer.",
        ));
    }
    actor.ensure_section(section)
}
