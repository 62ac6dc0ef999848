//! The requests that change structure, made at random from what is recorded.

use chrono::{Datelike, NaiveDate, TimeDelta};
use iku::core::civil::day;
use iku::core::period::Period;
use serde_json::{Value, json};

use super::{FIRST_YEAR, today};
use crate::support::world::{Client, PARINGIN};

/// Each kind of request, and the function that makes one of it.
pub const MAKERS: &[(&str, Maker)] = &[
    ("village added", village_added),
    ("village begun", village_begun),
    ("village ended", village_ended),
    ("village renamed", village_renamed),
    ("village of another kind", village_of_another_kind),
    ("village deleted", village_deleted),
    ("village restored", village_restored),
    ("institution transferred", institution_transferred),
    ("report kind added", report_kind_added),
    ("report kind changed", report_kind_changed),
    ("report kind deleted", report_kind_deleted),
    ("report kind restored", report_kind_restored),
    ("indicator changed", indicator_changed),
    ("indicator added", indicator_added),
    ("indicator deleted", indicator_deleted),
    ("indicator restored", indicator_restored),
    ("decree added", decree_added),
    ("decree ended", decree_ended),
    ("decree begun", decree_begun),
    ("decree deleted", decree_deleted),
    ("decree restored", decree_restored),
    ("target set", target_set),
    ("target withdrawn", target_withdrawn),
    ("records begun", records_begun),
    ("survey changed", survey_changed),
    ("survey withdrawn", survey_withdrawn),
    ("survey restored", survey_restored),
];

pub type Maker = fn(&State, &mut Random) -> Option<Change>;

/// A change of structure.
pub struct Change {
    pub method: &'static str,
    pub path: String,
    pub body: Value,
    /// The first day that it names; `None`: all days.
    pub day: Option<NaiveDate>,
}

impl Change {
    fn post(path: impl Into<String>, body: Value, day: Option<NaiveDate>) -> Option<Self> {
        Some(Self {
            method: "POST",
            path: path.into(),
            body,
            day,
        })
    }

    fn delete(path: String, day: Option<NaiveDate>) -> Option<Self> {
        Some(Self {
            method: "DELETE",
            path,
            body: Value::Null,
            day,
        })
    }

    fn restore(path: &str, day: Option<NaiveDate>) -> Option<Self> {
        Self::post(format!("{path}/restorations"), json!({"reason": "Ternyata ada"}), day)
    }

    fn patch(path: String, body: Value, day: Option<NaiveDate>) -> Option<Self> {
        let method = "PATCH";
        Some(Self {
            method,
            path,
            body,
            day,
        })
    }
}

/// What the makers choose from.
pub struct State {
    villages: Vec<Value>,
    deleted_villages: Vec<Value>,
    institutions: Vec<Value>,
    report_kinds: Vec<Value>,
    deleted_kinds: Vec<Value>,
    indicators: Vec<Value>,
    deleted_indicators: Vec<Value>,
    decrees: Vec<Value>,
    deleted_decrees: Vec<Value>,
    targets: Vec<Value>,
    surveys: Vec<Value>,
    deleted_surveys: Vec<Value>,
    district: Value,
}

impl State {
    pub async fn read(admin: &Client) -> Self {
        let list = async |name: &str| admin.all(&format!("/v1/{name}?limit=100")).await;
        let deleted = async |name: &str| admin.all(&format!("/v1/{name}?limit=100&state=deleted")).await;
        let indicators = list("indicators").await;
        let mut targets = Vec::new();
        for indicator in &indicators {
            targets.extend(
                admin
                    .all(&format!("{}/targets", path_of("indicators", indicator)))
                    .await,
            );
        }
        Self {
            villages: list("villages").await,
            deleted_villages: deleted("villages").await,
            institutions: list("institutions").await,
            report_kinds: list("report-kinds").await,
            deleted_kinds: deleted("report-kinds").await,
            indicators,
            deleted_indicators: deleted("indicators").await,
            decrees: list("decrees").await,
            deleted_decrees: deleted("decrees").await,
            targets,
            surveys: list("surveys").await,
            deleted_surveys: deleted("surveys").await,
            district: admin.get(DISTRICT).await.status(200).json,
        }
    }
}

