//! After any single change of structure, every value of a period that ended before the day that the change names is what it
//! was; a day in a year that is over needs a reason; and values of periods that the answer does not list did not move.
//!
//! The requests are random, from a seed. A new request is one line in [`MAKERS`].

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use iku::core::civil::{date_of, day};
use iku::core::period::{Period, PeriodKind};
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply, World};

const NOW: &str = "2026-11-27T09:00:00+08:00";
const FIRST_YEAR: i32 = 2023;
const REQUESTS: usize = 60;

/// Each kind of request, and the function that makes one of it.
const MAKERS: &[(&str, Maker)] = &[
    ("village added", village_added),
    ("village begun", village_begun),
    ("village ended", village_ended),
    ("village renamed", village_renamed),
    ("village of another kind", village_of_another_kind),
    ("village deleted", village_deleted),
    ("village restored", village_restored),
    ("report kind added", report_kind_added),
    ("report kind changed", report_kind_changed),
    ("indicator changed", indicator_changed),
    ("decree changed", decree_changed),
    ("institution transferred", institution_transferred),
];

type Maker = fn(&State, &mut Random) -> Option<Change>;

/// A change of structure.
struct Change {
    method: &'static str,
    path: String,
    body: Value,
    /// The first day that it names; `None`: all days.
    day: Option<NaiveDate>,
}

impl Change {
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
struct State {
    villages: Vec<Value>,
    deleted: Vec<Value>,
    report_kinds: Vec<Value>,
    institutions: Vec<Value>,
    decree: Value,
}

impl State {
    async fn read(admin: &Client) -> Self {
        Self {
            villages: admin.all("/v1/villages?limit=100").await,
            deleted: admin.all("/v1/villages?state=deleted&limit=100").await,
            report_kinds: admin.all("/v1/report-kinds?limit=100").await,
            institutions: admin.all("/v1/institutions?limit=100").await,
            decree: admin.all("/v1/decrees").await.remove(0),
        }
    }
}

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
    (!is_taken).then_some(Change {
        method: "POST",
        path: "/v1/villages".to_owned(),
        body,
        day: from,
    })
}

fn village_begun(state: &State, random: &mut Random) -> Option<Change> {
    let (village, from) = (random.of(&state.villages)?, random.day());
    let is_possible = from.is_none_or(|from| day_of(village, "valid_to").is_none_or(|to| from <= to));
    // An earlier beginning moves days before the former one.
    let first = from.min(day_of(village, "valid_from"));
    is_possible.then_some(())?;
    Change::patch(path_of(village), json!({"valid_from": from}), first)
}

fn village_ended(state: &State, random: &mut Random) -> Option<Change> {
    let (village, to) = (random.of(&state.villages)?, random.day());
    let is_possible = to.is_none_or(|to| day_of(village, "valid_from").is_none_or(|from| from <= to));
    is_possible.then_some(())?;
    let first = to.into_iter().chain(day_of(village, "valid_to")).min();
    let first = first.or(Some(day(2100, 12, 31)));
    Change::patch(path_of(village), json!({"valid_to": to}), first)
}

fn village_renamed(state: &State, random: &mut Random) -> Option<Change> {
    let from = random.day().filter(|from| *from <= today());
    let name = format!("Nama {}", random.below(1000));
    let body = json!({"name": name, "name_from": from});
    Change::patch(path_of(random.of(&state.villages)?), body, from)
}

fn village_of_another_kind(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.villages)?;
    let kind = if village["kind"] == "desa" { "kelurahan" } else { "desa" };
    Change::patch(path_of(village), json!({"kind": kind}), day_of(village, "valid_from"))
}

fn village_deleted(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.villages)?;
    Some(Change {
        method: "DELETE",
        path: path_of(village),
        body: Value::Null,
        day: day_of(village, "valid_from"),
    })
}

fn village_restored(state: &State, random: &mut Random) -> Option<Change> {
    let village = random.of(&state.deleted)?;
    Some(Change {
        method: "POST",
        path: format!("{}/restorations", path_of(village)),
        body: json!({"reason": "Ternyata ada"}),
        day: day_of(village, "valid_from"),
    })
}

