//! The outcome of each row.

use serde_json::json;

use super::{apply_all, counts, dry_run, outcomes, send};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

const REPORTS: &str = "village_code;kind;fiscal_year;delivered_on;note\r\n\
    63.11.06.2005;lppd;2024;2025-03-14;Diterima lengkap\r\n\
    63.11.06.2006;lppd;2024;2025-03-15;\r\n";

async fn paringin(backend: Backend) -> World {
    World::on(backend).at("2025-07-01T08:00:00+08:00").await
}

#[apply(both_databases)]
async fn a_dry_run_records_nothing_and_apply_everything(backend: Backend) {
    let world = paringin(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let path = "/v1/indicators/paringin-iku-4/realisations/2025";
    let before = kasi.get(path).await.status(200).etag();
    let judged = dry_run(&kasi, "reports", REPORTS).await;
    assert_eq!(outcomes(&judged), ["2 create", "3 create"]);
    assert_eq!(judged["mode"], "dry_run");
    assert_eq!(kasi.all("/v1/reports").await, [json!(null); 0]);
    assert_eq!(kasi.get(path).await.status(200).etag(), before);
    let applied = apply_all(&kasi, "reports", REPORTS).await;
    assert_eq!(outcomes(&applied), ["2 create", "3 create"]);
    let recorded = kasi.all("/v1/reports").await;
    assert_eq!(recorded.len(), 2);
    assert_eq!(recorded[0]["note"], "Diterima lengkap");
    assert_eq!(recorded[0]["recorded_by"], "test.officer");
    assert_ne!(kasi.get(path).await.status(200).etag(), before);
    // Each report has its event.
    let events = world.admin().all("/v1/audit-events?resource=report").await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["actor"], "test.officer");
    let again = apply_all(&kasi, "reports", REPORTS).await;
    assert_eq!(outcomes(&again), ["2 same", "3 same"]);
    assert_eq!(world.admin().all("/v1/audit-events?resource=report").await.len(), 2);
}

