//! The rules of receiving one answer, reading answers and voiding one.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::{response, survey};

use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage};
use super::intake::WriteQueue;
use super::query;
use super::store::{Incoming, Outcome, Terms};
use super::tally::{self, Change};
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

/// An answer that counts.
pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, survey_id: Uuid, id: Uuid) -> Result<Response, Error> {
    records::visible::<survey::Entity>(conn, actor, survey_id).await?;
    let row = query::counted(conn, survey_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    row.try_into()
}

/// Receives one answer; sent again with the same id and content it answers what is stored, also after the survey was
/// closed or the answer voided.
pub async fn create(
    intake: &WriteQueue,
    actor: &Actor,
    survey_id: Uuid,
    new: NewResponse,
) -> Result<Created<Response>, Error> {
    let id = new.id.unwrap_or_else(Uuid::now_v7);
    let incoming = Incoming::new(survey_id, id, new, Arc::new(actor.clone()), Terms::Count)?;
    match intake.receive(vec![incoming]).await?.pop() {
        Some(Outcome::Created(row)) => Ok(Created::New((*row).try_into()?)),
        Some(Outcome::AlreadyStored(row)) => Ok(Created::Existing((*row).try_into()?)),
        Some(Outcome::Conflict) => Err(Error::new(Code::IdConflict).at("#/id")),
        Some(Outcome::Refused(error)) => Err(error),
        Some(Outcome::Quarantined(_)) | None => Err(Error::internal("an answer without a place")),
    }
}

/// Voids a false answer: it is kept, and not counted from now on.
pub async fn void(
    tx: &WriteTx,
    actor: &Actor,
    survey_id: Uuid,
    id: Uuid,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    let (stamp, survey) = records::begin_change::<survey::Entity>(tx, actor, survey_id).await?;
    must_void_for(actor, survey.section.parse()?)?;
    let row = query::counted(tx, survey_id, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(&ETag::at(row.received_at))?;
    response::Entity::update_many()
        .col_expr(response::Column::CountedUntil, Expr::value(stamp.at))
        .col_expr(response::Column::VoidReason, Expr::value(reason))
        .col_expr(response::Column::VoidedBy, Expr::value(actor.username.as_str()))
        .filter(response::Column::Id.eq(id))
        .exec(tx)
        .await?;
    let mut change = Change::default();
    change.add(&row);
    tally::apply(tx, stamp, &BTreeMap::from([(survey_id, change.reversed())])).await
}

/// 403 for another section, and for phones: they send answers, they do not take them away.
fn must_void_for(actor: &Actor, section: Section) -> Result<(), Error> {
    if actor.role == Role::Surveyor {
        return Err(Error::new(Code::InsufficientScope).detail(
            "Hanya petugas seksi yang membatalkan jawaban.",
            "Only an officer of the section voids an answer.",
        ));
    }
    actor.ensure_section(section)
}
