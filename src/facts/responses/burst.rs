//! Many equal answers of one device: ten or more with the same nine scores within an hour. A person who invents answers at a
//! desk makes such; so may an honest one, therefore they are flagged and count.
//!
//! The hour is that of `answered_at`, since a phone may send the answers of a whole day at once; a wrong clock of a phone is
//! wrong for all its answers alike. The last answers of each device are remembered in its row of `device_quota`, which is
//! locked and written with each group of answers anyway. So the flags are the same after a restart and with several
//! instances. What is remembered is bounded: a burst is found if nine of its answers are among the last 32 of the device.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses, Model};

use super::flags::{Flags, ResponseFlag};
use super::quota::Usage;
use super::tally::score;
use crate::core::element::Element;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Fewer equal answers are no burst.
const MANY: usize = 10;
/// Seconds in which they were given.
const SPAN: i64 = 3600;
/// The answers that are remembered of a device.
const REMEMBERED: usize = 32;

/// The seconds of the years 1 to 9999 become positive numbers of less than 43 bits.
const EPOCH: i64 = 1 << 42;
const SECOND_BITS: u32 = 43;

/// The scores of an answer as one number, and its instant in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sheet {
    scores: u64,
    second: i64,
}

impl Sheet {
    fn of(row: &Model) -> Self {
        let digit = |element| score(row, element).map_or(0, i16::unsigned_abs);
        Self {
            scores: Element::ALL.into_iter().fold(0, |sum, e| sum * 5 + u64::from(digit(e))),
            second: row.answered_at.timestamp(),
        }
    }

    fn read(bytes: [u8; 8]) -> Self {
        let both = u64::from_le_bytes(bytes);
        let seconds = both & ((1 << SECOND_BITS) - 1);
        Self {
            scores: both >> SECOND_BITS,
            second: seconds.cast_signed() - EPOCH,
        }
    }

    fn bytes(self) -> [u8; 8] {
        let seconds = (self.second + EPOCH).cast_unsigned() & ((1 << SECOND_BITS) - 1);
        (self.scores << SECOND_BITS | seconds).to_le_bytes()
    }
}

/// The last answer of each survey link while a group is judged.
#[derive(Debug, Default)]
pub struct LastOfLinks(BTreeMap<Uuid, Sheet>);

impl LastOfLinks {
    /// Returns whether an answer has the same scores as the link's answer before it, within some seconds of it. The answer then is
    /// the last one.
    pub fn repeats(&mut self, usage: &Usage, link: Uuid, row: &Model, seconds: i64) -> bool {
        let own = Sheet::of(row);
        let stored = || usage.memory_of(link)?.last_chunk::<8>().copied().map(Sheet::read);
        let before = self.0.insert(link, own).or_else(stored);
        before.is_some_and(|before| before.scores == own.scores && (before.second - own.second).abs() <= seconds)
    }
}

/// Stored answers of a device that belong to a burst and are not flagged yet.
#[derive(Clone, Debug)]
pub struct Burst {
    device: Uuid,
    /// An answer with the same scores.
    like: Model,
    first: i64,
    last: i64,
}

/// Flags the new answers that belong to a burst, in the order in which they were sent, and remembers them. Returns the
/// bursts that include stored answers.
pub fn flag<'a>(usage: &mut Usage, new: impl Iterator<Item = &'a mut Model>) -> Vec<Burst> {
    let mut by_device: BTreeMap<Uuid, Vec<&mut Model>> = BTreeMap::new();
    for row in new {
        if let Some(device) = row.device_id {
            by_device.entry(device).or_default().push(row);
        }
    }
    let mut bursts = Vec::new();
    for (device, mut rows) in by_device {
        let Some(memory) = usage.memory_of(device) else {
            continue;
        };
        let (known, _) = memory.as_chunks::<8>();
        let mut sheets: Vec<Sheet> = known.iter().copied().map(Sheet::read).collect();
        let stored = sheets.len();
        sheets.extend(rows.iter().map(|row| Sheet::of(row)));
        let before = in_bursts(&sheets[..stored]);
        let now = in_bursts(&sheets);
        for (place, row) in rows
            .iter_mut()
            .enumerate()
            .filter(|(place, _)| now.contains(&(stored + place)))
        {
            row.flags = Flags::from_bits(row.flags)
                .with(ResponseFlag::EqualAnswers, true)
                .bits();
            let like = sheets[stored + place].scores;
            let late = now
                .difference(&before)
                .filter(|at| **at < stored && sheets[**at].scores == like);
            let seconds: Vec<i64> = late.map(|at| sheets[*at].second).collect();
            let (first, last) = (seconds.iter().min(), seconds.iter().max());
            let is_known = bursts
                .iter()
                .any(|b: &Burst| b.device == device && Sheet::of(&b.like).scores == like);
            if let (Some(first), Some(last), false) = (first, last, is_known) {
                bursts.push(Burst {
                    device,
                    like: row.clone(),
                    first: *first,
                    last: *last,
                });
            }
        }
        let last = sheets.iter().skip(sheets.len().saturating_sub(REMEMBERED));
        usage.remember(device, last.flat_map(|sheet| sheet.bytes()).collect());
    }
    bursts
}

