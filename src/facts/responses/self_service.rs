//! Answers of citizens under a survey link. A shared phone or address is never refused: what is doubtful is held, with a flag that
//! says why, and an officer decides.
//!
//! The link has the place of a phone. What was found before the answer was queued (no slip, filled in fast, a link that has ended) is
//! in its flags already. The hour and the answer before it are known here only, under the lock of the link's row.

use std::collections::BTreeMap;

use uuid::Uuid;

use ::entity::response;

use super::burst::LastOfLinks;
use super::flags::{Flags, ResponseFlag};
use super::quota::{Quota, Usage, quota_of};
use super::submission::{Outcome, Submission};
use crate::platform::db::Stamp;
use crate::platform::error::Error;

/// Nobody reads nine questions in fewer seconds.
pub const SHORTEST: i64 = 15;
/// The same scores within so many seconds are doubtful.
const SAME_WITHIN: i64 = 60;

/// Who records the answers of links. A user name has no colon, and a client is named by its id.
pub const RECORDER: &str = "iku:self-service";

/// Flags a new answer, holds it if it is doubtful, and takes its quota. What the daily quota does not count is held. 429 if too
/// many answers of the link wait for a decision.
pub fn judge(
    usage: &mut Usage,
    last: &mut LastOfLinks,
    stamp: Stamp,
    hourly_budget: u32,
    row: &mut response::Model,
) -> Result<(), Error> {
    let Some(link) = row.device_id else {
        return Ok(());
    };
    let mut flags = Flags::from_bits(row.flags)
        .with(ResponseFlag::SameAsBefore, last.repeats(usage, link, row, SAME_WITHIN))
        .with(
            ResponseFlag::OverBudget,
            usage.count_in_hour(link, stamp.at) > i64::from(hourly_budget),
        );
    if row.counted_from.is_some() && !flags.holds() && usage.take(Some(link), Quota::Daily).is_ok() {
        row.flags = flags.bits();
        return Ok(());
    }
    if row.counted_from.is_some() && !flags.holds() {
        flags.add(ResponseFlag::OverBudget);
    }
    row.flags = flags.bits();
    row.counted_from = None;
    usage.take(Some(link), Quota::Held)
}

/// Holds the new answers of links that turned out to belong to a burst.
pub fn hold_bursts(
    usage: &mut Usage,
    items: &[Submission],
    new: &mut BTreeMap<Uuid, (usize, response::Model)>,
    early: &mut [Option<Outcome>],
) {
    let mut refused = Vec::new();
    for (id, (index, row)) in new.iter_mut() {
        let is_of_link = items.get(*index).is_some_and(|item| item.hourly_budget.is_some());
        if !is_of_link || row.counted_from.is_none() || !Flags::from_bits(row.flags).holds() {
            continue;
        }
        usage.give_back(row.device_id, quota_of(row));
        row.counted_from = None;
        if let Err(error) = usage.take(row.device_id, Quota::Held) {
            refused.push(*id);
            // The answer may be in the group more than once.
            for (item, outcome) in items.iter().zip(early.iter_mut()) {
                if item.id == *id && outcome.is_none() {
                    *outcome = Some(Outcome::Refused(error.clone()));
                }
            }
        }
    }
    new.retain(|id, _| !refused.contains(id));
}