const DISTRICT: &str = "/v1/districts/63.11.06";

fn village_added(state: &State, random: &mut Random) -> Option<Change> {
    let kind = *random.of(&["desa", "desa", "kelurahan"])?;
    let code = format!("{PARINGIN}.{}", 2900 + random.below(100));
    let (from, to) = (random.day(), random.day());
    let to = to.filter(|to| from.is_none_or(|from| from <= *to));
    let is_taken = state.villages.iter().any(|v| v["code"] == code);
    let body = json!({
        "code": code, "district_code": PARINGIN, "kind": kind, "name": format!("Desa {code}"), "valid_from": from,
        "valid_to": to,
    });
    (!is_taken).then_some(())?;
    Change::post("/v1/villages", body, from)
}

fn village_begun(state: &State, random: &mut Random) -> Option<Change> {
    let (village, from) = (random.of(&state.villages)?, random.day());
    let is_possible = from.is_none_or(|from| day_of(village, "valid_to").is_none_or(|to| from <= to));
    // An earlier beginning moves days before the former one.
    let first = from.min(day_of(village, "valid_from"));
    is_possible.then_some(())?;
    Change::patch(path_of("villages", village), json!({"valid_from": from}), first)
}

fn village_ended(state: &State, random: &mut Random) -> Option<Change> {
    let (village, to) = (random.of(&state.villages)?, random.day());
    let is_possible = to.is_none_or(|to| day_of(village, "valid_from").is_none_or(|from| from <= to));
    is_possible.then_some(())?;
    let first = to.into_iter().chain(day_of(village, "valid_to")).min();
    let first = first.or(Some(day(2100, 12, 31)));
    Change::patch(path_of("villages", village), json!({"valid_to": to}), first)
}

fn village_renamed(state: &State, random: &mut Random) -> Option<Change> {
    let from = random.day().filter(|from| *from <= today());
    let name = format!("Nama {}", random.below(1000));
    let body = json!({"name": name, "name_from": from});
    Change::patch(path_of("villages", random.of(&state.villages)?), body, from)
}

fn village_of_another_kind(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.villages)?;
    let kind = if village["kind"] == "desa" { "kelurahan" } else { "desa" };
    Change::patch(
        path_of("villages", village),
        json!({"kind": kind}),
        day_of(village, "valid_from"),
    )
}

fn village_deleted(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.villages)?;
    Change::delete(path_of("villages", village), day_of(village, "valid_from"))
}

fn village_restored(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.deleted_villages)?;
    Change::restore(&path_of("villages", village), day_of(village, "valid_from"))
}

fn report_kind_added(_: &State, random: &mut Random) -> Option<Change> {
    let year = random.year();
    let group = *random.of(&["administration", "finance"])?;
    let body = json!({
        "code": format!("uji-{}", random.below(1_000_000)), "group": group, "name": "Uji", "due_month": 1 + random.below(12),
        "due_day": 1 + random.below(28), "fiscal_year_offset": 0, "legal_basis": "Uji", "confirmed": false,
        "valid_from_year": year,
    });
    Change::post("/v1/report-kinds", body, first_day(year))
}

fn report_kind_changed(state: &State, random: &mut Random) -> Option<Change> {
    let code = random.of(&state.report_kinds)?["code"].as_str()?;
    let year = random.year();
    let body = match random.below(3) {
        0 => json!({"from_year": year, "valid_to_year": year}),
        1 => json!({"from_year": year, "due_month": 1 + random.below(12), "due_day": 1 + random.below(28)}),
        _ => json!({"from_year": year, "valid_to_year": null, "name": format!("Laporan {}", random.below(1000))}),
    };
    Change::patch(format!("/v1/report-kinds/{code}"), body, first_day(year))
}

fn report_kind_deleted(state: &State, random: &mut Random) -> Option<Change> {
    Change::delete(path_of("report-kinds", own(&state.report_kinds, "uji-", random)?), None)
}