/// Returns the places of the answers that belong to a burst.
fn in_bursts(sheets: &[Sheet]) -> BTreeSet<usize> {
    let mut alike: BTreeMap<u64, Vec<(i64, usize)>> = BTreeMap::new();
    for (place, sheet) in sheets.iter().enumerate() {
        alike.entry(sheet.scores).or_default().push((sheet.second, place));
    }
    let mut found = BTreeSet::new();
    for mut times in alike.into_values().filter(|times| times.len() >= MANY) {
        times.sort_unstable();
        for window in times.windows(MANY) {
            if let [(first, _), .., (last, _)] = window
                && last - first <= SPAN
            {
                found.extend(window.iter().map(|(_, place)| *place));
            }
        }
    }
    found
}

/// Flags the stored answers of bursts. Bursts are rare, and each takes one statement when it begins.
pub async fn flag_stored(tx: &WriteTx, bursts: &[Burst]) -> Result<(), Error> {
    let bit = ResponseFlag::EqualAnswers.bit();
    for burst in bursts {
        let instant = |second: i64| DateTime::<Utc>::from_timestamp(second, 0);
        let mut update = Responses::update_many()
            .col_expr(C::Flags, Expr::cust(format!("flags | {bit}")))
            .filter(C::DeviceId.eq(burst.device))
            .filter(Expr::cust(format!("flags & {bit} = 0")));
        if let (Some(first), Some(after)) = (instant(burst.first), instant(burst.last + 1)) {
            update = update.filter(C::AnsweredAt.gte(first)).filter(C::AnsweredAt.lt(after));
        }
        for (column, element) in columns() {
            update = update.filter(match score(&burst.like, element) {
                Some(score) => column.eq(score),
                None => column.is_null(),
            });
        }
        update.exec(tx).await?;
    }
    Ok(())
}

fn columns() -> impl Iterator<Item = (C, Element)> {
    let columns = [
        C::Persyaratan,
        C::Prosedur,
        C::Waktu,
        C::Biaya,
        C::Produk,
        C::Kompetensi,
        C::Perilaku,
        C::Sarana,
        C::Pengaduan,
    ];
    columns.into_iter().zip(Element::ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(seconds: &[i64]) -> Vec<Sheet> {
        let sheet = |second: &i64| Sheet {
            scores: 7,
            second: *second,
        };
        seconds.iter().map(sheet).collect()
    }

    #[test]
    fn ten_equal_answers_within_an_hour_are_a_burst() {
        let minutes = |n: i64, step: i64| (0..n).map(|i| i * step).collect::<Vec<_>>();
        assert_eq!(in_bursts(&sheets(&minutes(9, 1))).len(), 0);
        assert_eq!(in_bursts(&sheets(&minutes(10, 400))).len(), 10);
        assert_eq!(in_bursts(&sheets(&minutes(10, 401))).len(), 0);
        assert_eq!(in_bursts(&sheets(&minutes(30, 60))).len(), 30);
        let mut mixed = sheets(&minutes(10, 60));
        mixed[4].scores = 8;
        assert_eq!(in_bursts(&mixed).len(), 0);
        mixed.push(sheets(&[3600])[0]);
        assert_eq!(in_bursts(&mixed), BTreeSet::from([0, 1, 2, 3, 5, 6, 7, 8, 9, 10]));
    }

    #[test]
    fn a_sheet_is_eight_bytes() {
        for (scores, second) in [(0, -62_135_596_800), (1_953_124, 253_402_300_799), (976_562, 0)] {
            let sheet = Sheet { scores, second };
            assert_eq!(Sheet::read(sheet.bytes()), sheet);
        }
    }
}
