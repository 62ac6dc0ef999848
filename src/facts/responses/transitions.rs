//! The lines of the journal, from the stored answers: to prove that they are still what was recorded.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use ::entity::held_response::{Column as H, Entity as HeldResponses};
use ::entity::response::{Column as C, Entity as Responses};
use ::entity::response_count_span::{Column as S, Entity as Spans};

use super::query;
use super::trail::{begins, ends, held};
use crate::platform::error::Error;

/// A span of time without its beginning, with its end (`None`: until now).
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub after: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

/// The lines of some answers with their instants, in the order of the lines.
pub type Lines = Vec<(DateTime<Utc>, String)>;

/// Returns the lines of the answers of a survey that began or ended to count in a span of time.
pub async fn of_answers(conn: &impl ConnectionTrait, survey: Uuid, span: Span) -> Result<Lines, Error> {
    let of_survey = || Responses::find().filter(C::SurveyId.eq(survey));
    let mut lines = Vec::new();
    let at_receipt = of_survey()
        .filter(within(C::ReceivedAt, span))
        .filter(Expr::cust("counted_from = received_at"));
    let later = of_survey()
        .filter(within(C::CountedFrom, span))
        .filter(Expr::cust("counted_from <> received_at"));
    for row in [at_receipt.all(conn).await?, later.all(conn).await?].concat() {
        if let Some(at) = row.counted_from {
            lines.push((at, begins(at, &row)));
        }
    }
    let ended = of_survey()
        .filter(within(C::CountedUntil, span))
        .filter(C::CountedUntil.is_not_null());
    for row in ended.all(conn).await? {
        if let Some(at) = row.counted_until {
            lines.push((at, ends(at, row.id)));
        }
    }
    let is_in = |at: DateTime<Utc>| span.after < at && span.until.is_none_or(|until| at <= until);
    let earlier = Spans::find()
        .filter(S::SurveyId.eq(survey))
        .filter(
            Condition::any()
                .add(within(S::CountedFrom, span))
                .add(within(S::CountedUntil, span)),
        )
        .all(conn)
        .await?;
    let answers = query::stored(conn, earlier.iter().map(|row| row.response_id)).await?;
    for row in earlier {
        if let Some(answer) = answers.get(&row.response_id).filter(|_| is_in(row.counted_from)) {
            lines.push((row.counted_from, begins(row.counted_from, answer)));
        }
        if is_in(row.counted_until) {
            lines.push((row.counted_until, ends(row.counted_until, row.response_id)));
        }
    }
    lines.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    Ok(lines)
}

/// Returns the lines of the answers of a survey that were received in a span of time and held.
pub async fn of_held(conn: &impl ConnectionTrait, survey: Uuid, span: Span) -> Result<Lines, Error> {
    let rows = HeldResponses::find()
        .filter(H::SurveyId.eq(survey))
        .filter(within(H::ReceivedAt, span))
        .all(conn)
        .await?;
    let mut lines: Lines = rows.iter().map(|row| (row.received_at, held(row))).collect();
    lines.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    Ok(lines)
}

/// Returns when the answer was received that is `count` answers after an instant; `None`: there are fewer.
pub async fn nth_receipt(
    conn: &impl ConnectionTrait,
    survey: Uuid,
    after: DateTime<Utc>,
    count: u64,
) -> Result<Option<DateTime<Utc>>, Error> {
    let of_survey = Responses::find().filter(C::SurveyId.eq(survey));
    nth(conn, of_survey, C::ReceivedAt, after, count).await
}

/// As [`nth_receipt`], of held answers.
pub async fn nth_held(
    conn: &impl ConnectionTrait,
    survey: Uuid,
    after: DateTime<Utc>,
    count: u64,
) -> Result<Option<DateTime<Utc>>, Error> {
    let of_survey = HeldResponses::find().filter(H::SurveyId.eq(survey));
    nth(conn, of_survey, H::ReceivedAt, after, count).await
}

async fn nth<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    rows: Select<E>,
    received_at: E::Column,
    after: DateTime<Utc>,
    count: u64,
) -> Result<Option<DateTime<Utc>>, Error> {
    let received = rows
        .select_only()
        .column(received_at)
        .filter(received_at.gt(after))
        .order_by_asc(received_at)
        .offset(count)
        .limit(1);
    Ok(received.into_tuple().one(conn).await?)
}

fn within<T: ColumnTrait>(column: T, span: Span) -> Condition {
    Condition::all()
        .add(column.gt(span.after))
        .add_option(span.until.map(|until| column.lte(until)))
}
