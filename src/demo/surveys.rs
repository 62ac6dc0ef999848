//! Two surveys a year, 120 respondents each, and one that is open from today.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::script::{Action, Step, at, id_of, plus, villages};
use crate::core::civil;
use crate::core::element::Element;
use crate::shipped;

const RESPONDENTS: usize = 120;
const EDUCATION: [&str; 7] = ["sd", "smp", "sma", "sma", "d3", "s1", "s2"];
const OCCUPATION: [&str; 5] = ["swasta", "wirausaha", "pns", "lainnya", "swasta"];
const SERVICES: [&str; 5] = ["ktp", "kk", "surat-pindah", "sku", "sktm"];

/// Month and day.
type MonthDay = (u32, u32);

/// Year, semester, first and last day.
const SURVEYS: [(i32, u32, MonthDay, MonthDay); 4] = [
    (2024, 1, (3, 4), (6, 28)),
    (2024, 2, (9, 2), (12, 20)),
    (2025, 1, (3, 3), (6, 27)),
    (2025, 2, (9, 1), (12, 19)),
];

/// The days for which the open survey collects answers.
const OPEN_DAYS: usize = 365;

/// The code of its link.
pub const LINK: &str = "DEM0SKM000";

/// Returns the id of the survey that is open.
pub fn open_survey() -> Uuid {
    id_of("open survey")
}

/// `now`: the end of the script, when the last survey is opened.
pub fn add_steps(script: &mut Vec<Step>, now: DateTime<Utc>) {
    for (s, (year, semester, first, last)) in SURVEYS.into_iter().enumerate() {
        let id = id_of(&format!("survey {year}-S{semester}"));
        let (first, last) = (civil::day(year, first.0, first.1), civil::day(year, last.0, last.1));
        let body = json!({
            "id": id,
            "district_code": shipped::decree().district_code,
            "title": format!("SKM Pelayanan Semester {semester} {year}"),
            "section": "pelayanan-kessos",
            "starts_on": first,
            "ends_on": last,
            "population": 170,
        });
        script.push(Step {
            at: at(first, 7, 0),
            action: Action::Survey(body),
        });
        script.push(Step {
            at: at(first, 7, 30),
            action: Action::SurveyStatus { id, status: "open" },
        });
        for r in 0..RESPONDENTS {
            let when = at(
                plus(first, r * 107 / RESPONDENTS),
                9,
                i64::try_from(r % 120).unwrap_or(0),
            );
            let action = Action::Answer {
                survey: id,
                id: id_of(&format!("answer {s} {r}")),
                body: answer(s, r, when.to_rfc3339()),
            };
            script.push(Step {
                at: when + TimeDelta::minutes(5),
                action,
            });
        }
        script.push(Step {
            at: at(plus(last, 3), 8, 0),
            action: Action::SurveyStatus { id, status: "closed" },
        });
    }
    add_open_survey(script, now);
}

fn add_open_survey(script: &mut Vec<Step>, now: DateTime<Utc>) {
    let (id, today) = (open_survey(), civil::date_of(now));
    let body = json!({
        "id": id,
        "district_code": shipped::decree().district_code,
        "title": "SKM Pelayanan, dibuka untuk dicoba",
        "section": "pelayanan-kessos",
        "starts_on": today,
        "ends_on": plus(today, OPEN_DAYS),
    });
    script.push(Step {
        at: now - TimeDelta::seconds(2),
        action: Action::Survey(body),
    });
    script.push(Step {
        at: now - TimeDelta::seconds(1),
        action: Action::SurveyStatus { id, status: "open" },
    });
    let link = json!({"id": id_of("survey link"), "survey_id": id, "name": "Loket pelayanan"});
    script.push(Step {
        at: now - TimeDelta::seconds(1),
        action: Action::Link(link, LINK),
    });
}

fn answer(s: usize, r: usize, when: String) -> Value {
    let answers: Map<String, Value> = (0..)
        .zip(Element::ALL)
        .filter_map(|(e, element)| Some((element.code().to_owned(), json!(score(s, r, e)?))))
        .collect();
    let villages = villages();
    json!({
        "answers": answers,
        "answered_at": when,
        "service": SERVICES[r % SERVICES.len()],
        "village_code": villages[r % villages.len()],
        "respondent": {
            "gender": if r.is_multiple_of(2) { "perempuan" } else { "laki_laki" },
            "age": 18 + r * 7 % 55,
            "education": EDUCATION[r % EDUCATION.len()],
            "occupation": OCCUPATION[r % OCCUPATION.len()],
        },
    })
}

/// Returns the answer of respondent `r` of survey `s` to element `e`: 1..4, or `None`. Satisfaction grows from survey
/// to survey.
fn score(s: usize, r: usize, e: usize) -> Option<u8> {
    if (r * 7 + e * 3 + s).is_multiple_of(29) {
        return None;
    }
    let satisfaction = (r * 31 + e * 17 + s * 13) % 100;
    Some(match satisfaction {
        m if m < 30 + 4 * s + 2 * e => 4,
        m if m < 88 => 3,
        m if m < 97 => 2,
        _ => 1,
    })
}
