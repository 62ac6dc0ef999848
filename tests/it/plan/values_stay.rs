//! After any single change of the plan, every value of a period that ended before the year it names is what it was, and the
//! response names every other period that is over and has another value.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DECREES, INDICATORS, KINDS, next_decree, shipped, trial, with};
use crate::support::backend::Backend;
use crate::support::world::{Client, World};

/// A request that changes the plan, and the year before which nothing may move (2000: it names no year).
#[derive(Clone, Debug)]
struct Change {
    verb: &'static str,
    path: String,
    body: Value,
    year: i32,
}

fn reason() -> Value {
    json!({"reason": "Uji"})
}

fn corrections_of_indicators() -> impl Strategy<Value = Change> {
    let members = prop_oneof![
        Just(json!({"polarity": "lower_is_better"})),
        Just(json!({"polarity": "higher_is_better"})),
        Just(json!({"name": "Nama lain"})),
        Just(json!({"unit": "percent", "formula": {"kind": "report_delivery", "group": "finance"}})),
        Just(json!({"unit": "count", "formula": {"kind": "institution_count"}})),
    ];
    (1..=5, 2023..=2026, members).prop_map(|(number, year, members)| Change {
        verb: "PATCH",
        path: format!("{INDICATORS}/paringin-iku-{number}"),
        body: with(with(json!({"from_year": year}), members), reason()),
        year,
    })
}

fn corrections_of_kinds() -> impl Strategy<Value = Change> {
    let kinds = prop::sample::select(vec!["lppd", "bpd-kinerja", "apbdes-s1", "lpj-apbdes", "dd-tahunan"]);
    let members = prop_oneof![
        (1..=31).prop_map(|day| json!({"due_day": day})),
        (1..=12).prop_map(|month| json!({"due_month": month})),
        Just(json!({"fiscal_year_offset": 0})),
        (2023..=2027).prop_map(|year| json!({"valid_to_year": year})),
        Just(json!({"valid_to_year": null})),
        Just(json!({"group": "finance"})),
        Just(json!({"confirmed": true})),
    ];
    (kinds, 2021..=2026, members).prop_map(|(kind, year, members)| Change {
        verb: "PATCH",
        path: format!("{KINDS}/{kind}"),
        body: with(with(json!({"from_year": year}), members), reason()),
        year,
    })
}

/// The numbers of the records that the requests make, so that others find them.
const OWN: RangeInclusive<u128> = 1..=4;

fn new_records() -> impl Strategy<Value = Change> {
    let indicator = (OWN, 2023..=2026, 6..=99).prop_map(|(n, year, number)| Change {
        verb: "POST",
        path: INDICATORS.to_owned(),
        body: with(
            trial(),
            json!({"code": format!("coba-{n}"), "number": number, "from_year": year}),
        ),
        year,
    });
    let kind = (OWN, 2022..=2026, 1..=12).prop_map(|(n, year, month)| Change {
        verb: "POST",
        path: KINDS.to_owned(),
        body: json!({
            "code": format!("jenis-{n}"), "group": "administration", "name": "Uji", "due_month": month,
            "due_day": 31, "fiscal_year_offset": -1, "valid_from_year": year, "legal_basis": "Uji", "confirmed": false,
            "reason": "Uji",
        }),
        year,
    });
    let decree = (OWN, 2024..=2027, 0..=3).prop_map(|(n, year, years)| Change {
        verb: "POST",
        path: DECREES.to_owned(),
        body: with(
            next_decree(),
            json!({
                "id": Uuid::from_u128(n), "number": format!("{n}/CPAR"), "first_year": year, "last_year": year + years,
                "reason": "Uji",
            }),
        ),
        year,
    });
    prop_oneof![indicator, kind, decree]
}

/// A request deletes or restores a record that an earlier request made. The service refuses it if the record is not there.
fn withdrawals() -> impl Strategy<Value = Change> {
    let paths = OWN.prop_flat_map(|n| {
        prop::sample::select(vec![
            format!("{INDICATORS}/coba-{n}"),
            format!("{KINDS}/jenis-{n}"),
            format!("{DECREES}/{}", Uuid::from_u128(n)),
        ])
    });
    (paths, any::<bool>()).prop_map(|(path, is_deletion)| Change {
        verb: if is_deletion { "DELETE" } else { "POST" },
        path: if is_deletion {
            path
        } else {
            format!("{path}/restorations")
        },
        body: reason(),
        year: 2000,
    })
}

