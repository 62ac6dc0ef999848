//! Checks that the events of each chain have numbers without a gap, and that each hash covers its event and the hash before it.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use ::entity::journal::{Column as C, Entity as Journal, Model};

use super::{BATCH, Findings};
use crate::platform::db::ReadTx;
use crate::platform::db::journal::hash;
use crate::platform::error::Error;

/// Returns the number of events.
pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<usize, Error> {
    let chains: Vec<String> = Journal::find()
        .select_only()
        .column(C::Chain)
        .distinct()
        .order_by_asc(C::Chain)
        .into_tuple()
        .all(tx)
        .await?;
    let mut events = 0;
    for chain in chains {
        let (mut last, mut previous) = (0, Vec::new());
        loop {
            let page = Journal::find()
                .filter(C::Chain.eq(chain.as_str()))
                .filter(C::Seq.gt(last))
                .order_by_asc(C::Seq)
                .limit(BATCH)
                .all(tx)
                .await?;
            if page.is_empty() {
                break;
            }
            events += page.len();
            let broken = page.iter().find_map(|event| {
                let found = judge(event, last, &previous);
                (last, previous) = (event.seq, event.hash.clone());
                found
            });
            if let Some(broken) = broken {
                // What follows hangs on this event.
                findings.errors.push(broken);
                break;
            }
        }
    }
    Ok(events)
}

/// Returns what is wrong with an event after the event `last`.
fn judge(event: &Model, last: i64, previous: &[u8]) -> Option<String> {
    let Model {
        chain,
        seq,
        resource,
        key,
        actor,
        at,
        ..
    } = event;
    if *seq != last + 1 {
        return Some(format!("journal: chain {chain}: event {} is missing", last + 1));
    }
    (event.hash != hash(event, previous)).then(|| {
        format!(
            "journal: chain {chain}: event {seq} ({resource} {key} by {actor}, {at:?}) was changed, or one before it"
        )
    })
}
