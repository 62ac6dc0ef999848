//! A closing keeps its values; later corrections are revisions.

use iku::platform::fingerprint::sha256_hex;
use serde_json::{Value, json};

use super::{CLOSINGS, IKU4, NOW, claims, close, deliver, files, head, realisations, verified};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World, instant};

#[apply(both_databases)]
async fn a_closed_period_keeps_its_document_and_its_values(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (camat, kasi) = (head(&world), world.officer(&["pemerintahan"]));
    let target = json!({"value": 50, "basis": "Perjanjian Kinerja 2025", "reason": "Murni"});
    let path = "/v1/indicators/paringin-iku-4/targets/2025-S1";
    camat.put(path, target).await.status(201);
    let report = deliver(&kasi, "2005", "lppd").await;
    deliver(&kasi, "2006", "lppd").await;

    let closed = close(&camat, "2025-Q2", None).await.status(201);
    let (location, etag, closing) = (closed.header("location").to_owned(), closed.etag(), closed.json);
    let known = json!({
        "period": "2025-S1", "version": 1, "closed_by": "test.head", "reason": null, "same_hand": false, "previous_id": null,
        "replaces_id": null, "district_code": PARINGIN,
    });
    for (name, value) in known.as_object().unwrap() {
        assert_eq!(closing[name], *value, "{name}");
    }
    let read = camat.get(&location).await.status(200);
    assert_eq!((read.etag(), &read.json), (etag, &closing));

    let (document, statement) = files(&camat, &closing).await;
    for (part, bytes) in [("document", document.as_slice()), ("statement", statement.as_bytes())] {
        let file = camat.get(&format!("{location}/{part}")).await.status(200);
        let digest = sha256_hex(bytes);
        assert_eq!(
            (&closing[part]["sha256"], &closing[part]["bytes"]),
            (&json!(digest), &json!(bytes.len()))
        );
        assert_eq!(file.etag(), format!("\"{digest}\""));
        let again = camat
            .with("if-none-match", &file.etag())
            .get(&format!("{location}/{part}"))
            .await;
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
    let media = async |part: &str| {
        camat
            .get(&format!("{location}/{part}"))
            .await
            .header("content-type")
            .to_owned()
    };
    assert_eq!(
        (media("document").await, media("statement").await),
        ("application/json".into(), "application/jwt".into())
    );

    let whole: Value = serde_json::from_slice(&document).unwrap();
    let iku4 = &whole["indicators"][3];
    assert_eq!(whole["indicators"].as_array().unwrap().len(), 5);
    assert_eq!(
        (&iku4["target"]["value"], &iku4["target"]["basis"]),
        (&json!(50), &json!("Perjanjian Kinerja 2025"))
    );
    assert_eq!(iku4["records"].as_array().unwrap().len(), 28);
    let explanation = &iku4["explanation"];
    assert_eq!(
        (&explanation["contributing"], &explanation["excluded"]),
        (&json!(2), &json!(26))
    );
    assert_eq!(explanation["realisation"]["exact"], "1/14");
    assert!(explanation["choices"].as_array().unwrap().len() > 1);
    assert_eq!(whole["decrees"][0]["number"], "139/CPAR/2023");
    assert_eq!(
        (&whole["format"], &whole["id"]),
        (&json!("iku-closing/1"), &closing["id"])
    );

    let said = claims(&statement);
    assert_eq!((&said["jti"], &said["as_of"]), (&closing["id"], &closing["closed_at"]));
    assert_eq!(
        said["document"],
        json!({"sha256": closing["document"]["sha256"], "bytes": document.len()})
    );
    let value = json!({
        "indicator": "paringin-iku-4", "value": 7.14, "exact": "1/14", "target": 50, "achievement": 14.29, "status": "computed",
    });
    assert_eq!(said["values"][3], value);
    assert_eq!(
        (&said["previous"], &said["replaces"], &said["same_hand"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    verified(&world, &camat, &closing).await;
    // The statement names the event before its own, and its own event names the statement.
    let events = world
        .admin()
        .all(&format!("/v1/audit-events?district_code={PARINGIN}&limit=100"))
        .await;
    let own = events.iter().find(|event| event["resource"] == "closing").unwrap();
    let before = events
        .iter()
        .find(|event| event["seq"] == json!(own["seq"].as_i64().unwrap() - 1))
        .unwrap();
    assert_eq!(
        said["journal"],
        json!({"chain": PARINGIN, "seq": before["seq"], "hash": before["hash"]})
    );
    let event = json!({"period": "2025-S1", "statement_sha256": closing["statement"]["sha256"]});
    assert_eq!(
        serde_json::from_str::<Value>(own["details"].as_str().unwrap()).unwrap(),
        event
    );
    let known = json!([
        "closed",
        "test.head",
        closing["id"],
        closing["closed_at"],
        1,
        2025,
        2025,
        location
    ]);
    let names = [
        "action",
        "actor",
        "key",
        "at",
        "version",
        "from_year",
        "to_year",
        "href",
    ];
    assert_eq!(json!(names.map(|name| &own[name])), known);

    // Later a report turns out to be wrong, and others come in.
    world.clock.set(instant("2025-07-20T09:00:00+08:00"));
    kasi.patch(&report, "*", json!({"status": "returned", "reason": "Tidak lengkap"}))
        .await
        .status(200);
    for desa in ["2007", "2008", "2009"] {
        deliver(&kasi, desa, "lppd").await;
    }
    assert_eq!(files(&camat, &closing).await, (document.clone(), statement));
    verified(&world, &camat, &closing).await;
    let shown = camat.get(&format!("{IKU4}/2025-S1")).await.status(200).json;
    assert_eq!((&shown["exact"], &shown["value"]), (&json!("1/14"), &json!(7.14)));
    assert_eq!(
        shown["closing"]["revised"],
        json!({"value": 14.29, "exact": "1/7", "changed": true})
    );
    world.clock.set(instant("2025-07-20T09:01:00+08:00"));
    let computed = camat
        .get(&format!("{IKU4}/2025-S1?as_of=2025-07-20T09:00:30%2B08:00"))
        .await
        .status(200)
        .json;
    assert_eq!(
        (&computed["exact"], &computed["closing"]),
        (&json!("1/7"), &Value::Null)
    );

    // The revisions lead to what was recorded since.
    let revisions = camat.all(&format!("{location}/revisions")).await;
    let codes: Vec<&str> = revisions
        .iter()
        .map(|r| r["indicator_code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, [1, 2, 3, 4, 5].map(|n| format!("paringin-iku-{n}")));
    let changed: Vec<bool> = revisions
        .iter()
        .map(|r| r["revised"]["changed"].as_bool().unwrap())
        .collect();
    assert_eq!(changed, [false, false, false, true, false]);
    assert_eq!(
        (&revisions[3]["exact"], &revisions[3]["revised"]["exact"]),
        (&json!("1/14"), &json!("1/7"))
    );
    let difference = camat
        .get(revisions[3]["difference"].as_str().unwrap())
        .await
        .status(200)
        .json;
    assert_eq!(
        (&difference["from"]["exact"], &difference["to"]["exact"]),
        (&json!("1/14"), &json!("1/7"))
    );
    assert_eq!(difference["items"].as_array().unwrap().len(), 4);
    assert_eq!(realisations(&document)[3]["exact"], "1/14");
}

#[apply(both_databases)]
async fn closing_again_needs_a_reason_and_makes_the_next_version(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (camat, kasi) = (head(&world), world.officer(&["pemerintahan"]));
    deliver(&kasi, "2005", "lppd").await;
    let first = close(&camat, "2025-S1", None).await.status(201).json;
    let quarter = close(&camat, "2025-Q1", None).await.status(201).json;
    deliver(&kasi, "2006", "lppd").await;
    let refused = close(&camat.in_english(), "2025-Q2", None)
        .await
        .problem(409, "already_closed");
    assert_eq!(refused.pointers(), ["#/reason"]);
    assert!(
        refused.json["detail"]
            .as_str()
            .unwrap()
            .contains(first["id"].as_str().unwrap())
    );

    let second = close(&camat, "2025-Q2", Some("Laporan menyusul"))
        .await
        .status(201)
        .json;
    assert_eq!(
        (&second["version"], &second["reason"]),
        (&json!(2), &json!("Laporan menyusul"))
    );
    assert_eq!(
        (&second["replaces_id"], &second["previous_id"]),
        (&first["id"], &quarter["id"])
    );
    let said = verified(&world, &camat, &second).await;
    let (previous, replaces) = (said.previous.unwrap(), said.replaces.unwrap());
    assert_eq!(json!(previous.sha256), quarter["statement"]["sha256"]);
    assert_eq!(json!(replaces.sha256), first["statement"]["sha256"]);
    assert_eq!(
        (json!(previous.jti), json!(replaces.jti)),
        (quarter["id"].clone(), first["id"].clone())
    );

    let shown = camat.get(&format!("{IKU4}/2025-S1")).await.status(200).json;
    assert_eq!(
        (&shown["closing"]["version"], &shown["numerator"]),
        (&json!(2), &json!(2))
    );
    let listed = camat.all(&format!("{CLOSINGS}?district_code={PARINGIN}&limit=1")).await;
    assert_eq!(listed, [second.clone(), quarter, first.clone()]);
    let of_period = camat.all(&format!("{CLOSINGS}?period=2025-Q2")).await;
    assert_eq!(of_period, [second, first.clone()]);
    assert_eq!(camat.all(&format!("{CLOSINGS}?period=2025-05")).await, [json!(null); 0]);
    // The first version stays as it was.
    verified(&world, &camat, &first).await;
    let (document, _) = files(&camat, &first).await;
    assert_eq!(realisations(&document)[3]["numerator"], 1);
    let revisions = camat
        .all(&format!("{CLOSINGS}/{}/revisions", first["id"].as_str().unwrap()))
        .await;
    assert_eq!(
        (&revisions[3]["exact"], &revisions[3]["revised"]["exact"]),
        (&json!("1/28"), &json!("1/14"))
    );
}

/// Another instance, as after a restart, serves the same bytes.
#[apply(both_databases)]
async fn a_restart_changes_nothing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = head(&world);
    deliver(&world.officer(&["pemerintahan"]), "2005", "lppd").await;
    let closing = close(&camat, "2025-S1", None).await.status(201).json;
    let before = files(&camat, &closing).await;
    let shown = camat.get(&format!("{IKU4}/2025-Q2")).await.status(200).json;
    let other = world.second_instance().await;
    let camat = head(&other);
    assert_eq!(files(&camat, &closing).await, before);
    assert_eq!(camat.get(&format!("{IKU4}/2025-Q2")).await.status(200).json, shown);
    verified(&other, &camat, &closing).await;
}
