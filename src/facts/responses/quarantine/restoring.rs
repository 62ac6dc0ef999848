//! Taking a discard back: the answer waits for a decision again. Nothing is rewritten: the span of the discard stays.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use ::entity::held_discard_span;
use ::entity::held_response::{Column as C, Entity as HeldResponses, Model};

use super::dto::HeldDecision;
use crate::facts::responses::lifecycle::ANSWERS_PER_STATEMENT;
use crate::facts::responses::quota;
use crate::platform::db::journal::{Action, Author, Event, Resource};
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Code, Error};

/// Restores discarded answers. They take from the quota of their phones again.
pub async fn restore_all(
    tx: &WriteTx,
    stamp: Stamp,
    author: &Author,
    reason: &str,
    discarded: &[Model],
) -> Result<(), Error> {
    for chunk in discarded.chunks(ANSWERS_PER_STATEMENT) {
        let mut spans = Vec::with_capacity(chunk.len());
        for row in chunk {
            let discarded_at = row.decided_at.filter(|_| is_discarded(row));
            let span = held_discard_span::Model {
                held_response_id: row.id,
                discarded_at: discarded_at
                    .ok_or_else(|| Error::internal(format!("held response {} is not discarded", row.id)))?,
                discard_reason: row.decision_reason.clone().unwrap_or_default(),
                discarded_by: row.decided_by.clone().unwrap_or_default(),
                restored_at: stamp.at,
                restore_reason: reason.to_owned(),
                restored_by: author.name.clone(),
            };
            spans.push(span.into_active_model().reset_all());
        }
        held_discard_span::Entity::insert_many(spans)
            .exec_without_returning(tx)
            .await?;
        let restored = HeldResponses::update_many()
            .col_expr(C::Decision, Expr::cust("NULL"))
            .col_expr(C::DecidedAt, Expr::cust("NULL"))
            .col_expr(C::DecidedBy, Expr::cust("NULL"))
            .col_expr(C::DecisionReason, Expr::cust("NULL"))
            .filter(C::Id.is_in(chunk.iter().map(|row| row.id)))
            .exec(tx)
            .await?;
        if restored.rows_affected != chunk.len() as u64 {
            return Err(Error::internal("not all answers were restored"));
        }
    }
    for row in discarded {
        let event = Event::new(
            Some(&row.district_code),
            stamp.at,
            Action::Restored,
            Resource::HeldResponse,
            row.id,
        );
        tx.note(author, event.because(Some(reason)));
    }
    quota::hold_again(tx, stamp.at, discarded.iter().map(|row| row.device_id)).await
}

pub fn is_discarded(row: &Model) -> bool {
    row.decision.as_deref() == Some(HeldDecision::Discarded.as_str())
}

/// 409: a released answer counts, and can be voided.
pub fn released() -> Error {
    Error::new(Code::AlreadyDecided).detail(
        "Jawaban ini sudah dilepas dan ikut dihitung. Batalkan jawabannya bila ternyata salah.",
        "This answer was released and counts. Void the answer if it is false.",
    )
}

/// 409: there is nothing to restore.
pub fn not_discarded() -> Error {
    Error::new(Code::NotDeleted).detail(
        "Jawaban ini tidak dibuang; jawaban ini menunggu keputusan.",
        "This answer is not discarded; it waits for a decision.",
    )
}
