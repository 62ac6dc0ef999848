//! Brings what was recorded before the journal existed into it, at the first start with a journal: an event for each version,
//! and one for the answers of each survey. They prove that nothing changed since, not who wrote it before.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, Statement};
use uuid::{Builder, Uuid};

use ::entity::journal::{Column as C, Entity as Journal, Model};
use ::entity::survey;

use super::checks::journal::{answers, records};
use crate::facts::responses::transitions::Span;
use crate::platform::db::journal::content::{key_text, row_text};
use crate::platform::db::journal::{Action, Author, Event, Resource, Years};
use crate::platform::db::versions::{EveryTable, for_every_table};
use crate::platform::db::{AdvisoryLock, Db, Versioned, WriteTx};
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint::canonical_digest;

/// Notes everything that has no event yet, unless the journal has begun.
pub async fn record(db: &Db) -> Result<(), Error> {
    if db.read(async |tx| has_begun(tx).await).await? {
        return Ok(());
    }
    for_every_table(&mut History(db)).await?;
    of_answers(db).await
}

struct History<'a>(&'a Db);

impl EveryTable for History<'_> {
    async fn table<E: Versioned>(&mut self) -> Result<(), Error> {
        of_table::<E>(self.0).await
    }
}

/// Returns whether the journal has its first event: that of the database itself.
pub async fn has_begun(conn: &impl ConnectionTrait) -> Result<bool, Error> {
    Ok(last_of_database(conn).await?.is_some())
}

/// Returns the last event of the database itself.
async fn last_of_database(conn: &impl ConnectionTrait) -> Result<Option<Model>, Error> {
    let events = Journal::find().filter(C::Resource.eq(Resource::Database.as_str()));
    Ok(events.order_by_desc(C::Seq).one(conn).await?)
}

/// Begins the journal, unless it has begun. On PostgreSQL another database than before has been restored or copied by its tools,
/// which note nothing: its changes get a new epoch here.
pub async fn begin(tx: &WriteTx) -> Result<(), Error> {
    let id = identity(tx).await?;
    match last_of_database(tx).await? {
        None => note(tx, Action::Created, id),
        Some(event) if id.is_some_and(|id| event.key != id.to_string()) => note(tx, Action::Restored, id),
        Some(_) => {}
    }
    Ok(())
}

/// Notes that the database was restored from a backup: a new epoch of its changes.
pub async fn note_restored(tx: &WriteTx) -> Result<(), Error> {
    begin(tx).await?;
    note(tx, Action::Restored, identity(tx).await?);
    Ok(())
}

fn note(tx: &WriteTx, action: Action, id: Option<Uuid>) {
    let id = id.unwrap_or_else(Uuid::new_v4);
    let event = Event::new(None, tx.clock().now(), action, Resource::Database, id);
    tx.note(&Author::service("iku"), event);
}

/// Returns an id that no other database of any PostgreSQL server has; `None` on SQLite, whose backups are restored by `iku`.
async fn identity(tx: &WriteTx) -> Result<Option<Uuid>, Error> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let ask = async |sql: &str| {
        let row = tx
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
        row.ok_or_else(|| Error::internal("PostgreSQL did not answer"))
    };
    let database = ask("SELECT oid::bigint FROM pg_database WHERE datname = current_database()").await?;
    let database: i64 = database.try_get_by_index(0)?;
    let may_ask = ask("SELECT has_function_privilege('pg_catalog.pg_control_system()', 'execute')").await?;
    let server: Option<i64> = if may_ask.try_get_by_index(0)? {
        let server = ask("SELECT system_identifier FROM pg_catalog.pg_control_system()").await?;
        Some(server.try_get_by_index(0)?)
    } else {
        None
    };
    let digest = canonical_digest(&(server, database))?;
    Ok(digest
        .first_chunk()
        .map(|half| Builder::from_random_bytes(*half).into_uuid()))
}

