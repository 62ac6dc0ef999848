//! The villages' reports: most of them in time, some late, some never.

use serde_json::json;

use super::YEARS;
use super::script::{Action, DESA, Step, at, plus, villages};
use crate::core::civil;
use crate::shipped;

/// Returns the delivery of report kind `k` by desa `d` in a year, in days after the first day of the month before the
/// due month; `None`: not delivered.
fn delivery(d: usize, k: usize, year: i32) -> Option<usize> {
    let n = d * 7 + k * 3 + usize::try_from(year).unwrap_or(0);
    if n.is_multiple_of(13) {
        return None;
    }
    // Up to 70 days, so that some deliveries are after the due day.
    Some(n * 11 % 71)
}

pub fn add_steps(script: &mut Vec<Step>) {
    for year in YEARS {
        for (k, kind) in shipped::report_kinds().iter().enumerate() {
            for (d, village) in villages().into_iter().take(DESA).enumerate() {
                let Some(days) = delivery(d, k, year) else { continue };
                let month = kind.due_month.saturating_sub(1).max(1);
                let day = plus(civil::day(year, month, 1), days);
                script.push(Step {
                    at: at(day, 9, i64::try_from(d).unwrap_or(0)),
                    action: Action::Report(json!({
                        "id": super::script::id_of(&format!("report {village} {} {year}", kind.code)),
                        "village_code": village,
                        "kind": kind.code,
                        "fiscal_year": year + kind.fiscal_year_offset,
                        "delivered_on": day,
                    })),
                });
            }
        }
    }
}