fn report_kind_added(_: &State, random: &mut Random) -> Option<Change> {
    let year = random.year();
    let group = *random.of(&["administration", "finance"])?;
    let body = json!({
        "code": format!("uji-{}", random.below(1_000_000)), "group": group, "name": "Uji", "due_month": 1 + random.below(12),
        "due_day": 1 + random.below(28), "fiscal_year_offset": 0, "legal_basis": "Uji", "confirmed": false,
        "valid_from_year": year,
    });
    Some(Change {
        method: "POST",
        path: "/v1/report-kinds".to_owned(),
        body,
        day: first_day(year),
    })
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

fn indicator_changed(_: &State, random: &mut Random) -> Option<Change> {
    let (number, year) = (1 + random.below(5), random.year());
    let body = json!({"from_year": year, "name": format!("Indikator {}", random.below(1000))});
    Change::patch(format!("/v1/indicators/paringin-iku-{number}"), body, first_day(year))
}

fn decree_changed(state: &State, random: &mut Random) -> Option<Change> {
    let (id, last) = (state.decree["id"].as_str()?, random.year());
    let former = i32::try_from(state.decree["last_year"].as_i64()?).unwrap();
    let body = json!({"last_year": last});
    Change::patch(format!("/v1/decrees/{id}"), body, first_day(last.min(former) + 1))
}

fn institution_transferred(state: &State, random: &mut Random) -> Option<Change> {
    let id = random.of(&state.institutions)?["id"].as_str()?;
    let (village, from) = (random.of(&state.villages)?, random.day()?);
    Some(Change {
        method: "POST",
        path: format!("/v1/institutions/{id}/transfers"),
        body: json!({"village_code": village["code"], "from": from, "reason": "Pemekaran"}),
        day: Some(from),
    })
}

fn first_day(year: i32) -> Option<NaiveDate> {
    Some(day(year, 1, 1))
}

fn path_of(village: &Value) -> String {
    format!("/v1/villages/{}", village["code"].as_str().unwrap())
}

fn day_of(record: &Value, member: &str) -> Option<NaiveDate> {
    record[member].as_str().map(|text| text.parse().unwrap())
}

fn today() -> NaiveDate {
    date_of(crate::support::world::instant(NOW))
}

/// Pseudo-random numbers (SplitMix64).
struct Random(u64);

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

/// By indicator and period.
type Values = BTreeMap<(String, String), Value>;

/// Returns the values of all indicators in all months until now, without the instants of recording.
async fn values(admin: &Client) -> Values {
    let mut found = BTreeMap::new();
    for number in 1..=5 {
        let code = format!("paringin-iku-{number}");
        let last = today();
        let path = format!(
            "/v1/indicators/{code}/realisations?from={FIRST_YEAR}-01&to={}-{:02}&limit=100",
            last.year(),
            last.month()
        );
        for mut value in admin.all(&path).await {
            let period = value["period"].as_str().unwrap().to_owned();
            let members = value.as_object_mut().unwrap();
            members.remove("facts_recorded_at");
            // The wording is no value.
            members.remove("indicator");
            found.insert((code.clone(), period), value);
        }
    }
    found
}

/// Fails if a value moved that should not.
fn check(before: &Values, after: &Values, change: &Change, reply: &Reply) {
    let warnings = reply.json["warnings"].as_array().into_iter().flatten();
    let periods = warnings.flat_map(|w| w["periods"].as_array().into_iter().flatten());
    let listed: Vec<Period> = periods.map(|p| p.as_str().unwrap().parse().unwrap()).collect();
    let what = format!("{} {} {}", change.method, change.path, change.body);
    let keys = before.keys().chain(after.keys());
    for key in keys.filter(|key| before.get(key) != after.get(key)) {
        let (code, period) = (&key.0, key.1.parse::<Period>().unwrap());
        let last = period.last_day();
        assert!(
            change.day.is_none_or(|first| first <= last),
            "{what}: {code} {period} ended before {:?} and moved: {:#?} {:#?}",
            change.day,
            before.get(key),
            after.get(key)
        );
        // The answer lists quarters and years; the other months between them are not named.
        if let Some(name) = period.target_period().filter(|_| last < today()) {
            assert!(
                listed.contains(&name),
                "{what}: {code} {name} moved and is not among {listed:?}"
            );
        }
    }
    for period in listed {
        assert!(period.last_day() < today(), "{what}: {period} is not over");
        let kind = period.kind();
        assert_ne!(kind, PeriodKind::Month, "{what}: {period}");
    }
}

/// Sends a change, without a reason if it is possible.
async fn send(admin: &Client, change: &Change) -> Option<Reply> {
    let is_over = |day: NaiveDate| day.year() < today().year();
    let ask = async |body: Value| match change.method {
        "POST" => admin.post(&change.path, body).await,
        "PATCH" => admin.patch(&change.path, "*", body).await,
        _ => admin.delete(&change.path, "*").await,
    };
    let mut reply = ask(change.body.clone()).await;
    let has_reason = change.method == "DELETE" || change.body.get("reason").is_some();
    if change.day.is_some_and(is_over) && !has_reason && reply.status < 400 {
        // A request that changes nothing needs no reason, and a life before all decrees moves no value.
        assert!(
            reply.json.get("warnings").is_none(),
            "{}: {:#}",
            change.path,
            reply.json
        );
    }
    if reply.status == 422 && reply.json["code"] == "reason_required" {
        assert!(!has_reason);
        let mut body = change.body.clone();
        body["reason"] = json!("Perda");
        reply = ask(body).await;
    }
    assert!(
        reply.status < 300 || [403, 409, 422].contains(&reply.status),
        "{} {}: {:#}",
        change.path,
        change.body,
        reply.json
    );
    (reply.status < 300).then_some(reply)
}

/// Records facts of every indicator in every year.
async fn facts(admin: &Client) {
    let villages = admin
        .all(&format!("/v1/villages?district_code={PARINGIN}&kind=desa"))
        .await;
    let survey = async |year: i32| {
        let survey = json!({
            "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "starts_on": format!("{year}-01-06"),
            "ends_on": format!("{year}-06-30"),
        });
        let survey = admin.post("/v1/surveys", survey).await.status(201);
        let path = survey.header("location");
        admin.patch(path, "*", json!({"status": "open"})).await.status(200);
        let names = "persyaratan prosedur waktu biaya produk kompetensi perilaku sarana pengaduan";
        let answers: serde_json::Map<_, _> = names.split(' ').map(|name| (name.to_owned(), json!(3))).collect();
        let answer =
            json!({"answers": answers, "answered_at": format!("{year}-03-14T08:00:00+08:00"), "service": "ktp"});
        admin.post(&format!("{path}/responses"), answer).await.status(201);
    };
    // Some desa keep out, so that they can still be deleted.
    for (i, village) in (0_i32..).zip(villages.iter().take(10)) {
        let code = &village["code"];
        let decree = json!({"number": "1", "issued_on": "2022-06-20", "starts_on": format!("2022-{:02}-01", i + 1)});
        let rt = json!({"village_code": code, "kind": "rt", "name": "RT 01", "decrees": [decree]});
        admin.post("/v1/institutions", rt).await.status(201);
        for year in FIRST_YEAR..=2026 {
            for (kind, offset, day) in [
                ("lppd", 1, "03-14"),
                ("bpd-kinerja", 1, "05-14"),
                ("dd-tahap1", 0, "06-14"),
            ] {
                let report = json!({
                    "village_code": code, "kind": kind, "fiscal_year": year - offset, "delivered_on": format!("{year}-{day}"),
                });
                admin.post("/v1/reports", report).await.status(201);
            }
        }
    }
    for year in FIRST_YEAR..=2026 {
        survey(year).await;
        let case = json!({
            "village_code": villages[0]["code"], "category": "jalan", "occurred_at": format!("{year}-05-05T08:00:00+08:00"),
            "summary": "Balap liar",
        });
        admin.post("/v1/cases", case).await.status(201);
    }
}

#[apply(both_databases)]
async fn a_change_of_structure_keeps_the_past(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    facts(&admin).await;
    let mut before = values(&admin).await;
    assert_eq!(before.len(), 5 * 47);
    let mut random = Random(13);
    let mut done = BTreeMap::new();
    for n in 0..REQUESTS {
        let (name, make) = MAKERS[n % MAKERS.len()];
        let state = State::read(&admin).await;
        let Some(change) = make(&state, &mut random) else {
            continue;
        };
        let Some(reply) = send(&admin, &change).await else {
            continue;
        };
        let after = values(&admin).await;
        check(&before, &after, &change, &reply);
        *done.entry(name).or_insert(0) += usize::from(before != after);
        before = after;
    }
    assert_eq!(done.len(), MAKERS.len(), "no request of this kind succeeded: {done:?}");
    let moved: usize = done.values().sum();
    assert!(moved >= REQUESTS / 5, "hardly anything moved: {done:?}");
}
