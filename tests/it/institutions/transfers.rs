//! An institution passes to another village from a day on: values before that day stay.

use serde_json::{Value, json};

use super::{INSTITUTIONS, NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, Client, PARINGIN_KOTA, World, instant};

/// Another desa of Paringin.
const NEIGHBOUR: &str = "63.11.06.2006";

fn to(village: &str, from: &str) -> Value {
    json!({"village_code": village, "from": from, "reason": "Desa dimekarkan"})
}

async fn value(client: &Client, period: &str, query: &str) -> Value {
    let path = format!("/v1/indicators/paringin-iku-2/realisations/{period}{query}");
    client.get(&path).await.status(200).json["value"].clone()
}

/// The villages with an active institution at the end of a period.
async fn counted(client: &Client, period: &str) -> Vec<String> {
    let path = format!("/v1/indicators/paringin-iku-2/realisations/{period}/explanation");
    let explanation = client.get(&path).await.status(200).json;
    let cells = explanation["inputs"]["institutions"].as_array().unwrap().iter();
    let active = cells.filter(|cell| cell["active"] != 0);
    active
        .map(|cell| cell["village_code"].as_str().unwrap().to_owned())
        .collect()
}

#[apply(both_databases)]
async fn the_old_village_counts_before_the_day_and_the_new_one_from_it(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    let transfers = format!("{path}/transfers");
    let before = kasi.get(&path).await.status(200);
    assert_eq!(before.json["villages"], json!([{"village_code": BALANG, "from": null}]));

    let moved = kasi.post(&transfers, to(NEIGHBOUR, "2025-05-01")).await.status(200);
    assert_eq!(moved.json["village_code"], NEIGHBOUR);
    assert_eq!(
        moved.json["villages"],
        json!([{"village_code": BALANG, "from": null}, {"village_code": NEIGHBOUR, "from": "2025-05-01"}])
    );
    // No period that is over ends on that day or later.
    assert_eq!(moved.json.get("warnings"), None);
    let again = kasi.post(&transfers, to(NEIGHBOUR, "2025-05-01")).await.status(200);
    assert_eq!((again.etag(), &again.json), (moved.etag(), &moved.json));
    let versions = kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["reason"], "Desa dimekarkan");
    assert_eq!(versions[0]["content"], before.json);

    assert_eq!(counted(&kasi, "2025-04").await, [BALANG]);
    assert_eq!(counted(&kasi, "2025-05").await, [NEIGHBOUR]);
    let active = async |day: &str, village: &str| {
        let list = format!("/v1/institutions?active_on={day}&village_code={village}");
        kasi.all(&list).await.len()
    };
    assert_eq!(active("2025-04-30", BALANG).await, 1);
    assert_eq!(active("2025-04-30", NEIGHBOUR).await, 0);
    assert_eq!(active("2025-05-01", BALANG).await, 0);
    assert_eq!(active("2025-05-01", NEIGHBOUR).await, 1);
    assert_eq!(
        kasi.all(&format!("/v1/institutions?village_code={NEIGHBOUR}"))
            .await
            .len(),
        1
    );

    // A third village, and the decrees and villages stay with each version.
    kasi.post(&transfers, to("63.11.06.2007", "2025-06-01"))
        .await
        .status(200);
    for (day, village) in [
        ("2025-04-30", BALANG),
        ("2025-05-31", NEIGHBOUR),
        ("2025-06-01", "63.11.06.2007"),
    ] {
        for other in [BALANG, NEIGHBOUR, "63.11.06.2007"] {
            assert_eq!(active(day, other).await, usize::from(other == village), "{day} {other}");
        }
    }
    kasi.post(&format!("{path}/decrees"), term("2028-07-01"))
        .await
        .status(201);
    let now = kasi.get(&path).await.status(200).json;
    assert_eq!(now["villages"].as_array().unwrap().len(), 3);
    kasi.delete(&path, "*").await.status(204);
    let back = kasi
        .post(&format!("{path}/restorations"), json!({"reason": "Keliru"}))
        .await;
    assert_eq!(back.status(200).json["villages"], now["villages"]);
}

