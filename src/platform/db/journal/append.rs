//! Appending the events of a transaction, before it commits.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use ::entity::journal::{Column as C, Entity as Journal, Model};

use super::completeness::ensure_noted;
use super::event::{Author, Event, SERVICE, hash, row};
use super::heads::Head;
use crate::platform::db::stream::select;
use crate::platform::db::transaction::{AdvisoryLock, WriteTx};
use crate::platform::error::Error;

/// Rows of one INSERT.
const ROWS: usize = 500;

/// Returns the last event of a chain; `None` if the chain is empty.
pub async fn head(conn: &impl ConnectionTrait, chain: &str) -> Result<Option<Head>, Error> {
    let last = Journal::find()
        .select_only()
        .columns([C::Seq, C::Hash])
        .filter(C::Chain.eq(chain))
        .order_by_desc(C::Seq)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(last.map(|(seq, hash)| Head { seq, hash }))
}

/// Appends the events that a transaction noted.
pub(in crate::platform::db) async fn append_events(tx: &WriteTx) -> Result<(), Error> {
    let events = std::mem::take(&mut *tx.events.lock());
    if cfg!(debug_assertions) {
        let written = tx.written.lock();
        ensure_noted(&written, events.iter().map(|(_, event)| event.resource))?;
    }
    if events.is_empty() {
        return Ok(());
    }
    let given = tx.given.lock().clone();
    let stamped: Vec<String> = given.into_iter().flatten().map(|row| row.district_code).collect();
    append(tx, events, &stamped).await
}

/// Appends events to their chains. The districts come first in the order of their codes and the service last, so no two
/// transactions wait for each other.
async fn append(tx: &WriteTx, events: Vec<(Author, Event)>, stamped: &[String]) -> Result<(), Error> {
    let mut chains: BTreeMap<(bool, String), Vec<Model>> = BTreeMap::new();
    for (author, event) in events {
        let order = (event.chain == SERVICE, event.chain.clone());
        chains.entry(order).or_default().push(row(&author, event));
    }
    for ((_, chain), mut events) in chains {
        if chain == SERVICE {
            tx.advisory_lock(AdvisoryLock::Journal).await?;
        } else if !stamped.contains(&chain) && tx.is_postgres() {
            select(Some(&chain)).lock_exclusive().all(tx).await?;
        }
        // `iku keys` writes into the chain of the service beside the running service.
        let memory = tx.heads.as_ref().filter(|_| chain != SERVICE);
        let known = memory.and_then(|memory| memory.take(&chain));
        let mut head = match known {
            Some(known) => Some(known),
            None => head(tx, &chain).await?,
        };
        for event in &mut events {
            let (last, previous) = head.take().map_or((0, Vec::new()), |last| (last.seq, last.hash));
            event.seq = last + 1;
            event.hash = hash(event, &previous);
            head = Some(Head {
                seq: event.seq,
                hash: event.hash.clone(),
            });
        }
        for rows in events.chunks(ROWS) {
            let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
            Journal::insert_many(rows).exec_without_returning(tx).await?;
        }
        if let (Some(_), Some(head)) = (memory, head) {
            tx.appended.lock().insert(chain, head);
        }
    }
    Ok(())
}
