//! A case that comes back: reopened, handed back, or with an event that was a slip.

use ::entity::case_event;
use iku::facts::cases::event::NewCaseEvent;
use iku::platform::fingerprint::canonical_hex;
use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CASES, NOW, event, recorded, waste};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, World, instant};

/// Appends an event and returns the case.
async fn append(kasi: &Client, path: &str, event: Value) -> Value {
    kasi.post(&format!("{path}/events"), event).await.status(201).json
}

/// Numerator, denominator, and cases that were referred without a receipt, of IKU 3 in 2025.
async fn counted(reader: &Client, query: &str) -> [Value; 3] {
    let path = format!("/v1/indicators/paringin-iku-3/realisations/2025{query}");
    let got = reader.get(&path).await.status(200).json;
    let information = got["information"].as_array().unwrap().iter();
    let mut receipts = information
        .filter(|i| i["code"] == "referred_without_receipt")
        .map(|i| i["value"].clone());
    [
        got["numerator"].clone(),
        got["denominator"].clone(),
        receipts.next_back().unwrap_or_default(),
    ]
}

/// How many cases occurred and were handled, as the explanation counts them.
async fn explained(reader: &Client) -> [Value; 2] {
    let path = "/v1/indicators/paringin-iku-3/realisations/2025/explanation";
    let got = reader.get(path).await.status(200).json;
    let cell = &got["inputs"]["cases"][0];
    [cell["occurred"].clone(), cell["handled"].clone()]
}