#[apply(both_databases)]
async fn a_transfer_to_the_successor_keeps_the_value_when_a_desa_ends(backend: Backend) {
    let world = World::on(backend).at("2026-11-02T09:00:00+08:00").await;
    let (admin, kasi) = (world.admin(), world.officer(&["pmd"]));
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    let ends = json!({"valid_to": "2026-06-30", "reason": "Digabung"});
    admin
        .patch(&format!("/v1/villages/{BALANG}"), "*", ends)
        .await
        .status(200);
    assert_eq!(value(&kasi, "2025", "").await, 1);
    assert_eq!(value(&kasi, "2026-Q2", "").await, 1);
    assert_eq!(value(&kasi, "2026-Q3", "").await, 0);
    world.clock.set(instant("2026-11-03T09:00:00+08:00"));
    let transfer = to(NEIGHBOUR, "2026-07-01");
    let moved = kasi.post(&format!("{path}/transfers"), transfer).await.status(200);
    assert_eq!(
        moved.json["warnings"],
        json!([{"code": "periods_moved", "periods": ["2026-Q3"]}])
    );
    for period in ["2025", "2026-Q2", "2026-Q3"] {
        assert_eq!(value(&kasi, period, "").await, 1, "{period}");
    }
    // What was known before stays.
    assert_eq!(value(&kasi, "2026-Q3", "?as_of=2026-11-02T12:00:00Z").await, 0);
    assert_eq!(kasi.get(&path).await.status(200).json.get("warnings"), None);
}

#[apply(both_databases)]
async fn a_transfer_in_an_ended_year_names_the_periods_and_can_be_corrected(backend: Backend) {
    let world = World::on(backend).at("2026-02-02T09:00:00+08:00").await;
    let kasi = world.officer(&["pmd"]);
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    let transfers = format!("{path}/transfers");
    let without_reason = json!({"village_code": NEIGHBOUR, "from": "2025-05-01"});
    kasi.post(&transfers, without_reason).await.problem(400, "invalid_body");
    let moved = kasi.post(&transfers, to(NEIGHBOUR, "2025-05-01")).await.status(200);
    assert_eq!(
        moved.json["warnings"][0]["periods"],
        json!(["2025-S1", "2025-Q3", "2025"])
    );
    // The same village on another day corrects the day; only the values between the two days move.
    let corrected = kasi.post(&transfers, to(NEIGHBOUR, "2025-08-01")).await.status(200);
    assert_eq!(
        corrected.json["warnings"][0]["periods"],
        json!(["2025-S1", "2025-Q3", "2025"])
    );
    assert_eq!(counted(&kasi, "2025-07").await, [BALANG]);
    // The old village on the day of the transfer takes it back.
    let back = kasi.post(&transfers, to(BALANG, "2025-08-01")).await.status(200);
    assert_eq!(back.json["villages"], json!([{"village_code": BALANG, "from": null}]));
    assert_eq!(counted(&kasi, "2025").await, [BALANG]);
    assert_eq!(kasi.all(&format!("{path}/versions")).await.len(), 4);
}

