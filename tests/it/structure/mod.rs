//! After any single change of structure, every value of a period that ended before the day that the change names is what it
//! was; a day in a year that is over needs a reason; and values of periods that the answer does not list did not move.
//!
//! The requests are random, from a seed. A new request is one line in [`makers::MAKERS`].

mod makers;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use iku::core::civil::date_of;
use iku::core::period::{Period, PeriodKind};
use serde_json::{Value, json};

use self::makers::{Change, MAKERS, Random, State};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply, World};

const NOW: &str = "2026-11-27T09:00:00+08:00";
const FIRST_YEAR: i32 = 2023;
/// Requests of each kind.
const ROUNDS: usize = 5;

fn today() -> NaiveDate {
    date_of(crate::support::world::instant(NOW))
}

/// By indicator and period.
type Values = BTreeMap<(String, String), Value>;

/// Returns the values of all indicators in all months until now, without the instants of recording.
async fn values(admin: &Client) -> Values {
    let mut found = BTreeMap::new();
    for indicator in admin.all("/v1/indicators?limit=100").await {
        let code = indicator["code"].as_str().unwrap();
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
            // The wording and the decree are no value.
            members.remove("indicator");
            members["formula"].as_object_mut().unwrap().remove("decree");
            found.insert((code.to_owned(), period), value);
        }
    }
    found
}

/// Fails if a value moved that should not.
fn check(before: &Values, after: &Values, change: &Change, reply: &Reply) {
    let warned = |member: &str| {
        let warnings = reply.json["warnings"].as_array().into_iter().flatten();
        let named = warnings.flat_map(|w| w[member].as_array().into_iter().flatten());
        named.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let hidden: BTreeSet<String> = warned("indicators").into_iter().collect();
    let listed: Vec<Period> = warned("periods").iter().map(|p| p.parse().unwrap()).collect();
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
        let has_data = |value: &Value| value["value"].as_f64() > Some(0.0) || !value["target"].is_null();
        if !after.contains_key(key) && before.get(key).is_some_and(has_data) {
            assert!(
                hidden.contains(code),
                "{what}: {code} has data and is not among {hidden:?}"
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
        "PUT" if admin.get(&change.path).await.status == 200 => {
            admin.with("if-match", "*").put(&change.path, body).await
        }
        "PUT" => admin.put(&change.path, body).await,
        _ => admin.delete(&change.path, "*").await,
    };
    // The first target of a period is entered late, like a fact.
    let is_entered = change.method == "PUT" && admin.get(&format!("{}/versions", change.path)).await.status == 404;
    let mut reply = ask(change.body.clone()).await;
    let has_reason = change.method == "DELETE" || change.body.get("reason").is_some();
    if change.day.is_some_and(is_over) && !has_reason && !is_entered && reply.status < 400 {
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
        reply.status < 300 || [403, 404, 409, 422].contains(&reply.status),
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
        let becomes = async |status: &str| admin.patch(path, "*", json!({"status": status})).await.status(200);
        becomes("open").await;
        let names = "persyaratan prosedur waktu biaya produk kompetensi perilaku sarana pengaduan";
        let answers: serde_json::Map<_, _> = names.split(' ').map(|name| (name.to_owned(), json!(3))).collect();
        let answer =
            json!({"answers": answers, "answered_at": format!("{year}-03-14T08:00:00+08:00"), "service": "ktp"});
        admin.post(&format!("{path}/responses"), answer).await.status(201);
        if year < 2026 {
            becomes("closed").await;
        }
    };
    // Some desa keep out, so that they can still be deleted.
    for (i, village) in (0_i32..).zip(villages.iter().take(10)) {
        let code = &village["code"];
        let decree = json!({"number": "1", "issued_on": "2022-06-20", "starts_on": format!("2022-{:02}-01", i + 1)});
        let rt = json!({"village_code": code, "kind": "rt", "name": format!("RT {i}"), "decrees": [decree]});
        admin.post("/v1/institutions", rt).await.status(201);
        for year in FIRST_YEAR..=2026 {
            for (kind, offset, day) in [
                ("lppd", 1, "03-14"),
                ("bpd-kinerja", 1, "05-14"),
                ("dd-tahap1", 0, "06-14"),
            ] {
                // Nobody recorded the finances of 2024.
                if (kind, year) == ("dd-tahap1", 2024) {
                    continue;
                }
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
    for (name, make) in MAKERS.iter().cycle().take(ROUNDS * MAKERS.len()) {
        let state = State::read(&admin).await;
        let Some(change) = make(&state, &mut random) else {
            continue;
        };
        let Some(reply) = send(&admin, &change).await else {
            continue;
        };
        let after = values(&admin).await;
        check(&before, &after, &change, &reply);
        *done.entry(*name).or_insert(0) += usize::from(before != after);
        before = after;
    }
    let never: Vec<_> = MAKERS.iter().filter(|(name, _)| !done.contains_key(name)).collect();
    assert!(never.is_empty(), "no request of this kind succeeded: {never:?}");
    let moved: usize = done.values().sum();
    assert!(moved >= MAKERS.len(), "hardly anything moved: {done:?}");
}
