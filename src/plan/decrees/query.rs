//! Reading the indicators of decrees.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::indicator::{Column as C, Entity as Indicators, Model};

use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// Returns the indicators of each of these decrees, as known at an instant (`None`: now). One statement.
pub async fn indicators_of(
    conn: &impl ConnectionTrait,
    decrees: impl IntoIterator<Item = Uuid>,
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, Vec<Model>>, Error> {
    let rows = Indicators::find()
        .filter(C::DecreeId.is_in(decrees))
        .filter(known_at::<Indicators>(at))
        .all(conn)
        .await?;
    let mut by_decree: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for row in rows {
        by_decree.entry(row.decree_id).or_default().push(row);
    }
    Ok(by_decree)
}

/// Selects the decrees of which an indicator was recorded or superseded since an instant, as known at another.
pub fn with_changed_indicators(since: DateTime<Utc>, at: DateTime<Utc>) -> SelectStatement {
    let changed = Condition::any()
        .add(C::RecordedAt.between(since, at))
        .add(C::SupersededAt.between(since, at));
    Query::select()
        .column(C::DecreeId)
        .from(Indicators)
        .cond_where(changed)
        .take()
}

/// Returns the instant of the latest change of any indicator of a decree, also of one that moved to another decree: its row
/// here was superseded.
pub async fn latest_change(conn: &impl ConnectionTrait, decree: Uuid) -> Result<Option<DateTime<Utc>>, Error> {
    let latest = Indicators::find()
        .filter(C::DecreeId.eq(decree))
        .select_only()
        .column_as(C::RecordedAt.max(), "recorded")
        .column_as(C::SupersededAt.max(), "superseded")
        .into_tuple::<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)>()
        .one(conn)
        .await?;
    Ok(latest.and_then(|(recorded, superseded)| recorded.max(superseded)))
}
