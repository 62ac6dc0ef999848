//! Receiving an answer, reading answers, and voiding an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage};
use super::query;
use super::queue::WriteQueue;
use super::submission::{Acceptance, Outcome, Submission};
use super::tally::{self, Totals};
use crate::access::{Actor, Role, Section, records};
use crate::platform::db::versions::Created;
use crate::platform::db::{WriteTx, stamps};
use crate::platform::error::{Code, Error};
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
    query::page(conn, survey_id, filter, &wanted, at)
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
    response::Entity::update_many()
        .col_expr(response::Column::CountedUntil, Expr::value(stamp.at))
        .col_expr(response::Column::VoidReason, Expr::value(reason))
        .col_expr(response::Column::VoidedBy, Expr::value(actor.username.as_str()))
        .filter(response::Column::Id.eq(id))
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