fn targets() -> impl Strategy<Value = Change> {
    let periods = prop::sample::select(vec!["2024", "2025-Q1", "2025-S1", "2025-Q3", "2025"]);
    (1..=5, periods, 1..=99, any::<bool>()).prop_map(|(number, period, value, is_deletion)| Change {
        verb: if is_deletion { "DELETE" } else { "PUT" },
        path: format!("{INDICATORS}/paringin-iku-{number}/targets/{period}"),
        body: with(json!({"value": value}), reason()),
        year: period[..4].parse().unwrap(),
    })
}

fn years_of_records() -> impl Strategy<Value = Change> {
    let groups = prop::sample::select(vec!["administration", "finance"]);
    (groups, prop::option::of(2022..=2026)).prop_map(|(group, year)| Change {
        verb: "PATCH",
        path: "/v1/districts/63.11.06".to_owned(),
        body: with(json!({"records_from": {group: year}}), reason()),
        year: 2000,
    })
}

fn begins_of_the_decree() -> impl Strategy<Value = Change> {
    (2020..=2025).prop_map(|year| Change {
        verb: "PATCH",
        path: shipped(),
        body: json!({"first_year": year, "reason": "Uji"}),
        year: 2000,
    })
}

fn ends_of_the_decree() -> impl Strategy<Value = Change> {
    (2023..=2028).prop_map(|year| Change {
        verb: "PATCH",
        path: shipped(),
        body: json!({"last_year": year, "reason": "Uji"}),
        year,
    })
}

/// What a pull of a period shows of each indicator: value, reason, target and achievement. No name, no decree.
async fn values(admin: &Client) -> BTreeMap<(String, String), Value> {
    let mut all = BTreeMap::new();
    for year in 2023..=2026 {
        for period in [
            format!("{year}-Q1"),
            format!("{year}-S1"),
            format!("{year}-Q3"),
            format!("{year}"),
        ] {
            let pulled = admin
                .all(&format!("/v1/realisations?district_code=63.11.06&period={period}"))
                .await;
            for item in pulled {
                let code = item["indicator"]["code"].as_str().unwrap().to_owned();
                let shown = ["value", "exact", "denominator", "reason", "target", "achievement"];
                let shown = shown.map(|member| item[member].clone());
                all.insert((period.clone(), code), json!(shown));
            }
        }
    }
    all
}

#[actix_web::test]
async fn values_before_the_named_year_stay_and_moved_periods_are_named() {
    let world = World::on(Backend::Sqlite).at("2026-08-15T09:00:00+08:00").await;
    let contract = iku::app::contract().unwrap();
    iku::demo::fill(&world.service.db, contract).await.unwrap();
    let admin = world.admin();
    let change = prop_oneof![
        4 => corrections_of_indicators(),
        4 => corrections_of_kinds(),
        3 => new_records(),
        4 => withdrawals(),
        2 => targets(),
        1 => years_of_records(),
        1 => ends_of_the_decree(),
        1 => begins_of_the_decree(),
    ];
    let mut runner = TestRunner::deterministic();
    let (mut made, mut before) = (0, values(&admin).await);
    for _ in 0..100 {
        let change = change.new_tree(&mut runner).unwrap().current();
        let last_year = admin.get(&shipped()).await.status(200).json["last_year"]
            .as_i64()
            .unwrap();
        let first_moved = match change.path == shipped() {
            // The years up to the earlier end stay.
            true => last_year.min(i64::from(change.year)) + 1,
            false => i64::from(change.year),
        };
        let reply = match change.verb {
            "POST" => admin.post(&change.path, change.body.clone()).await,
            "PUT" => admin.with("if-match", "*").put(&change.path, change.body.clone()).await,
            "DELETE" => admin.delete(&change.path, "*").await,
            _ => admin.patch(&change.path, "*", change.body.clone()).await,
        };
        let now = values(&admin).await;
        if reply.status >= 400 {
            assert_eq!(now, before, "a refused change moves nothing: {change:?}");
            continue;
        }
        made += 1;
        let named: BTreeSet<&str> = reply.json["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|warning| warning["periods"].as_array().into_iter().flatten())
            .map(|period| period.as_str().unwrap())
            .collect();
        for key in before.keys().chain(now.keys()) {
            if before.get(key) == now.get(key) {
                continue;
            }
            let (period, code) = key;
            let year: i64 = period[..4].parse().unwrap();
            assert!(year >= first_moved, "{code} {period} moved: {change:?}");
            let is_over = year < 2026 || period == "2026-Q1" || period == "2026-S1";
            assert!(
                !is_over || named.contains(period.as_str()),
                "{code} {period} is not named: {change:?} {named:?}"
            );
        }
        before = now;
    }
    assert!(made > 40, "{made}");
}
