//! Records part by part, all as they were at one instant.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use futures_util::stream::{StreamExt, try_unfold};
use sea_orm::{EntityTrait, ModelTrait, Select};

use super::table::{Parts, Row};
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;

/// The rows of a part.
const PART: u64 = 500;

/// Reads all rows of a query in the order of a key, one part after the other. `query` selects versions that were known at one
/// instant, so that the parts are of one state, whatever is recorded meanwhile. `to_rows` may read what belongs to a part.
pub fn walk<E>(
    db: Db,
    query: Select<E>,
    keyset: Keyset<E::Column>,
    to_rows: impl AsyncFn(&ReadTx, Vec<E::Model>) -> Result<Vec<Row>, Error> + 'static,
) -> Parts
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + Sync,
{
    let walk = Rc::new((db, query, keyset, to_rows));
    try_unfold(Some(None), move |next| {
        let walk = Rc::clone(&walk);
        async move {
            let Some(after) = next else { return Ok(None) };
            let (db, query, keyset, to_rows) = &*walk;
            let read = async |tx: &ReadTx| {
                let (rows, last) = keyset.rows(tx, query.clone(), after.as_deref(), PART).await?;
                Ok((to_rows(tx, rows).await?, last))
            };
            let (rows, last): (Vec<Row>, Option<Vec<_>>) = db.read(read).await?;
            Ok(Some((rows, last.map(Some))))
        }
    })
    .boxed_local()
}

/// Returns the instant at which the records of a district are read: the requested one, or that of its last recording.
pub async fn instant(db: &Db, as_of: Option<DateTime<Utc>>, district: &str) -> Result<DateTime<Utc>, Error> {
    match as_of {
        Some(at) => Ok(at),
        None => db.read(async |tx| tx.latest(Some(district)).await).await,
    }
}