fn report_kind_restored(state: &State, random: &mut Random) -> Option<Change> {
    Change::restore(&path_of("report-kinds", random.of(&state.deleted_kinds)?), None)
}

fn indicator_changed(_: &State, random: &mut Random) -> Option<Change> {
    let (number, year) = (1 + random.below(5), random.year());
    let body = json!({"from_year": year, "name": format!("Indikator {}", random.below(1000))});
    Change::patch(format!("/v1/indicators/paringin-iku-{number}"), body, first_day(year))
}

fn indicator_added(state: &State, random: &mut Random) -> Option<Change> {
    let (decree, year) = (random.of(&state.decrees)?, random.year());
    let words = "objective name meaning selection_reason formula_text reference responsible source";
    let words = words.split(' ').map(|name| (name.to_owned(), json!("Coba")));
    let mut body: serde_json::Map<_, _> = words.collect();
    let more = json!({
        "code": format!("coba-{}", random.below(1_000_000)), "decree_id": decree["id"], "number": 6 + random.below(90),
        "from_year": year, "unit": "count", "polarity": "higher_is_better", "formula": {"kind": "institution_count"},
    });
    body.extend(more.as_object()?.clone());
    Change::post("/v1/indicators", Value::Object(body), first_day(year))
}

fn indicator_deleted(state: &State, random: &mut Random) -> Option<Change> {
    Change::delete(path_of("indicators", own(&state.indicators, "coba-", random)?), None)
}

fn indicator_restored(state: &State, random: &mut Random) -> Option<Change> {
    Change::restore(&path_of("indicators", random.of(&state.deleted_indicators)?), None)
}

fn decree_added(state: &State, random: &mut Random) -> Option<Change> {
    let year = random.year();
    let copy_of = match random.below(2) {
        0 => Value::Null,
        _ => random.of(&state.decrees)?["id"].clone(),
    };
    let number = format!("{}/CPAR", random.below(1_000_000));
    let body = json!({
        "district_code": PARINGIN, "number": number, "title": "IKU", "issued_on": "2023-01-02", "goal": "Tertib",
        "first_year": year, "last_year": random.year().max(year), "legal_bases": [], "copy_of": copy_of,
    });
    Change::post("/v1/decrees", body, first_day(year))
}

fn decree_ended(state: &State, random: &mut Random) -> Option<Change> {
    let (decree, last) = (random.of(&state.decrees)?, random.year());
    let former = year_of(&decree["last_year"])?;
    let body = json!({"last_year": last});
    Change::patch(path_of("decrees", decree), body, first_day(last.min(former) + 1))
}

fn decree_begun(state: &State, random: &mut Random) -> Option<Change> {
    let (decree, first) = (random.of(&state.decrees)?, random.year() - 1);
    let former = year_of(&decree["first_year"])?;
    let body = json!({"first_year": first});
    Change::patch(path_of("decrees", decree), body, first_day(first.min(former)))
}

fn decree_deleted(state: &State, random: &mut Random) -> Option<Change> {
    Change::delete(path_of("decrees", random.of(&state.decrees)?), None)
}

fn decree_restored(state: &State, random: &mut Random) -> Option<Change> {
    Change::restore(&path_of("decrees", random.of(&state.deleted_decrees)?), None)
}

fn target_set(state: &State, random: &mut Random) -> Option<Change> {
    let indicator = random.of(&state.indicators)?;
    let periods: Vec<_> = Period::target_periods(random.year()).collect();
    let period = *random.of(&periods)?;
    Some(Change {
        method: "PUT",
        path: format!("{}/targets/{}", path_of("indicators", indicator), String::from(period)),
        body: json!({"value": 1 + random.below(99)}),
        day: Some(period.last_day()),
    })
}

fn target_withdrawn(state: &State, random: &mut Random) -> Option<Change> {
    let target = random.of(&state.targets)?;
    let (code, period) = (target["indicator_code"].as_str()?, target["period"].as_str()?);
    let last_day = period.parse::<Period>().ok()?.last_day();
    Change::delete(format!("/v1/indicators/{code}/targets/{period}"), Some(last_day))
}

