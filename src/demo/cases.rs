//! Public-order cases in every status.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::script::{Action, Step, at, id_of, plus, villages};
use crate::core::civil;
use crate::shipped;

/// Year, number of cases, days between two of them.
const YEARS: [(i32, usize, usize); 2] = [(2024, 24, 15), (2025, 32, 11)];

const SUMMARIES: [&str; 4] = [
    "Pedagang menutup sebagian jalan pada hari pasar",
    "Ternak berkeliaran di jalan desa",
    "Keributan antarpemuda sesudah hiburan malam",
    "Tumpukan sampah di tepi sungai",
];

pub fn add_steps(script: &mut Vec<Step>) {
    let villages = villages();
    let categories = shipped::case_categories();
    for (year, cases, distance) in YEARS {
        for i in 0..cases {
            let id = id_of(&format!("case {year} {i}"));
            let day = plus(civil::day(year, 1, 5), i * distance);
            let body = json!({
                "id": id,
                "village_code": villages[i % villages.len()],
                "category": categories[i * 5 % categories.len()].code,
                "occurred_at": at(day, 8, 30),
                "summary": SUMMARIES[i % SUMMARIES.len()],
            });
            script.push(Step {
                at: at(day, 10, 0),
                action: Action::Case(body),
            });
            for (days, event) in course(i, year) {
                script.push(event_of(id, plus(day, days), event));
            }
        }
    }
}

/// Returns the events of case `i`, each with its number of days after the case.
fn course(i: usize, year: i32) -> Vec<(usize, Value)> {
    let verified = (1, json!({"kind": "verified"}));
    let handling = (2, json!({"kind": "handling", "note": "Patroli bersama Babinsa"}));
    let resolved = (6, json!({"kind": "resolved", "note": "Diselesaikan secara musyawarah"}));
    let referred = (
        4,
        json!({"kind": "referred", "referred_to": "Satpol PP Kabupaten Balangan", "receipt": format!("STR/{year}/{i:02}")}),
    );
    let without_receipt = (4, json!({"kind": "referred", "referred_to": "Polsek Paringin"}));
    let rejected = (1, json!({"kind": "rejected", "note": "Laporan ganda"}));
    match i % 8 {
        0..=2 => vec![verified, handling, resolved],
        3 => vec![verified, referred],
        4 => vec![verified, handling, without_receipt],
        5 => vec![verified, handling],
        6 => vec![rejected],
        // The last cases of a year are only verified; the others are resolved.
        _ if i > 16 => vec![verified],
        _ => vec![verified, resolved],
    }
}

fn event_of(case: uuid::Uuid, day: NaiveDate, mut event: Value) -> Step {
    let kind = event["kind"].as_str().unwrap_or_default().to_owned();
    event["id"] = json!(id_of(&format!("event {case} {kind}")));
    event["at"] = json!(at(day, 14, 0));
    Step {
        at: at(day, 15, 0),
        action: Action::CaseEvent { case, body: event },
    }
}
