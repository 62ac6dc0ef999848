//! IKU 4 and 5 against a reference that remembers every request: villages that begin and end, kinds with years, reports that
//! are returned, deleted and restored, and what the office says about its years; each asked at many instants.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use iku::access::Role;
use serde_json::{Value, json};

use super::{DESA, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

const BEGINS: &str = "2098";
const ENDS: &str = "2005";

/// Group, code, offset of the fiscal year, due month and day, first and last year.
const KINDS: [(&str, &str, i32, u32, u32, i32, i32); 10] = [
    ("administration", "lppd", -1, 3, 31, 2000, 2100),
    ("administration", "bpd-kinerja", -1, 4, 30, 2000, 2100),
    ("finance", "apbdes-s1", 0, 7, 14, 2000, 2100),
    ("finance", "kegiatan-s1", 0, 7, 14, 2000, 2100),
    ("finance", "apbdes-s2", -1, 1, 31, 2000, 2100),
    ("finance", "lpj-apbdes", -1, 3, 31, 2000, 2100),
    ("finance", "kegiatan-akhir", -1, 3, 31, 2000, 2100),
    ("finance", "dd-tahap1", 0, 6, 30, 2000, 2100),
    ("finance", "dd-tahunan", -1, 2, 28, 2000, 2100),
    ("finance", "dd-khusus", 0, 9, 30, 2025, 2025),
];

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

#[derive(Clone)]
struct Delivery {
    desa: &'static str,
    kind: &'static str,
    fiscal_year: i32,
    on: NaiveDate,
    is_returned: bool,
}

/// A report and its state since each instant; `None`: deleted.
struct Report {
    path: String,
    since: Vec<(DateTime<Utc>, Option<Delivery>)>,
}

impl Report {
    fn at(&self, instant: DateTime<Utc>) -> Option<&Delivery> {
        self.since.iter().rfind(|(since, _)| *since <= instant)?.1.as_ref()
    }
}

#[derive(Default)]
struct Memory {
    reports: Vec<Report>,
    /// First years of administration and finance, since each instant.
    says: Vec<(DateTime<Utc>, [Option<i32>; 2])>,
    instants: Vec<DateTime<Utc>>,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn life(desa: &str) -> (NaiveDate, NaiveDate) {
    match desa {
        BEGINS => (day("2025-07-01"), NaiveDate::MAX),
        ENDS => (NaiveDate::MIN, day("2025-09-15")),
        _ => (NaiveDate::MIN, NaiveDate::MAX),
    }
}

pub fn wita(instant: DateTime<Utc>) -> NaiveDate {
    (instant + TimeDelta::hours(8)).date_naive()
}

impl Memory {
    /// Returns status, reason, numerator, denominator and the reports that fell due before their desa existed.
    fn value(&self, group: &str, (year, month): (i32, u32), at: DateTime<Utc>) -> Value {
        let today = wita(at);
        let last = (28..=31)
            .filter_map(|d| NaiveDate::from_ymd_opt(year, month, d))
            .max()
            .unwrap();
        let none = |reason: &str| json!(["not_computable", reason, null, null]);
        if today.year() < year {
            return none("period_not_started");
        }
        let measured = last.min(today);
        let kinds: Vec<_> = KINDS
            .into_iter()
            .filter(|k| k.0 == group && k.5 <= year && year <= k.6)
            .collect();
        let known: Vec<&Delivery> = self.reports.iter().filter_map(|report| report.at(at)).collect();
        let (mut owed, mut delivered) = (0, 0);
        for desa in DESA.iter().copied().chain([BEGINS]) {
            let (first, end) = life(desa);
            if measured < first || end < measured {
                continue;
            }
            for (_, code, offset, due_month, due_day, ..) in &kinds {
                if NaiveDate::from_ymd_opt(year, *due_month, *due_day).unwrap() < first {
                    continue;
                }
                owed += 1;
                delivered += i32::from(known.iter().any(|r| {
                    (r.desa, r.kind, r.fiscal_year) == (desa, *code, year + offset)
                        && !r.is_returned
                        && r.on <= measured
                }));
            }
        }
        // The year in which a report falls due, if its kind is owed then.
        let due = |r: &&Delivery| {
            let kind = KINDS.iter().find(|k| k.1 == r.kind && k.0 == group)?;
            let year = r.fiscal_year - kind.2;
            (kind.5 <= year && year <= kind.6).then_some(year)
        };
        let years: Vec<i32> = known.iter().filter_map(due).collect();
        let says = self.says.iter().rfind(|(since, _)| *since <= at);
        let from = says.and_then(|(_, both)| both[usize::from(group == "finance")]);
        let is_current = today.year() == year && years.iter().any(|y| *y < year);
        if !years.contains(&year) && from.is_none_or(|from| year < from) && !is_current {
            return none("not_recorded");
        }
        let status = if last < today { "computed" } else { "provisional" };
        json!([status, null, delivered, owed])
    }

    fn note(&mut self, at: DateTime<Utc>) {
        self.instants.push(at);
    }
}

async fn record(actor: &Client, dice: &mut Dice, memory: &mut Memory, now: DateTime<Utc>) {
    let (_, kind, offset, month, due_day, first, last) = dice.of(&KINDS);
    let desa = dice.of(&[DESA[0], DESA[1], DESA[2], BEGINS]);
    let fiscal_year = dice.of(&[2022, 2023, 2024, 2025, 2026]);
    let on = wita(now) - TimeDelta::days(dice.roll(700) as i64);
    let delivery = Delivery {
        desa,
        kind,
        fiscal_year,
        on,
        is_returned: dice.roll(6) == 0,
    };
    let status = if delivery.is_returned { "returned" } else { "received" };
    let body = json!({
        "village_code": village(desa), "kind": kind, "fiscal_year": fiscal_year, "delivered_on": on, "status": status,
    });
    let (begin, end) = life(desa);
    let falls_due = fiscal_year - offset;
    let is_owed = first <= falls_due && falls_due <= last;
    let due_on = NaiveDate::from_ymd_opt(falls_due, month, due_day).unwrap();
    let can_count = is_owed && begin <= on && on <= end && begin <= due_on;
    let key = (desa, kind, fiscal_year);
    let is_there = memory
        .reports
        .iter()
        .filter_map(|r| r.at(now))
        .any(|r| (r.desa, r.kind, r.fiscal_year) == key);
    let reply = actor.post("/v1/reports", body).await;
    match (can_count, is_there) {
        (false, _) => drop(reply.problem(422, "rule_broken")),
        (true, true) => drop(reply.problem(409, "duplicate_report")),
        (true, false) => {
            let path = reply.status(201).header("location").to_owned();
            let since = vec![(now, Some(delivery))];
            memory.reports.push(Report { path, since });
        }
    }
}

/// Returns, delivers again, deletes or restores a report.
async fn change(actor: &Client, dice: &mut Dice, memory: &mut Memory, now: DateTime<Utc>) {
    if memory.reports.is_empty() {
        return;
    }
    let chosen = dice.roll(memory.reports.len());
    let Some(delivery) = memory.reports[chosen].at(now).cloned() else {
        let was = memory.reports[chosen]
            .since
            .iter()
            .rev()
            .find_map(|(_, state)| state.clone())
            .unwrap();
        let key = (was.desa, was.kind, was.fiscal_year);
        let taken = memory
            .reports
            .iter()
            .filter_map(|r| r.at(now))
            .any(|r| (r.desa, r.kind, r.fiscal_year) == key);
        let path = format!("{}/restorations", memory.reports[chosen].path);
        let reply = actor.post(&path, json!({"reason": "Keliru"})).await;
        if taken {
            reply.problem(409, "duplicate_report");
        } else {
            reply.status(200);
            memory.reports[chosen].since.push((now, Some(was)));
        }
        return;
    };
    let path = memory.reports[chosen].path.clone();
    if dice.roll(3) == 0 {
        actor.delete(&path, "*").await.status(204);
        memory.reports[chosen].since.push((now, None));
        return;
    }
    let next = Delivery {
        is_returned: !delivery.is_returned,
        ..delivery
    };
    let status = if next.is_returned { "returned" } else { "accepted" };
    let body = json!({"status": status, "reason": "Diperiksa"});
    actor.patch(&path, "*", body).await.status(200);
    memory.reports[chosen].since.push((now, Some(next)));
}

async fn say(camat: &Client, dice: &mut Dice, memory: &mut Memory, now: DateTime<Utc>) {
    let group = dice.roll(2);
    let year = dice.of(&[None, Some(2023), Some(2024), Some(2025), Some(2026)]);
    let name = ["administration", "finance"][group];
    let body = json!({"records_from": {name: year}, "reason": "Register"});
    camat.patch("/v1/districts/63.11.06", "*", body).await.status(200);
    let mut says = memory.says.last().map(|(_, both)| *both).unwrap_or_default();
    says[group] = year;
    memory.says.push((now, says));
}

async fn compare(asker: &Client, memory: &Memory, at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    for year in 2023..=2026 {
        for (period, month) in [("-02", 2), ("-Q2", 6), ("-Q3", 9), ("", 12)] {
            for (group, indicator) in [("administration", 4), ("finance", 5)] {
                let as_of = at.map(|at| format!("?as_of={}", at.format("%Y-%m-%dT%H:%M:%S%.6fZ")));
                let path = format!(
                    "/v1/indicators/paringin-iku-{indicator}/realisations/{year}{period}{}",
                    as_of.unwrap_or_default()
                );
                let got = asker.get(&path).await.status(200).json;
                let got = json!([got["status"], got["reason"], got["numerator"], got["denominator"]]);
                assert_eq!(got, memory.value(group, (year, month), at.unwrap_or(now)), "{path}");
            }
        }
    }
}

#[apply(both_databases)]
async fn values_agree_with_a_reference_that_remembers_every_request(backend: Backend) {
    let world = World::on(backend).at("2025-06-01T08:00:00+08:00").await;
    let (admin, camat) = (world.admin(), world.holder(Role::Head, Some(PARINGIN), &[]));
    let begins = json!({
        "code": village(BEGINS), "district_code": PARINGIN, "kind": "desa", "name": "Balang Baru", "valid_from": "2025-07-01",
    });
    admin.post("/v1/villages", begins).await.status(201);
    let ends = json!({"valid_to": "2025-09-15", "reason": "Perda"});
    let path = format!("/v1/villages/{}", village(ENDS));
    admin.patch(&path, "*", ends).await.status(200);
    let kind = json!({
        "code": "dd-khusus", "group": "finance", "name": "Laporan khusus", "due_month": 9, "due_day": 30,
        "fiscal_year_offset": 0, "valid_from_year": 2025, "valid_to_year": 2025, "legal_basis": "Surat", "confirmed": false,
    });
    admin.post("/v1/report-kinds", kind).await.status(201);

    let (mut dice, mut memory) = (Dice(20_261_127), Memory::default());
    let mut now = instant("2025-06-02T08:00:00+08:00");
    for _ in 0..160 {
        now += TimeDelta::hours(12 + dice.roll(140) as i64);
        world.clock.set(now);
        match dice.roll(10) {
            0..=5 => record(&admin, &mut dice, &mut memory, now).await,
            6..=8 => change(&admin, &mut dice, &mut memory, now).await,
            _ => say(&camat, &mut dice, &mut memory, now).await,
        }
        memory.note(now);
    }
    assert!(memory.reports.len() > 30, "{}", memory.reports.len());
    compare(&camat, &memory, None, now).await;
    for _ in 0..6 {
        let at = dice.of(&memory.instants);
        compare(&camat, &memory, Some(at), now).await;
        compare(&camat, &memory, Some(at - TimeDelta::microseconds(1)), now).await;
    }
}
