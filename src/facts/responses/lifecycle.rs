//! Voiding an answer and restoring it. Nothing is rewritten: the span in which the answer counted stays.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses, Model};
use ::entity::{response_count_span, survey};

use super::dto::Response;
use super::query;
use super::tally::{self, Totals};
use super::trail::{self, Change};
use crate::access::{Actor, Role, records};
use crate::platform::db::journal::{Action, Author};
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::{IfMatch, Resource};

/// Answers of one statement.
pub const ANSWERS_PER_STATEMENT: usize = 1000;

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
    ensure_is_no_phone(actor)?;
    actor.ensure_section(survey.section.parse()?)?;
    let row = query::answer(tx, survey_id, id).await?.ok_or_else(Error::not_found)?;
    if row.counted_until.is_some() {
        return Err(Error::not_found());
    }
    if_match.check(&Response::try_from(row.clone())?.etag())?;
    Responses::update_many()
        .col_expr(C::CountedUntil, Expr::value(stamp.at))
        .col_expr(C::VoidReason, Expr::value(reason.as_str()))
        .col_expr(C::VoidedBy, Expr::value(actor.username.as_str()))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    trail::note(
        tx,
        &actor.author(),
        stamp,
        Change {
            action: Action::Voided,
            reason: Some(&reason),
            begin: Vec::new(),
            end: vec![&row],
        },
    )
    .await?;
    let mut change = Totals::default();
    change.count(&row);
    tally::apply(tx, stamp, &BTreeMap::from([(survey_id, change.negated())])).await
}

/// Restores a voided answer: it counts again from now on. Values of the time between do not change.
pub async fn restore(tx: &WriteTx, actor: &Actor, survey_id: Uuid, id: Uuid, reason: &str) -> Result<Response, Error> {
    let (stamp, survey) = records::begin_change::<survey::Entity>(tx, actor, survey_id).await?;
    ensure_is_no_phone(actor)?;
    actor.ensure_section(survey.section.parse()?)?;
    let row = query::answer(tx, survey_id, id).await?.ok_or_else(Error::not_found)?;
    if row.counted_until.is_none() {
        return Err(not_voided());
    }
    let changes = restore_all(tx, stamp, &actor.author(), reason, &[row]).await?;
    tally::apply(tx, stamp, &changes).await?;
    let row = query::answer(tx, survey_id, id).await?.ok_or_else(Error::not_found)?;
    row.try_into()
}

/// Moves the last span of voided answers to the earlier ones, and begins a new span. Returns their totals by survey.
pub async fn restore_all(
    tx: &WriteTx,
    stamp: Stamp,
    author: &Author,
    reason: &str,
    voided: &[Model],
) -> Result<BTreeMap<Uuid, Totals>, Error> {
    let mut changes: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for chunk in voided.chunks(ANSWERS_PER_STATEMENT) {
        let mut spans = Vec::with_capacity(chunk.len());
        for row in chunk {
            let (Some(counted_from), Some(counted_until)) = (row.counted_from, row.counted_until) else {
                return Err(Error::internal(format!("answer {} is not voided", row.id)));
            };
            let span = response_count_span::Model {
                response_id: row.id,
                counted_from,
                survey_id: row.survey_id,
                counted_until,
                void_reason: row.void_reason.clone().unwrap_or_default(),
                voided_by: row.voided_by.clone().unwrap_or_default(),
                restored_at: stamp.at,
                restore_reason: reason.to_owned(),
                restored_by: author.name.clone(),
            };
            spans.push(span.into_active_model().reset_all());
            changes.entry(row.survey_id).or_default().count(row);
        }
        response_count_span::Entity::insert_many(spans)
            .exec_without_returning(tx)
            .await?;
        let restored = Responses::update_many()
            .col_expr(C::CountedFrom, Expr::value(stamp.at))
            .col_expr(C::CountedUntil, Expr::cust("NULL"))
            .col_expr(C::VoidReason, Expr::cust("NULL"))
            .col_expr(C::VoidedBy, Expr::cust("NULL"))
            .filter(C::Id.is_in(chunk.iter().map(|row| row.id)))
            .exec(tx)
            .await?;
        if restored.rows_affected != chunk.len() as u64 {
            return Err(Error::internal("not all answers were restored"));
        }
    }
    let change = Change {
        action: Action::Restored,
        reason: Some(reason),
        begin: voided.iter().collect(),
        end: Vec::new(),
    };
    trail::note(tx, author, stamp, change).await?;
    Ok(changes)
}

/// 409: there is nothing to restore.
pub fn not_voided() -> Error {
    Error::new(Code::NotDeleted).detail(
        "Jawaban ini tidak dibatalkan; jawaban ini ikut dihitung.",
        "This answer is not void; it counts.",
    )
}

/// 403 for phones, which only send answers.
pub fn ensure_is_no_phone(actor: &Actor) -> Result<(), Error> {
    if actor.role == Role::Surveyor {
        return Err(Error::new(Code::InsufficientScope).detail(
            "Hanya petugas seksi yang membatalkan atau memulihkan jawaban.",
            "Only an officer of the section voids or restores an answer.",
        ));
    }
    Ok(())
}
