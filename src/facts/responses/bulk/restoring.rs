//! Restoring the answers of a void or of a discard together.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::bulk_decision::{Column as B, Entity as BulkDecisions, Model};
use ::entity::held_response::{Column as Held, Entity as HeldResponses};
use ::entity::response::{Column as C, Entity as Responses};
use ::entity::survey;

use super::dto::{BulkDecision, BulkVoid, VOIDED};
use crate::access::Actor;
use crate::facts::responses::lifecycle::{ensure_is_no_phone, restore_all};
use crate::facts::responses::quarantine::dto::HeldDecision;
use crate::facts::responses::quarantine::restoring as held;
use crate::facts::responses::tally;
use crate::facts::surveys;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, OrInternal};

/// Restores the answers that this void voided and that are void still. At most as many as one void takes.
pub async fn restore_voided(tx: &WriteTx, actor: &Actor, id: Uuid, reason: &str) -> Result<BulkVoid, Error> {
    let is_void = |row: &Model| row.kind == VOIDED;
    let seen = visible(tx, actor, id, is_void).await?;
    ensure_is_no_phone(actor)?;
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    // Another officer may have restored it while this transaction waited for the stamp.
    let seen = visible(tx, actor, id, is_void).await?;
    if seen.restored_at.is_some() {
        return Err(void_restored_before());
    }
    // No other write of the district has the same stamp, so the instant tells the answers of this void.
    let voided = Responses::find()
        .filter(C::DeviceId.eq(seen.device_id))
        .filter(C::CountedUntil.eq(seen.recorded_at))
        .order_by_asc(C::Id)
        .all(tx)
        .await?;
    let surveys = surveys::query::newest(tx, voided.iter().map(|row| row.survey_id)).await?;
    let is_here = |survey_id: &Uuid| {
        let survey = surveys.get(survey_id);
        survey.is_some_and(|survey| survey.district_code == seen.district_code)
    };
    let voided: Vec<_> = voided.into_iter().filter(|row| is_here(&row.survey_id)).collect();
    if voided.is_empty() {
        return Err(void_restored_before());
    }
    let here = surveys.values().filter(|survey| is_here(&survey.id));
    ensure_sections(actor, here)?;
    let changes = restore_all(tx, stamp, &actor.author(), reason, &voided).await?;
    tally::apply(tx, stamp, &changes).await?;
    record(tx, stamp, actor, reason, seen, voided.len()).await?.try_into()
}

/// Restores the answers that this decision discarded and that are discarded still.
pub async fn restore_discarded(tx: &WriteTx, actor: &Actor, id: Uuid, reason: &str) -> Result<BulkDecision, Error> {
    let is_decision = |row: &Model| row.kind != VOIDED;
    let seen = visible(tx, actor, id, is_decision).await?;
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    let seen = visible(tx, actor, id, is_decision).await?;
    if seen.kind == HeldDecision::Released.as_str() {
        return Err(released_together());
    }
    if seen.restored_at.is_some() {
        return Err(discard_restored_before());
    }
    let discarded = HeldResponses::find()
        .filter(Held::DistrictCode.eq(seen.district_code.as_str()))
        .filter(Held::DecidedAt.eq(seen.recorded_at))
        .order_by_asc(Held::Id)
        .all(tx)
        .await?;
    if discarded.is_empty() {
        return Err(discard_restored_before());
    }
    let surveys = surveys::query::newest(tx, discarded.iter().map(|row| row.survey_id)).await?;
    ensure_sections(actor, surveys.values())?;
    held::restore_all(tx, stamp, &actor.author(), reason, &discarded).await?;
    record(tx, stamp, actor, reason, seen, discarded.len())
        .await?
        .try_into()
}

async fn visible(tx: &WriteTx, actor: &Actor, id: Uuid, is_meant: impl Fn(&Model) -> bool) -> Result<Model, Error> {
    let row = BulkDecisions::find_by_id(id).one(tx).await?;
    row.filter(|row| is_meant(row) && actor.can_see(&row.district_code))
        .ok_or_else(Error::not_found)
}

fn ensure_sections<'a>(actor: &Actor, surveys: impl Iterator<Item = &'a survey::Model>) -> Result<(), Error> {
    for survey in surveys {
        actor.ensure_section(survey.section.parse()?)?;
    }
    Ok(())
}

/// Records on a decision that its answers were restored.
async fn record(
    tx: &WriteTx,
    stamp: Stamp,
    actor: &Actor,
    reason: &str,
    decision: Model,
    answers: usize,
) -> Result<Model, Error> {
    let restored = Model {
        restored_at: Some(stamp.at),
        restored_by: Some(actor.username.clone()),
        restore_reason: Some(reason.to_owned()),
        restored_answers: Some(i64::try_from(answers).or_internal()?),
        ..decision
    };
    BulkDecisions::update_many()
        .col_expr(B::RestoredAt, Expr::value(restored.restored_at))
        .col_expr(B::RestoredBy, Expr::value(restored.restored_by.clone()))
        .col_expr(B::RestoreReason, Expr::value(restored.restore_reason.clone()))
        .col_expr(B::RestoredAnswers, Expr::value(restored.restored_answers))
        .filter(B::Id.eq(restored.id))
        .exec(tx)
        .await?;
    Ok(restored)
}

fn void_restored_before() -> Error {
    Error::new(Code::NotDeleted).detail(
        "Jawaban pembatalan ini sudah dipulihkan.",
        "The answers of this void were restored before.",
    )
}

fn discard_restored_before() -> Error {
    Error::new(Code::NotDeleted).detail(
        "Jawaban keputusan ini sudah dipulihkan.",
        "The answers of this decision were restored before.",
    )
}

fn released_together() -> Error {
    Error::new(Code::AlreadyDecided).detail(
        "Jawaban keputusan ini dilepas dan ikut dihitung. Batalkan jawaban yang salah.",
        "The answers of this decision were released and count. Void those that are false.",
    )
}
