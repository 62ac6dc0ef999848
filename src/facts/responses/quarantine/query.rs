//! The states of held answers at an instant. A discard that was taken back is a row of `held_discard_span`; the last decision is
//! in the row of the answer.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use ::entity::held_discard_span::{Column as Discard, Entity as Discards};
use ::entity::held_response::{Column as C, Entity as HeldResponses, Model};

use super::dto::HeldDecision;
use crate::platform::error::Error;

/// The held answers that waited for a decision at an instant.
pub fn waited_at(at: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Condition::any().add(C::DecidedAt.is_null()).add(C::DecidedAt.gt(at)))
        .add(was_discarded_at(at).not())
}

/// The held answers that were decided on at an instant.
pub fn decided_at(at: DateTime<Utc>) -> Condition {
    Condition::any().add(C::DecidedAt.lte(at)).add(was_discarded_at(at))
}

/// Whether an answer was restored by an instant.
pub fn was_restored_by(at: DateTime<Utc>) -> SimpleExpr {
    Expr::exists(discard(|span| {
        span.and_where(Discard::RestoredAt.lte(at));
    }))
}

/// Whether an answer was discarded at an instant, and restored later.
fn was_discarded_at(at: DateTime<Utc>) -> SimpleExpr {
    Expr::exists(discard(|span| {
        span.and_where(Discard::DiscardedAt.lte(at))
            .and_where(Discard::RestoredAt.gt(at));
    }))
}

/// Selects the former discards of the held answer of the outer query.
fn discard(narrow: impl FnOnce(&mut SelectStatement)) -> SelectStatement {
    let own = Expr::col((Discards, Discard::HeldResponseId)).equals((HeldResponses, C::Id));
    let mut span = Query::select();
    span.expr(Expr::cust("1")).from(Discards).and_where(own);
    narrow(&mut span);
    span
}

/// Replaces what was decided and taken back after an instant.
pub async fn show_as_at(conn: &impl ConnectionTrait, rows: &mut [Model], at: DateTime<Utc>) -> Result<(), Error> {
    let discards = Discards::find()
        .filter(Discard::HeldResponseId.is_in(rows.iter().map(|row| row.id)))
        .filter(Discard::DiscardedAt.lte(at))
        .filter(Discard::RestoredAt.gt(at));
    let discards = discards.all(conn).await?.into_iter();
    let mut discards: HashMap<_, _> = discards.map(|span| (span.held_response_id, span)).collect();
    for row in rows {
        let decision = match discards.remove(&row.id) {
            Some(span) => Some((span.discarded_at, span.discarded_by, span.discard_reason)),
            None if row.decided_at.is_some_and(|decided| decided > at) => None,
            None => continue,
        };
        row.decision = decision.as_ref().map(|_| HeldDecision::Discarded.to_string());
        row.released_response_id = None;
        (row.decided_at, row.decided_by, row.decision_reason) = match decision {
            Some((at, by, reason)) => (Some(at), Some(by), Some(reason)),
            None => (None, None, None),
        };
    }
    Ok(())
}