/// Closed too early: it is open again, and counts as handled only after it is resolved again.
#[apply(both_databases)]
async fn a_case_that_was_closed_too_early_is_reopened(backend: Backend) {
    let world = World::on(backend).at("2025-04-01T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    append(&kasi, &path, event("verified", "2025-03-15T08:00:00+08:00")).await;
    append(&kasi, &path, event("resolved", "2025-03-16T08:00:00+08:00")).await;
    assert_eq!(counted(&kasi, "").await[..2], [json!(1), json!(1)]);

    world.clock.set(instant("2025-05-01T09:00:00+08:00"));
    let open = append(&kasi, &path, event("reopened", "2025-05-01T08:00:00+08:00")).await;
    assert_eq!(open["status"], "verified");
    assert_eq!(counted(&kasi, "").await[..2], [json!(0), json!(1)]);
    assert_eq!(explained(&kasi).await, [json!(1), json!(0)]);

    world.clock.set(instant("2025-06-01T09:00:00+08:00"));
    append(&kasi, &path, event("handling", "2025-05-20T08:00:00+08:00")).await;
    append(&kasi, &path, event("resolved", "2025-05-21T08:00:00+08:00")).await;
    assert_eq!(counted(&kasi, "").await[..2], [json!(1), json!(1)]);
    assert_eq!(explained(&kasi).await, [json!(1), json!(1)]);
    // What was known in April and in May stays.
    for (as_of, handled) in [
        ("2025-03-31T00:00:00Z", json!(null)),
        ("2025-04-30T16:00:00Z", json!(1)),
        ("2025-05-31T16:00:00Z", json!(0)),
    ] {
        assert_eq!(counted(&kasi, &format!("?as_of={as_of}")).await[0], handled, "{as_of}");
    }
}

/// The Polsek hands it back, or resolves it; the receipt comes a week after the referral.
#[apply(both_databases)]
async fn a_case_comes_back_from_the_body_to_which_it_was_referred(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    append(&kasi, &path, event("verified", "2025-03-15T08:00:00+08:00")).await;
    let referred = append(&kasi, &path, event("referred", "2025-03-16T08:00:00+08:00")).await;
    assert_eq!(referred["events"][1]["referred_to"], "Polsek Paringin");
    assert_eq!(referred["events"][1]["receipt_missing"], true);
    assert_eq!(counted(&kasi, "").await, [json!(1), json!(1), json!(1)]);

    let added = append(&kasi, &path, event("receipt_added", "2025-03-23T08:00:00+08:00")).await;
    assert_eq!(added["status"], "referred");
    assert_eq!(added["events"][1]["receipt_missing"], false);
    assert_eq!(added["events"][2]["receipt"], "STPL/12/III/2025");
    assert_eq!(counted(&kasi, "").await, [json!(1), json!(1), json!(0)]);
    // Each page of the events knows what comes after it.
    let one_by_one = kasi.all(&format!("{path}/events?limit=1")).await;
    assert_eq!(json!(one_by_one), added["events"]);

    let returned = append(&kasi, &path, event("returned", "2025-04-02T08:00:00+08:00")).await;
    assert_eq!(returned["status"], "verified");
    assert_eq!(counted(&kasi, "").await, [json!(0), json!(1), json!(0)]);
    assert_eq!(explained(&kasi).await, [json!(1), json!(0)]);

    let again = append(&kasi, &path, event("referred", "2025-04-03T08:00:00+08:00")).await;
    let missing: Vec<_> = again["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["receipt_missing"] == true)
        .collect();
    assert_eq!(missing, [false, false, false, false, true]);
    let resolved = append(&kasi, &path, event("resolved", "2025-05-02T08:00:00+08:00")).await;
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(counted(&kasi, "").await, [json!(1), json!(1), json!(0)]);
}

/// The month was wrong. The event is taken back, and the right one may lie before it.
#[apply(both_databases)]
async fn an_event_that_was_a_slip_is_withdrawn(backend: Backend) {
    let world = World::on(backend).at("2025-06-01T09:00:00+08:00").await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    append(&kasi, &path, event("verified", "2025-03-15T08:00:00+08:00")).await;
    let slip = append(&kasi, &path, event("resolved", "2025-05-20T08:00:00+08:00")).await;
    let slip_id = slip["events"][1]["id"].clone();

    world.clock.set(instant("2025-06-10T09:00:00+08:00"));
    let without_reason = json!({"kind": "withdrawn", "at": "2025-06-10T08:00:00+08:00"});
    let refused = kasi.post(&events, without_reason).await.problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/note"]);
    let before_the_slip = event("withdrawn", "2025-05-19T08:00:00+08:00");
    kasi.post(&events, before_the_slip).await.problem(422, "rule_broken");
    let mut withdrawn = event("withdrawn", "2025-06-10T08:00:00+08:00");
    withdrawn["id"] = json!(Uuid::new_v4());
    let made = kasi.post(&events, withdrawn.clone()).await.status(201);
    assert_eq!(made.json["status"], "verified");
    assert_eq!(made.json["events"][1]["id"], slip_id);
    assert_eq!(made.json["events"][1]["withdrawn_by"], withdrawn["id"]);
    assert_eq!(made.json["events"][2]["withdrawn_by"], json!(null));
    assert_eq!(made.json["events"][2]["note"], "Salah pilih");
    assert_eq!(kasi.post(&events, withdrawn.clone()).await.status(200).json, made.json);
    assert_eq!(counted(&kasi, "").await[..2], [json!(0), json!(1)]);

    let right = append(&kasi, &path, event("resolved", "2025-04-20T08:00:00+08:00")).await;
    assert_eq!(right["status"], "resolved");
    assert_eq!(counted(&kasi, "").await[..2], [json!(1), json!(1)]);
    // On 5 June the slip was known, and counted.
    assert_eq!(counted(&kasi, "?as_of=2025-06-05T00:00:00Z").await[0], json!(1));
    let versions = kasi.all(&format!("{path}/versions")).await;
    let statuses: Vec<_> = versions
        .iter()
        .map(|v| v["content"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["reported", "verified", "resolved", "verified", "resolved"]);
    assert_eq!(versions[2]["content"]["events"][1]["withdrawn_by"], json!(null));

    // Two withdrawals take back two events; the first one is not withdrawn by the second.
    append(&kasi, &path, event("withdrawn", "2025-06-10T08:30:00+08:00")).await;
    let reported = append(&kasi, &path, event("withdrawn", "2025-06-10T08:30:00+08:00")).await;
    assert_eq!(reported["status"], "reported");
    let by: Vec<_> = reported["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["withdrawn_by"].is_string())
        .collect();
    assert_eq!(by, [true, true, false, true, false, false]);
    let nothing_left = event("withdrawn", "2025-06-10T08:40:00+08:00");
    kasi.post(&events, nothing_left)
        .await
        .problem(409, "impossible_transition");
    // The occurrence is bounded by what counts.
    let later = json!({"occurred_at": "2025-04-01T08:00:00+08:00", "reason": "Salah tanggal"});
    kasi.patch(&path, "*", later).await.status(200);
}

#[apply(both_databases)]
async fn a_rejection_by_mistake_is_taken_back(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    for (undo, status) in [("withdrawn", "reported"), ("reopened", "reported")] {
        let path = recorded(&kasi, waste()).await;
        append(&kasi, &path, event("rejected", "2025-03-15T08:00:00+08:00")).await;
        assert_eq!(kasi.all(&format!("{CASES}?status=rejected")).await.len(), 1);
        let open = append(&kasi, &path, event(undo, "2025-03-16T08:00:00+08:00")).await;
        assert_eq!(open["status"], status);
        assert_eq!(kasi.all(&format!("{CASES}?status=rejected")).await.len(), 0);
    }
    assert_eq!(counted(&kasi, "").await[..2], [json!(0), json!(2)]);
}

/// An event of 0.1 has no receiver. It stays readable, and its request sent again is known.
#[apply(both_databases)]
async fn a_referral_names_its_receiver_and_an_old_one_without_stays(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["trantibum"]);
    let path = recorded(&kasi, waste()).await;
    let events = format!("{path}/events");
    append(&kasi, &path, event("verified", "2025-03-15T08:00:00+08:00")).await;
    let nameless = json!({"kind": "referred", "at": "2025-03-16T00:00:00Z"});
    let refused = kasi.post(&events, nameless.clone()).await.problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/referred_to"]);

    let made = append(&kasi, &path, event("referred", "2025-03-16T08:00:00+08:00")).await;
    let id = made["events"][1]["id"].as_str().unwrap();
    let content: NewCaseEvent = serde_json::from_value(nameless.clone()).unwrap();
    let row = case_event::ActiveModel {
        id: Set(id.parse().unwrap()),
        referred_to: Set(None),
        fingerprint: Set(Some(canonical_hex(&content).unwrap())),
        ..Default::default()
    };
    row.update(world.service.db.connection()).await.unwrap();
    let old = kasi.get(&path).await.status(200).json;
    assert_eq!(
        (&old["status"], &old["events"][1]["referred_to"]),
        (&json!("referred"), &json!(null))
    );
    let mut again = nameless;
    again["id"] = json!(id);
    assert_eq!(kasi.post(&events, again).await.status(200).json, old);
    append(&kasi, &path, event("receipt_added", "2025-03-23T08:00:00+08:00")).await;
}