#[apply(both_databases)]
async fn rejects_impossible_transfers(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let (admin, kasi) = (world.admin(), world.officer(&["pmd"]));
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    let transfers = format!("{path}/transfers");
    let new = json!({"code": "63.11.06.2090", "district_code": "63.11.06", "kind": "desa", "name": "Baru", "valid_from": "2025-03-01"});
    admin.post("/v1/villages", new).await.status(201);
    let mut failures = Vec::new();
    for (village, from, code, pointer) in [
        (BALANG, "2025-01-01", "rule_broken", "#/village_code"),
        (PARINGIN_KOTA, "2025-01-01", "kelurahan_not_allowed", "#/village_code"),
        ("63.11.06.2999", "2025-01-01", "unknown_reference", "#/village_code"),
        ("63.11.01.2001", "2025-01-01", "unknown_reference", "#/village_code"),
        ("63.11.06.2090", "2025-02-28", "rule_broken", "#/from"),
        (NEIGHBOUR, "1899-12-31", "rule_broken", "#/from"),
    ] {
        let refused = kasi.post(&transfers, to(village, from)).await;
        failures.extend(refused.unless_refused(422, code, pointer));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let taken = rt("RT.1", json!([]));
    let mut taken = taken;
    taken["village_code"] = json!(NEIGHBOUR);
    recorded(&kasi, taken).await;
    kasi.post(&transfers, to(NEIGHBOUR, "2025-01-01"))
        .await
        .problem(409, "duplicate_institution");
    kasi.post(&transfers, to("63.11.06.2090", "2025-04-01"))
        .await
        .status(200);
    let earlier = kasi.post(&transfers, to("63.11.06.2007", "2025-03-31")).await;
    assert_eq!(earlier.problem(422, "rule_broken").pointers(), ["#/from"]);
    world
        .officer(&["trantibum"])
        .post(&transfers, to("63.11.06.2007", "2025-05-01"))
        .await
        .problem(403, "wrong_section");
    world
        .stranger()
        .post(&transfers, to("63.11.06.2007", "2025-05-01"))
        .await
        .problem(404, "not_found");
}

#[apply(both_databases)]
async fn the_village_is_corrected_only_before_the_institution_has_counted(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let move_to = |village: &str| json!({"village_code": village, "reason": "Salah desa"});
    // Its decree begins after today.
    let path = recorded(&kasi, rt("RT 01", json!([term("2025-07-01")]))).await;
    let corrected = kasi.patch(&path, "*", move_to(NEIGHBOUR)).await.status(200);
    assert_eq!(
        corrected.json["villages"],
        json!([{"village_code": NEIGHBOUR, "from": null}])
    );
    world.clock.set(instant("2025-07-01T09:00:00+08:00"));
    let refused = kasi
        .patch(&path, "*", move_to(BALANG))
        .await
        .problem(409, "transfer_required");
    assert!(refused.json["detail"].as_str().unwrap().contains("/transfers"));
    // A removal of the decrees in the same request does not help.
    let sly = json!({"village_code": BALANG, "decrees": []});
    kasi.patch(&path, "*", sly).await.problem(409, "transfer_required");
    kasi.patch(&path, "*", json!({"name": "RT 7"})).await.status(200);
}

#[apply(both_databases)]
async fn a_decree_starts_within_the_life_of_its_village(backend: Backend) {
    let world = World::on(backend).at("2026-11-02T09:00:00+08:00").await;
    let (admin, kasi) = (world.admin(), world.officer(&["pmd"]));
    let path = recorded(&kasi, rt("RT 01", json!([term("2023-07-01")]))).await;
    let ends = json!({"valid_to": "2026-06-30", "reason": "Digabung"});
    admin
        .patch(&format!("/v1/villages/{BALANG}"), "*", ends)
        .await
        .status(200);
    let late = rt("RT 02", json!([term("2026-06-30"), term("2026-08-02")]));
    let refused = kasi.post(INSTITUTIONS, late).await.problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/decrees/1/starts_on"]);
    let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(BALANG) && detail.contains("2026-06-30"), "{detail}");
    let decrees = format!("{path}/decrees");
    let refused = kasi
        .post(&decrees, term("2026-08-02"))
        .await
        .problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/starts_on"]);
    // A term may outlive the village, and other changes go on.
    kasi.post(&decrees, term("2026-06-30")).await.status(201);
    kasi.patch(&path, "*", json!({"name": "RT 1A"})).await.status(200);
    // From the day of a transfer the new village counts.
    kasi.post(&format!("{path}/transfers"), to(NEIGHBOUR, "2026-07-01"))
        .await
        .status(200);
    kasi.post(&decrees, term("2026-08-02")).await.status(201);
}
