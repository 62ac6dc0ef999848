//! Restoring the answers of a void together.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::bulk_decision::{Column as B, Entity as BulkDecisions, Model};
use ::entity::response::{Column as C, Entity as Responses};

use super::dto::{BulkVoid, VOIDED};
use crate::access::Actor;
use crate::facts::responses::lifecycle::{ensure_is_no_phone, restore_all};
use crate::facts::responses::tally;
use crate::facts::surveys;
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, OrInternal};

/// Restores the answers that this void voided and that are void still. At most as many as one void takes.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, reason: &str) -> Result<BulkVoid, Error> {
    let seen = visible(tx, actor, id).await?;
    ensure_is_no_phone(actor)?;
    let stamp = stamps::stamp(tx, &[&seen.district_code], Stream::Surveys).await?;
    // Another officer may have restored it while this transaction waited for the stamp.
    let seen = visible(tx, actor, id).await?;
    if seen.restored_at.is_some() {
        return Err(restored_before());
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
        return Err(restored_before());
    }
    for survey in surveys
        .values()
        .filter(|survey| survey.district_code == seen.district_code)
    {
        actor.ensure_section(survey.section.parse()?)?;
    }
    let changes = restore_all(tx, stamp, &actor.username, reason, &voided).await?;
    tally::apply(tx, stamp, &changes).await?;
    let restored = Model {
        restored_at: Some(stamp.at),
        restored_by: Some(actor.username.clone()),
        restore_reason: Some(reason.to_owned()),
        restored_answers: Some(i64::try_from(voided.len()).or_internal()?),
        ..seen
    };
    BulkDecisions::update_many()
        .col_expr(B::RestoredAt, Expr::value(restored.restored_at))
        .col_expr(B::RestoredBy, Expr::value(restored.restored_by.clone()))
        .col_expr(B::RestoreReason, Expr::value(restored.restore_reason.clone()))
        .col_expr(B::RestoredAnswers, Expr::value(restored.restored_answers))
        .filter(B::Id.eq(id))
        .exec(tx)
        .await?;
    restored.try_into()
}

async fn visible(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<Model, Error> {
    let row = BulkDecisions::find_by_id(id).one(tx).await?;
    row.filter(|row| row.kind == VOIDED && actor.can_see(&row.district_code))
        .ok_or_else(Error::not_found)
}

fn restored_before() -> Error {
    Error::new(Code::NotDeleted).detail(
        "Jawaban pembatalan ini sudah dipulihkan.",
        "The answers of this void were restored before.",
    )
}
