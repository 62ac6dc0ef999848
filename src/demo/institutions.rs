//! Nine village institutions in each desa; terms of five years, some of them renewed in time, some lapsed.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::script::{Action, DESA, Step, at, id_of, villages};
use crate::core::civil;

const NAMES: [(&str, &str); 9] = [
    ("lpm", "LPM"),
    ("pkk", "TP PKK"),
    ("karang-taruna", "Karang Taruna"),
    ("posyandu", "Posyandu Mawar"),
    ("posyandu", "Posyandu Melati"),
    ("rt", "RT 01"),
    ("rt", "RT 02"),
    ("rt", "RT 03"),
    ("rw", "RW 01"),
];

/// Returns the first day of the register. Older institutions are recorded on this day.
fn register_begins() -> NaiveDate {
    civil::day(2024, 1, 9)
}

/// Returns the first day of the term of institution `j` of desa `d`, in 2019..=2024.
fn first_term(d: usize, j: usize) -> NaiveDate {
    let year = 2019 + i32::try_from((d + j) % 6).unwrap_or(0);
    civil::day(
        year,
        u32::try_from(1 + (d * 3 + j * 5) % 12).unwrap_or(1),
        u32::try_from(1 + d * 2).unwrap_or(1),
    )
}

pub fn add_steps(script: &mut Vec<Step>) {
    for (d, village) in villages().into_iter().take(DESA).enumerate() {
        for (j, (kind, name)) in NAMES.into_iter().enumerate() {
            let id = id_of(&format!("institution {village} {name}"));
            let starts = first_term(d, j);
            let day = starts.max(register_begins());
            let body = json!({
                "id": id, "village_code": village, "kind": kind, "name": name,
                "decrees": [decree(d, j, starts)],
            });
            script.push(Step {
                at: at(day, 10, minutes(j)),
                action: Action::Institution(body),
            });
            // Every third institution is renewed on the day after its term of five years.
            let again = civil::day(starts.year() + 5, starts.month(), starts.day());
            if (d + 2 * j).is_multiple_of(3) && again < civil::day(2026, 1, 1) && again > register_begins() {
                let action = Action::Renewal {
                    institution: id,
                    body: decree(d, j, again),
                };
                script.push(Step {
                    at: at(again, 11, minutes(j)),
                    action,
                });
            }
        }
    }
}

fn decree(d: usize, j: usize, starts: NaiveDate) -> serde_json::Value {
    json!({
        "number": format!("{:03}/KPTS/KD/{}", d * 10 + j + 1, starts.year()),
        "issued_on": starts,
        "starts_on": starts,
    })
}

fn minutes(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(0)
}