#[apply(both_databases)]
async fn columns_that_a_sheet_lacks_stay_and_empty_cells_remove(backend: Backend) {
    let world = paringin(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    apply_all(&kasi, "reports", REPORTS).await;
    let without_note = "village_code,kind,fiscal_year,delivered_on,status,reason\n\
        63.11.06.2005,lppd,2024,2025-03-14,accepted,Sudah diperiksa\n";
    let changed = apply_all(&kasi, "reports", without_note).await;
    assert_eq!(outcomes(&changed), ["2 change"]);
    let report = kasi.all("/v1/reports?village_code=63.11.06.2005").await.remove(0);
    assert_eq!(
        (&report["status"], &report["note"]),
        (&json!("accepted"), &json!("Diterima lengkap"))
    );
    let versions = kasi
        .all(&format!("/v1/reports/{}/versions", report["id"].as_str().unwrap()))
        .await;
    assert_eq!(versions[1]["reason"], "Sudah diperiksa");
    let id = report["id"].as_str().unwrap();
    let empty_note =
        format!("id,village_code,kind,fiscal_year,delivered_on,note\n{id},63.11.06.2005,lppd,2024,2025-03-14,\n");
    assert_eq!(outcomes(&apply_all(&kasi, "reports", empty_note).await), ["2 change"]);
    let report = kasi.get(&format!("/v1/reports/{id}")).await.status(200).json;
    assert_eq!((&report["status"], &report["note"]), (&json!("accepted"), &json!(null)));
}

#[apply(both_databases)]
async fn every_wrong_row_is_named_and_nothing_is_recorded(backend: Backend) {
    let world = paringin(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    let csv = "village_code;kind;fiscal_year;delivered_on;status\r\n\
        63.11.06.2005;lppd;2024;2025-03-14;\r\n\
        63.11.06.2006;lppd;2024;14-03-2025;\r\n\
        \r\n\
        63.11.06.1023;lppd;2024;2026-03-14;\r\n\
        63.11.06.2007;tidak-ada;dua;2025-03-14;selesai\r\n\
        63.11.06.2005;lppd;2024;2025-03-20;\r\n\
        63.11.06.2007;apbdes-s1;2024;2025-01-10;\r\n\
        63.11.06.2008;lppd;2024;2025-03-14;;lebih\r\n";
    let judged = dry_run(&kasi, "reports", csv).await;
    let expected = [
        "2 create",
        "3 error delivered_on format",
        "5 error village_code kelurahan_not_allowed delivered_on future_instant",
        "6 error fiscal_year type status enum",
        "7 error - repeated",
        "8 error - wrong_section",
        "9 error - unknown_field",
    ];
    assert_eq!(outcomes(&judged), expected);
    assert_eq!(counts(&judged), [1, 0, 0, 6]);
    let refused = send(&kasi, "reports", "apply", csv).await.problem(422, "rule_broken");
    let pointers = refused.pointers();
    assert_eq!(pointers[0], "#/3/delivered_on");
    assert!(
        pointers.contains(&"#/6/status") && pointers.contains(&"#/9"),
        "{pointers:?}"
    );
    assert!(
        refused.json["detail"].as_str().unwrap().contains("6 baris"),
        "{}",
        refused.json
    );
    let english = send(&kasi.in_english(), "reports", "apply", csv).await;
    assert!(
        english.json["detail"].as_str().unwrap().contains("6 rows"),
        "{}",
        english.json
    );
    assert_eq!(kasi.all("/v1/reports").await.len(), 0);
}

#[apply(both_databases)]
async fn wrong_headers_are_named(backend: Backend) {
    let world = paringin(backend).await;
    let kasi = world.officer(&["pemerintahan"]);
    for mode in ["dry_run", "apply"] {
        let reply = send(&kasi, "reports", mode, "village_code,desa,kind,kind\n").await;
        let reply = reply.problem(422, "rule_broken");
        assert_eq!(reply.pointers(), ["#/1/desa", "#/1/kind"]);
    }
    let missing = dry_run(&kasi, "reports", "village_code,kind\n63.11.06.2005,lppd\n").await;
    assert_eq!(
        outcomes(&missing),
        ["2 error fiscal_year required delivered_on required"]
    );
    // What only exports have is not read.
    let exported = "village_name,flags,village_code,kind,fiscal_year,delivered_on,,\n\
        salah,salah,63.11.06.2005,lppd,2024,2025-03-14,,\n";
    assert_eq!(outcomes(&dry_run(&kasi, "reports", exported).await), ["2 create"]);
}

#[apply(both_databases)]
async fn decrees_are_added_to_their_institution(backend: Backend) {
    let world = paringin(backend).await;
    let pmd = world.officer(&["pmd"]);
    let header = "village_code;kind;name;decree_number;issued_on;starts_on;ends_on;revoked_on\n";
    let first = format!(
        "{header}63.11.06.2005;rt;RT 01;141/01;2020-06-20;2020-07-01;;\n\
         63.11.06.2005;rt;RT 02;;;;;\n63.11.06.2005;rt;RT 01;141/02;2025-06-20;2025-07-01;;\n"
    );
    assert_eq!(
        outcomes(&apply_all(&pmd, "institutions", &*first).await),
        ["2 create", "3 create", "4 create"]
    );
    let institutions = pmd.all("/v1/institutions").await;
    let decrees: Vec<usize> = institutions
        .iter()
        .map(|i| i["decrees"].as_array().unwrap().len())
        .collect();
    assert_eq!(decrees, [2, 0]);
    assert_eq!(
        outcomes(&apply_all(&pmd, "institutions", first).await),
        ["2 same", "3 same", "4 same"]
    );
    let renewed = format!(
        "{header}63.11.06.2005;rt;RT 01;141/02;2025-06-20;2025-07-01;;2025-06-30\n\
         63.11.06.2005;rt;RT 02;141/03;2025-06-20;2025-07-01;2026-06-30;\n63.11.06.2005;rt;RT 02;141/04;2025;2025-07-01;;\n"
    );
    let judged = dry_run(&pmd, "institutions", &*renewed).await;
    assert_eq!(
        outcomes(&judged)[1..],
        ["3 error", "4 error issued_on format"],
        "{judged:#}"
    );
    let renewed = renewed
        .replace(";2025;", ";2025-06-21;")
        .replace(";2025-06-30\n", ";2025-07-15\n");
    let applied = apply_all(&pmd, "institutions", renewed).await;
    assert_eq!(outcomes(&applied), ["2 change", "3 create", "4 create"]);
    let institutions = pmd.all("/v1/institutions").await;
    assert_eq!(institutions[0]["decrees"][1]["revoked_on"], "2025-07-15");
    assert_eq!(institutions[0]["decrees"].as_array().unwrap().len(), 2);
    assert_eq!(institutions[1]["decrees"][0]["ends_on"], "2026-06-30");
}

#[apply(both_databases)]
async fn events_are_added_to_their_case(backend: Backend) {
    let world = paringin(backend).await;
    let trantibum = world.officer(&["trantibum"]);
    let header = "village_code,district_code,category,occurred_at,summary,event_kind,event_at,event_note\n";
    let case = "63.11.06.2005,,sosial,2025-03-14,=HYPERLINK(1)";
    let first = format!(
        "{header}{case},verified,2025-03-15T09:00:00+08:00,benar\n,63.11.06,sosial,2025-03-14T21:30:00+08:00,'=2+2,,,\n"
    );
    let applied = apply_all(&trantibum, "cases", &*first).await;
    assert_eq!(outcomes(&applied), ["2 create", "3 create"]);
    assert_eq!(
        outcomes(&apply_all(&trantibum, "cases", first).await),
        ["2 same", "3 same"]
    );
    let cases = trantibum.all("/v1/cases?sort=occurred_at").await;
    let summaries: Vec<_> = cases.iter().map(|case| case["summary"].as_str().unwrap()).collect();
    // A formula stays a text.
    assert_eq!(summaries, ["=HYPERLINK(1)", "=2+2"]);
    assert_eq!(
        (&cases[0]["status"], &cases[0]["occurred_precision"]),
        (&json!("verified"), &json!("day"))
    );
    let second = format!(
        "{header}{case},verified,2025-03-15T09:00:00+08:00,benar\n{case},handling,2025-03-16T09:00:00+08:00,\n\
         {case},resolved,2025-03-17T09:00:00+08:00,\n"
    );
    let applied = apply_all(&trantibum, "cases", second).await;
    assert_eq!(outcomes(&applied), ["2 same", "3 create", "4 create"]);
    let wrong =
        format!("{header}{case},verified,2025-03-15T09:00:00+08:00,lain\n{case},handling,2025-03-01T09:00:00+08:00,\n");
    let judged = dry_run(&trantibum, "cases", wrong).await;
    assert_eq!(outcomes(&judged), ["2 error event_kind rule_broken", "3 error"]);
    let impossible = format!("{header}{case},reopened,2025-03-01T09:00:00+08:00,\n");
    let judged = dry_run(&trantibum, "cases", impossible).await;
    assert_eq!(outcomes(&judged), ["2 error event_at rule_broken"]);
}

#[apply(both_databases)]
async fn targets_and_villages_are_set(backend: Backend) {
    let world = paringin(backend).await;
    let admin = world.admin();
    let targets = "indicator_code;period;value;basis\n\
        paringin-iku-4;2025;90,5;PK 2025\nparingin-iku-4;2025-S1;45;PK 2025\nparingin-iku-9;2025;45;\n\
        paringin-iku-5;2025-02;1;\nparingin-iku-5;nanti;-1;\n";
    let judged = dry_run(&admin, "targets", targets).await;
    let expected = [
        "2 create",
        "3 create",
        "4 error indicator_code unknown_reference",
        "5 error period rule_broken",
        "6 error period rule_broken value minimum",
    ];
    assert_eq!(outcomes(&judged), expected);
    let right: String = targets.split_inclusive('\n').take(3).collect();
    assert_eq!(
        outcomes(&apply_all(&admin, "targets", &*right).await),
        ["2 create", "3 create"]
    );
    assert_eq!(
        outcomes(&apply_all(&admin, "targets", &*right).await),
        ["2 same", "3 same"]
    );
    let changed = right.replace("90,5", "91.25");
    assert_eq!(
        outcomes(&apply_all(&admin, "targets", changed).await),
        ["2 change", "3 same"]
    );
    let target = admin
        .get("/v1/indicators/paringin-iku-4/targets/2025")
        .await
        .status(200);
    assert_eq!(
        (&target.json["value"], &target.json["basis"]),
        (&json!(91.25), &json!("PK 2025"))
    );

    let villages = "code,district_code,kind,name,valid_from,reason\n\
        63.11.06.2099,63.11.06,desa,Balang Baru,2027-01-01,Perda\n63.11.06.2005,63.11.06,kelurahan,Balang,,\n";
    let judged = dry_run(&admin, "villages", villages).await;
    assert_eq!(counts(&judged)[0], 1, "{judged:#}");
    let new: String = villages.split_inclusive('\n').take(2).collect();
    assert_eq!(outcomes(&apply_all(&admin, "villages", &*new).await), ["2 create"]);
    assert_eq!(outcomes(&apply_all(&admin, "villages", new).await), ["2 same"]);
}

#[apply(both_databases)]
async fn paper_answers_are_counted_once(backend: Backend) {
    let world = paringin(backend).await;
    let admin = world.admin();
    let surveys = "survey_id,district_code,title,section,starts_on,ends_on,survey_status,inactive_elements\n\
        0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f,63.11.06,SKM 2025,pelayanan-kessos,2025-01-06,2025-06-30,open,biaya sarana\n";
    assert_eq!(outcomes(&apply_all(&admin, "surveys", surveys).await), ["2 create"]);
    assert_eq!(outcomes(&apply_all(&admin, "surveys", surveys).await), ["2 same"]);
    let id = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";
    let answer = format!("{id};2025-03-14T10:15:00+08:00;ktp;3;3;3;3;3;3;3;34");
    let csv = format!(
        "survey_id;answered_at;service;persyaratan;prosedur;waktu;produk;kompetensi;perilaku;pengaduan;age\n{answer}\n{answer}\n"
    );
    assert_eq!(
        outcomes(&apply_all(&admin, "responses", &*csv).await),
        ["2 create", "3 create"]
    );
    assert_eq!(
        outcomes(&apply_all(&admin, "responses", &*csv).await),
        ["2 same", "3 same"]
    );
    let answers = admin.all(&format!("/v1/surveys/{id}/responses")).await;
    assert_eq!(answers.len(), 2);
    assert!(
        answers
            .iter()
            .all(|answer| answer["mode"] == "paper" && answer["respondent"]["age"] == 34)
    );
    let wrong = csv.replacen(";3;", ";5;", 1).replacen(";34\n", ";340\n", 1);
    let judged = dry_run(&admin, "responses", wrong).await;
    assert_eq!(outcomes(&judged), ["2 error persyaratan maximum age maximum", "3 same"]);
    let unknown = csv.replace(id, "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e50");
    let judged = dry_run(&admin, "responses", unknown).await;
    assert_eq!(outcomes(&judged)[0], "2 error survey_id not_found");
    let closed = surveys.replace(",open,", ",closed,");
    assert_eq!(outcomes(&apply_all(&admin, "surveys", &*closed).await), ["2 change"]);
    assert_eq!(outcomes(&apply_all(&admin, "surveys", closed).await), ["2 same"]);
    let late = csv.replace(";34\n", ";35\n");
    let judged = dry_run(&admin, "responses", late).await;
    assert_eq!(outcomes(&judged)[0], "2 error - survey_not_open");
}

/// The templates say what they are, and their examples are right.
#[apply(both_databases)]
async fn templates_can_be_sent_as_they_are(backend: Backend) {
    let world = paringin(backend).await;
    let admin = world.admin();
    for resource in [
        "reports",
        "institutions",
        "cases",
        "surveys",
        "responses",
        "targets",
        "villages",
    ] {
        for separator in ["comma", "semicolon"] {
            let path = format!("/v1/imports/{resource}/template.csv?separator={separator}");
            let template = admin.get(&path).await.status(200);
            assert!(
                template
                    .header("content-disposition")
                    .contains(&format!("{resource}.csv"))
            );
            let judged = dry_run(&admin, resource, String::from_utf8(template.body).unwrap()).await;
            let expected = match resource {
                "responses" => "3 error survey_id not_found",
                _ => "3 create",
            };
            assert_eq!(outcomes(&judged), [expected], "{resource}");
        }
    }
    admin
        .get("/v1/imports/users/template.csv")
        .await
        .problem(400, "invalid_path");
}