/// Notes the versions of a table, some records in a transaction.
async fn of_table<E: Versioned>(db: &Db) -> Result<(), Error> {
    let mut after = None;
    loop {
        let (rows, parts, end) = db
            .snapshot(async |tx| {
                let (rows, end) = records::batch::<E>(tx, &after).await?;
                let parts = records::parts::<E>(tx, &rows).await?;
                Ok((rows, parts, end))
            })
            .await?;
        db.write(async |tx| {
            tx.advisory_lock(AdvisoryLock::Migration).await?;
            let keys: HashSet<String> = rows.iter().map(|row| key_text(row, E::KEY)).collect();
            let noted = records::noted(tx, E::RESOURCE.as_str(), keys).await?;
            for (row, parts) in rows.iter().zip(parts) {
                let info = E::version_info(row);
                let key = key_text(row, E::KEY);
                if noted.contains_key(&(key.clone(), info.version)) {
                    continue;
                }
                let event = Event::new(E::district(row), info.recorded_at, Action::Recorded, E::RESOURCE, key);
                let event = Event {
                    version: Some(info.version),
                    years: E::years(row),
                    content: [vec![row_text(row)], parts].concat(),
                    ..event.because(info.change_reason.as_deref())
                };
                tx.note(&Author::service(&info.recorded_by), event);
            }
            Ok(())
        })
        .await?;
        match end {
            Some(end) => after = Some(end),
            None => return Ok(()),
        }
    }
}

/// Notes the answers of each survey, some thousands in an event: those that counted or ended to count, and those that are held.
async fn of_answers(db: &Db) -> Result<(), Error> {
    let surveys = db.snapshot(async |tx| {
        let all = survey::Entity::find().order_by_asc(survey::Column::Version);
        Ok(all.all(tx).await?)
    });
    let mut seen = HashSet::new();
    // The newest version of each survey.
    for survey in surveys.await?.into_iter().rev().filter(|survey| seen.insert(survey.id)) {
        for resource in [Resource::Response, Resource::HeldResponse] {
            let mut after = db.snapshot(async |tx| last_noted(tx, &survey, resource).await).await?;
            while let Some(end) = of_part(db, &survey, resource, after).await? {
                after = end;
            }
        }
    }
    Ok(())
}

/// Returns the instant until which the answers of a survey are noted.
async fn last_noted(
    conn: &impl ConnectionTrait,
    survey: &survey::Model,
    resource: Resource,
) -> Result<DateTime<Utc>, Error> {
    let noted = Journal::find()
        .filter(C::Resource.eq(resource.as_str()))
        .filter(C::Key.eq(survey.id.to_string()))
        .order_by_desc(C::Seq);
    Ok(noted.one(conn).await?.map_or(DateTime::UNIX_EPOCH, |event| event.at))
}

/// Notes the next answers of a survey. Returns the instant until which they are noted, unless these were the last.
async fn of_part(
    db: &Db,
    survey: &survey::Model,
    resource: Resource,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let (lines, until) = db
        .snapshot(async |tx| {
            let until = answers::part_end(tx, survey.id, resource, after).await?;
            let lines = answers::read_part(tx, survey.id, resource, Span { after, until }).await?;
            Ok((lines, until))
        })
        .await?;
    let Some(last) = lines.iter().map(|(at, _)| *at).max() else {
        return Ok(until);
    };
    let event = Event {
        count: Some(i64::try_from(lines.len()).or_internal()?),
        years: Years::span(survey.starts_on.year(), survey.ends_on.year()),
        content: lines.into_iter().map(|(_, line)| line).collect(),
        ..Event::new(Some(&survey.district_code), last, Action::Recorded, resource, survey.id)
    };
    db.write(async |tx| {
        tx.advisory_lock(AdvisoryLock::Migration).await?;
        // Another instance may have noted them.
        if last_noted(tx, survey, resource).await? <= after {
            tx.note(&Author::service("iku"), event);
        }
        Ok(())
    })
    .await?;
    Ok(until)
}