fn records_begun(state: &State, random: &mut Random) -> Option<Change> {
    let group = *random.of(&["administration", "finance", "finance"])?;
    let from = Some(random.year()).filter(|_| random.below(4) > 0);
    let first = from
        .into_iter()
        .chain(year_of(&state.district["records_from"][group]))
        .min()?;
    Change::patch(
        DISTRICT.to_owned(),
        json!({"records_from": {group: from}}),
        first_day(first),
    )
}

fn survey_changed(state: &State, random: &mut Random) -> Option<Change> {
    let survey = random.of(&state.surveys)?;
    let former = day_of(survey, "ends_on")?;
    let ends_on = random.day().filter(|day| day_of(survey, "starts_on") <= Some(*day));
    let body = match (random.below(3), ends_on) {
        (0, _) => json!({"status": "open"}),
        (1, _) => json!({"inactive_elements": [*random.of(&["biaya", "waktu"])?]}),
        (_, ends_on) => json!({"ends_on": ends_on?}),
    };
    let first = day_of(&body, "ends_on").into_iter().chain([former]).min();
    Change::patch(path_of("surveys", survey), body, first)
}

fn survey_withdrawn(state: &State, random: &mut Random) -> Option<Change> {
    let survey = random.of(&state.surveys)?;
    Change::delete(path_of("surveys", survey), day_of(survey, "ends_on"))
}

fn survey_restored(state: &State, random: &mut Random) -> Option<Change> {
    let survey = random.of(&state.deleted_surveys)?;
    Change::restore(&path_of("surveys", survey), day_of(survey, "ends_on"))
}

fn institution_transferred(state: &State, random: &mut Random) -> Option<Change> {
    let id = random.of(&state.institutions)?["id"].as_str()?;
    let desa: Vec<&Value> = state.villages.iter().filter(|v| v["kind"] == "desa").collect();
    let (village, from) = (*random.of(&desa)?, random.day()?);
    let body = json!({"village_code": village["code"], "from": from, "reason": "Pemekaran"});
    Change::post(format!("/v1/institutions/{id}/transfers"), body, Some(from))
}

/// One of the records that a maker added.
fn own<'a>(records: &'a [Value], prefix: &str, random: &mut Random) -> Option<&'a Value> {
    let is_own = |record: &&Value| record["code"].as_str().is_some_and(|code| code.starts_with(prefix));
    let own: Vec<&Value> = records.iter().filter(is_own).collect();
    random.of(&own).copied()
}

fn first_day(year: i32) -> Option<NaiveDate> {
    Some(day(year, 1, 1))
}

/// The path of a record of a list, by its code or id.
fn path_of(list: &str, record: &Value) -> String {
    let key = record["code"].as_str().or_else(|| record["id"].as_str()).unwrap();
    format!("/v1/{list}/{key}")
}

fn year_of(value: &Value) -> Option<i32> {
    i32::try_from(value.as_i64()?).ok()
}

fn day_of(record: &Value, member: &str) -> Option<NaiveDate> {
    record[member].as_str().map(|text| text.parse().unwrap())
}

/// Pseudo-random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(all.len()).unwrap();
        (end > 0).then(|| &all[usize::try_from(self.below(end)).unwrap()])
    }

    fn year(&mut self) -> i32 {
        FIRST_YEAR + i32::try_from(self.below(5)).unwrap()
    }

    /// A day of 2022 to 2027, often the first or last of a quarter; sometimes none.
    fn day(&mut self) -> Option<NaiveDate> {
        let first = day(2022, 1, 1);
        let anywhere = first + TimeDelta::days(i64::try_from(self.below(6 * 365)).unwrap());
        let month = anywhere.month().div_ceil(3) * 3;
        match self.below(8) {
            0 => None,
            1 | 2 => Some(day(anywhere.year(), month, 31)),
            3 | 4 => Some(day(anywhere.year(), month - 2, 1)),
            _ => Some(anywhere),
        }
    }
}
