//! Cases that kecamatan, desa and regencies met in practice, with reports.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{DESA, IKU4, deliver, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{Client, World, instant};

const REPORTS: &str = "/v1/reports";

fn lppd(village: &str, delivered_on: &str) -> Value {
    json!({"village_code": village, "kind": "lppd", "fiscal_year": 2025, "delivered_on": delivered_on})
}

async fn end(admin: &Client, desa: &str, on: &str) {
    let path = format!("/v1/villages/{}", village(desa));
    let ended = json!({"valid_to": on, "reason": "Perda"});
    admin.patch(&path, "*", ended).await.status(200);
}

async fn begin(admin: &Client, code: &str, on: &str) {
    let new =
        json!({"code": code, "district_code": "63.11.06", "kind": "desa", "name": "Balang Baru", "valid_from": on});
    admin.post("/v1/villages", new).await.status(201);
}

/// A fact that can never count is refused, and the message names the life of the village.
#[apply(both_databases)]
async fn a_report_outside_the_life_of_its_village_is_refused(backend: Backend) {
    let world = World::on(backend).at("2026-05-01T08:00:00+08:00").await;
    let (admin, new) = (world.admin(), "63.11.06.2098");
    end(&admin, "2005", "2026-06-30").await;
    begin(&admin, new, "2026-07-01").await;
    world.clock.set(instant("2026-08-01T08:00:00+08:00"));
    let old = village("2005");
    let semester = json!({"village_code": new, "kind": "apbdes-s1", "fiscal_year": 2026, "delivered_on": "2026-06-30"});
    let early = admin.post(REPORTS, semester).await;
    let early = early.problem(422, "rule_broken");
    assert_eq!(early.pointers(), ["#/delivered_on"]);
    assert!(
        early.json["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("2026-07-01")
    );
    let late = admin.post(REPORTS, lppd(&old, "2026-07-10")).await;
    let late = late.problem(422, "rule_broken");
    assert!(
        late.json["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("2026-06-30")
    );
    // LPPD 2025 fell due on 31 March 2026: a village that begins in July does not owe it, so it would never count.
    let before = admin.post(REPORTS, lppd(new, "2026-07-01")).await;
    let before = before.problem(422, "rule_broken");
    assert_eq!(before.pointers(), ["#/fiscal_year"]);
    let detail = before.json["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("2026-07-01") && detail.contains("2026-03-31"),
        "{detail}"
    );
    // The first and the last day belong to it.
    deliver(&admin, "2098", "apbdes-s1", 2026, "2026-07-01").await;
    let last = admin.post(REPORTS, lppd(&old, "2026-06-30")).await.status(201);
    let moved = [(
        json!({"delivered_on": "2026-07-01"}),
        422,
        "rule_broken",
        "#/delivered_on",
    )];
    assert_bodies_refused(&admin, "PATCH", last.header("location"), moved).await;
}

/// Codes with and without dots, and names.
#[actix_web::test]
async fn a_village_code_in_the_wrong_form_is_refused_with_the_right_form() {
    let world = World::on(Backend::Sqlite).await;
    for (code, language) in [
        ("6311062006", "id"),
        ("63.11.06.2006 ", "en"),
        ("63.11.6.2006", "id"),
        ("2006", "en"),
        ("Balang", "id"),
    ] {
        let kasi = world.officer(&["pemerintahan"]).with("accept-language", language);
        let refused = kasi.post(REPORTS, lppd(code, "2026-03-01")).await;
        let refused = refused.problem(400, "invalid_body");
        let errors = refused.json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{code}: one fault, one message: {errors:?}");
        assert!(
            errors[0]["detail"].as_str().unwrap().contains("63.11.06.2005"),
            "{code}: {errors:?}"
        );
        let list = kasi
            .get(&format!("{REPORTS}?village_code={}", code.replace(' ', "%20")))
            .await;
        let list = list.problem(400, "invalid_query");
        assert!(
            list.json["errors"][0]["detail"]
                .as_str()
                .unwrap()
                .contains("63.11.06.2005"),
            "{code}"
        );
    }
}

#[apply(both_databases)]
async fn the_same_report_from_many_hands_is_stored_once(backend: Backend) {
    let world = World::on(backend).at("2026-04-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    for desa in &DESA {
        let code = village(desa);
        let sent = join_all((0..6).map(|_| kasi.post(REPORTS, lppd(&code, "2026-03-01")))).await;
        let (stored, refused): (Vec<_>, Vec<_>) = sent.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((stored.len(), refused.len()), (1, 5), "{desa}");
        for reply in refused {
            let reply = reply.problem(409, "duplicate_report");
            assert!(
                reply.json["detail"]
                    .as_str()
                    .unwrap()
                    .contains(stored[0].json["id"].as_str().unwrap())
            );
        }
    }
    // After one village, the others can be entered for the same year.
    assert_eq!(kasi.all("/v1/reports?kind=lppd&fiscal_year=2025").await.len(), 14);
    let value = kasi.get(&format!("{IKU4}/2026")).await.status(200).json;
    assert_eq!((&value["numerator"], &value["denominator"]), (&json!(14), &json!(28)));
}

/// A desa that begins in July does not owe the reports of spring.
#[apply(both_databases)]
async fn a_new_desa_owes_what_falls_due_in_its_life(backend: Backend) {
    let world = World::on(backend).at("2026-05-01T08:00:00+08:00").await;
    let (admin, new) = (world.admin(), "63.11.06.2098");
    begin(&admin, new, "2026-07-01").await;
    deliver(&admin, "2005", "apbdes-s2", 2025, "2026-01-20").await;
    world.clock.set(instant("2026-12-01T08:00:00+08:00"));
    let path = format!("/v1/reports/completeness?year=2026&group=finance&village_code={new}");
    let matrix = admin.get(&path).await.status(200).json;
    assert_eq!(matrix["villages"].as_array().unwrap().len(), 1);
    assert_eq!(
        matrix["counts"],
        json!({"on_time": 0, "late": 0, "missing": 2, "not_due": 5})
    );
    let path = "/v1/indicators/paringin-iku-5/realisations/2026";
    let value = admin.get(path).await.status(200).json;
    assert_eq!(
        (&value["numerator"], &value["denominator"]),
        (&json!(1), &json!(15 * 7 - 5))
    );
    let not_due = json!({"code": "not_due", "value": 5});
    assert!(value["information"].as_array().unwrap().contains(&not_due));
    assert_eq!(
        value["formula"]["text"],
        "1 laporan disampaikan / (7 laporan x 15 desa - 5 yang jatuh tempo sebelum desanya ada) x 100%"
    );
    let english = admin
        .in_english()
        .get(&format!("{path}/explanation"))
        .await
        .status(200)
        .json;
    let text = english["realisation"]["formula"]["text"].as_str().unwrap();
    assert_eq!(
        text,
        "1 report delivered / (7 reports x 15 desa - 5 due before the desa existed) x 100%"
    );
    assert_eq!(english["inputs"]["obligations"].as_array().unwrap().len(), 100);
    let choices = english["choices"].as_array().unwrap();
    let list = choices.iter().find(|c| c["code"] == "list_of_kinds_is_ours").unwrap();
    assert_eq!(
        list["text"],
        "The decree names only their number: 7 reports per desa. The list in force has 7 kinds, of which 7 are not \
         confirmed by the kecamatan; the list is data and can be changed."
    );
    // Before its first day it is not there.
    let before = admin
        .get("/v1/indicators/paringin-iku-5/realisations/2026-Q2")
        .await
        .status(200)
        .json;
    assert_eq!(before["denominator"], 98);
    let elsewhere = format!("/v1/reports/completeness?village_code={}", "63.11.01.2001");
    admin.get(&elsewhere).await.problem(404, "not_found");
}

/// Compliance is measured by reports; the villages that are complete stand beside it.
#[apply(both_databases)]
async fn the_value_counts_reports_and_shows_complete_villages(backend: Backend) {
    let world = World::on(backend).at("2026-06-01T08:00:00+08:00").await;
    let admin = world.admin();
    for desa in DESA.iter().skip(1) {
        deliver(&admin, desa, "lppd", 2025, "2026-03-01").await;
        deliver(&admin, desa, "bpd-kinerja", 2025, "2026-04-01").await;
    }
    let value = admin.get(&format!("{IKU4}/2026")).await.status(200).json;
    assert_eq!((&value["value"], &value["exact"]), (&json!(92.86), &json!("13/14")));
    assert_eq!(
        value["information"][0],
        json!({"code": "villages_complete", "value": 13})
    );
    // A list that is not the decree's says so.
    let change = json!({"from_year": 2026, "valid_to_year": 2025, "reason": "Dihapus"});
    admin
        .patch("/v1/report-kinds/bpd-kinerja", "*", change)
        .await
        .status(200);
    let value = admin.get(&format!("{IKU4}/2026")).await.status(200).json;
    assert_eq!((&value["numerator"], &value["denominator"]), (&json!(13), &json!(14)));
    for figure in [
        json!({"code": "kinds_listed", "value": 1}),
        json!({"code": "kinds_in_decree", "value": 2}),
    ] {
        assert!(value["information"].as_array().unwrap().contains(&figure), "{value}");
    }
}

#[apply(both_databases)]
async fn what_was_done_with_a_report_stays_readable(backend: Backend) {
    let world = World::on(backend).at("2026-05-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = deliver(&kasi, "2005", "lppd", 2025, "2026-03-01").await;
    let path = format!("{REPORTS}/{}", report["id"].as_str().unwrap());
    for change in [
        json!({"status": "accepted", "reason": "Lengkap"}),
        json!({"delivered_on": "2026-03-02", "reason": "Tanggal"}),
    ] {
        kasi.patch(&path, "*", change).await.status(200);
    }
    kasi.delete(&path, "*").await.status(204);
    let auditor = world.holder(iku::access::Role::Auditor, Some("63.11.06"), &[]);
    let reasons: Vec<_> = auditor.all(&format!("{path}/versions")).await;
    let reasons: Vec<_> = reasons.iter().map(|v| v["reason"].as_str()).collect();
    assert_eq!(reasons, [None, Some("Lengkap"), Some("Tanggal"), Some("uji")]);
    let deleted = auditor.all("/v1/reports?state=deleted").await;
    assert_eq!((deleted.len(), &deleted[0]["deletion"]["reason"]), (1, &json!("uji")));
    let since = auditor
        .all("/v1/reports?state=deleted&changed_since=2026-05-01T00:00:00Z")
        .await;
    assert_eq!(since.len(), 1);
}

/// Delivered, sent back, delivered again: the second delivery counts, and what was known is kept.
#[apply(both_databases)]
async fn a_report_that_was_sent_back_counts_from_its_second_delivery(backend: Backend) {
    let world = World::on(backend).at("2026-03-20T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let report = deliver(&kasi, "2005", "lppd", 2025, "2026-03-14").await;
    let path = format!("{REPORTS}/{}", report["id"].as_str().unwrap());
    kasi.patch(&path, "*", json!({"status": "accepted"})).await.status(200);
    world.clock.set(instant("2026-04-10T08:00:00+08:00"));
    kasi.patch(&path, "*", json!({"status": "returned", "reason": "Kurang"}))
        .await
        .status(200);
    world.clock.set(instant("2026-04-20T08:00:00+08:00"));
    let again = json!({"status": "received", "delivered_on": "2026-04-15", "reason": "Diperbaiki"});
    kasi.patch(&path, "*", again).await.status(200);
    world.clock.set(instant("2026-07-01T08:00:00+08:00"));
    for (period, numerator, value) in [
        ("2026-Q1", 0, 0.0),
        ("2026-Q2", 1, 3.57),
        ("2026-Q1?as_of=2026-04-01T00:00:00Z", 1, 3.57),
        ("2026-Q2?as_of=2026-04-15T00:00:00Z", 0, 0.0),
    ] {
        let got = kasi.get(&format!("{IKU4}/{period}")).await.status(200).json;
        assert_eq!(
            (&got["numerator"], got["value"].as_f64()),
            (&json!(numerator), Some(value)),
            "{period}"
        );
    }
    let late = json!({"code": "late", "value": 1});
    let got = kasi.get(&format!("{IKU4}/2026-Q2")).await.status(200).json;
    assert!(got["information"].as_array().unwrap().contains(&late));
}
