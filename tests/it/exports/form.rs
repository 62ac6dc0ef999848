//! The form of a CSV: separators, texts that look like formulas, and what is refused.

use serde_json::json;

use super::{BOTH_FORMS, rows, rows_of, text};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn every_separator_gives_the_same_table(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let path = "/v1/exports/realisations.csv?year=2025";
    let comma = text(&admin.get(path).await.status(200));
    assert!(comma.lines().count() == 6 && comma.ends_with("\r\n"), "{comma}");
    assert_eq!(comma.matches('\n').count(), comma.matches("\r\n").count());
    let comma = rows_of(&comma, b',');
    let tab = text(&admin.get(&format!("{path}&separator=tab")).await.status(200));
    assert_eq!(rows_of(&tab, b'\t'), comma);
    let semicolon = text(&admin.get(&format!("{path}&separator=semicolon")).await.status(200));
    let semicolon = rows_of(&semicolon, b';');
    assert_eq!(semicolon[0]["realisasi_tahunan"], "83,45");
    let pointed: Vec<_> = semicolon
        .iter()
        .map(|row| row["realisasi_tahunan"].replace(',', "."))
        .collect();
    let plain: Vec<_> = comma.iter().map(|row| row["realisasi_tahunan"].clone()).collect();
    assert_eq!(pointed, plain);
    // What is no number is the same.
    assert_eq!(semicolon[0]["keputusan"], comma[0]["keputusan"]);
    let refused = admin
        .get(&format!("{path}&separator=pipe"))
        .await
        .problem(400, "invalid_query");
    assert_eq!(refused.pointers(), ["separator"]);
}

/// Texts of people who report a case, and of phones, reach the spreadsheet of an officer.
#[apply(both_databases)]
async fn a_text_that_looks_like_a_formula_stays_a_text(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let formulas = ["=HYPERLINK(\"http://x.example\")", "+1+1", "-2+3", "@SUM(1)", "＝1+1"];
    for formula in formulas {
        let case = json!({"village_code": "63.11.06.2005", "category": "sosial", "occurred_at": "2025-03-14", "summary": formula});
        admin.post("/v1/cases", case).await.status(201);
    }
    let mut found: Vec<String> = rows(&admin, "/v1/exports/cases.csv")
        .await
        .into_iter()
        .map(|row| row["summary"].clone())
        .collect();
    found.sort();
    let mut expected = formulas.map(|formula| format!("'{formula}"));
    expected.sort();
    assert_eq!(found, expected);
    let raw = text(&admin.get("/v1/exports/cases.csv").await);
    assert!(raw.contains("\"'=HYPERLINK(\"\"http://x.example\"\")\""), "{raw}");
    // An index that is below zero is a number.
    assert!(!raw.contains("'-0"), "{raw}");
}

#[apply(both_databases)]
async fn wrong_requests_are_named(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    world.load_regency().await;
    let (admin, own) = (world.admin(), world.officer(&["pemerintahan"]));
    for table in BOTH_FORMS.into_iter().filter(|table| *table != "responses") {
        let of = |query: &str| format!("/v1/exports/{table}.csv{query}");
        let several = admin.get(&of("")).await.problem(422, "rule_broken");
        assert_eq!(several.pointers(), ["district_code"], "{table}");
        own.get(&of("")).await.status(200);
        own.get(&of("?district_code=63.11.01")).await.problem(404, "not_found");
        admin
            .get(&of("?district_code=63.12.01"))
            .await
            .problem(404, "not_found");
        let late = admin
            .get(&of("?district_code=63.11.06&as_of=2031-01-01T00:00:00Z"))
            .await;
        late.problem(422, "future_instant");
        let unknown = own.get(&of("?tahun=2025")).await.problem(400, "invalid_query");
        assert_eq!(unknown.pointers(), ["tahun"]);
        own.get(&format!("/v1/exports/{table}.pdf"))
            .await
            .problem(400, "invalid_path");
        for (format, accept) in [
            ("csv", "application/json"),
            ("csv", super::workbook::XLSX),
            ("xlsx", "text/csv"),
        ] {
            let path = format!("/v1/exports/{table}.{format}");
            own.with("accept", accept)
                .get(&path)
                .await
                .problem(406, "not_acceptable");
        }
        own.with("accept", "text/*").get(&of("")).await.status(200);
    }
    for table in BOTH_FORMS.into_iter().filter(|table| *table != "responses") {
        // The end of a day in WITA, long before anything was recorded.
        for format in ["csv", "xlsx"] {
            let path = format!("/v1/exports/{table}.{format}?as_of=0001-01-01T15:59:59.999999Z");
            own.get(&path).await.status(200);
        }
    }
    own.get("/v1/exports/lkjip.csv").await.problem(404, "not_found");
    own.get("/v1/exports/realisations.csv?year=1999")
        .await
        .problem(400, "invalid_query");
    own.get("/v1/exports/responses.csv").await.problem(400, "invalid_query");
    let nowhere = "/v1/exports/responses.csv?survey_id=0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";
    own.get(nowhere).await.problem(404, "not_found");
    own.send("HEAD", "/v1/exports/reports.csv", "", Vec::new())
        .await
        .status(200);
}

/// A survey counts single respondents: two results of an hour would show one answer.
#[apply(both_databases)]
async fn surveys_of_an_instant_need_the_right_to_read_answers(backend: Backend) {
    let world = demonstration(backend).await;
    let sakip = world.holder(iku::access::Role::Integrator, Some(PARINGIN), &[]);
    let path = "/v1/exports/surveys.csv?year=2025&as_of=2025-06-30T10:00:00%2B08:00";
    sakip.get(path).await.problem(422, "rule_broken");
    world.officer(&["pmd"]).get(path).await.status(200);
    let end_of_day = "/v1/exports/surveys.csv?year=2025&as_of=2025-06-30T23:59:59.999999%2B08:00";
    sakip.get(end_of_day).await.status(200);
}
