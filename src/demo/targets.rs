//! The Camat's targets: one for the year 2024, one for the end of every quarter of 2025. A performance agreement of each year
//! promises them.

use serde_json::json;
use uuid::Uuid;

use super::YEARS;
use super::script::{Action, Step, at, id_of};
use crate::core::civil;
use crate::core::period::{Period, PeriodKind};

/// Indicator, and its targets for 2024, then for the first quarter, the first semester, the third quarter and the
/// year of 2025.
const TARGETS: [(&str, [u32; 5]); 5] = [
    ("paringin-iku-1", [82, 82, 83, 83, 84]),
    ("paringin-iku-2", [100, 100, 104, 106, 110]),
    ("paringin-iku-3", [80, 75, 78, 80, 85]),
    ("paringin-iku-4", [90, 50, 95, 95, 95]),
    ("paringin-iku-5", [85, 40, 55, 90, 90]),
];

pub fn add_steps(script: &mut Vec<Step>) {
    script.extend(YEARS.map(|year| Step {
        at: at(civil::day(year, 1, 8), 9, 0),
        action: Action::Agreement(json!({
            "id": agreement_of(year), "district_code": crate::shipped::decree().district_code, "fiscal_year": year,
            "number": format!("100.3/07/PK/CPAR/{year}"), "signed_on": civil::day(year, 1, 8),
            "first_party": {"name": "Camat contoh", "office": "Camat Paringin"},
            "second_party": {"name": "Bupati contoh", "office": "Bupati Balangan"},
        })),
    }));
    let periods = [
        Period::new(2024, PeriodKind::Year, 1),
        Period::new(2025, PeriodKind::Quarter, 1),
        Period::new(2025, PeriodKind::Semester, 1),
        Period::new(2025, PeriodKind::Quarter, 3),
        Period::new(2025, PeriodKind::Year, 1),
    ];
    for (indicator, values) in TARGETS {
        for (period, value) in periods.iter().flatten().zip(values) {
            let year = period.year();
            script.push(Step {
                at: at(civil::day(year, 1, 8), 10, 0),
                action: Action::Target {
                    indicator: indicator.to_owned(),
                    period: *period,
                    body: json!({
                        "value": value, "basis": format!("Perjanjian Kinerja {year}"),
                        "agreement_id": agreement_of(year),
                    }),
                },
            });
        }
    }
}

fn agreement_of(year: i32) -> Uuid {
    id_of(&format!("perjanjian kinerja {year}"))
}
