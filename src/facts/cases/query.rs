//! Reading cases and their events. An event belongs to all versions of its case from the version that it made.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::case_event::{Column as E, Entity as Events, Model as EventRow};
use ::entity::public_case::{Column as C, Entity as Cases, Model};

use crate::platform::db::WriteTx;
use crate::platform::db::journal::content;
use crate::platform::error::Error;

/// A case in one version, with the events of that version.
pub type WithEvents = (Model, Vec<EventRow>);

/// Returns a case with the events that its version has.
pub async fn with_own_events(conn: &impl ConnectionTrait, row: Model) -> Result<WithEvents, Error> {
    let rows = with_events(conn, vec![row]).await?;
    rows.into_iter().next().ok_or_else(Error::not_found)
}

/// Returns each case with the events that its version has; one statement for any number of cases.
pub async fn with_events(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<WithEvents>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let events = Events::find()
        .filter(E::CaseId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(E::Position);
    Ok(attach(rows, events.all(conn).await?))
}

/// Returns an event by its id, of any case.
pub async fn event(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<EventRow>, Error> {
    Ok(Events::find_by_id(id).one(conn).await?)
}

/// A version has the events that were recorded up to its instant: every event makes a version.
fn attach(rows: Vec<Model>, events: Vec<EventRow>) -> Vec<WithEvents> {
    let mut of: HashMap<Uuid, Vec<EventRow>> = HashMap::new();
    for event in events {
        of.entry(event.case_id).or_default().push(event);
    }
    rows.into_iter()
        .map(|row| {
            let all = of.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            let own = all.iter().filter(|e| e.recorded_at <= row.recorded_at);
            let own = own.cloned().collect();
            (row, own)
        })
        .collect()
}

/// Returns the instant at which a case was first recorded.
pub async fn first_recorded_at(conn: &impl ConnectionTrait, id: Uuid) -> Result<DateTime<Utc>, Error> {
    let first = Cases::find()
        .filter(C::Id.eq(id))
        .order_by_asc(C::Version)
        .one(conn)
        .await?;
    first.map(|row| row.recorded_at).ok_or_else(Error::not_found)
}

/// Appends an event that made a version of its case.
pub async fn append_event(tx: &WriteTx, version: i32, row: &EventRow) -> Result<(), Error> {
    tx.note_parts(&row.case_id.to_string(), version, [content::row_text(row)].into_iter());
    let active = row.clone().into_active_model().reset_all();
    Events::insert(active).exec_without_returning(tx).await?;
    Ok(())
}
