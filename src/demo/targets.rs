//! The Camat's targets: one for the year 2024, one for the end of every quarter of 2025.

use serde_json::json;

use super::script::{Action, Step, at};
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
                    body: json!({"value": value, "basis": format!("Perjanjian Kinerja {year}")}),
                },
            });
        }
    }
}
