//! The completeness of reports, village by village.

use serde_json::json;

use super::{IKU4, NOW, twenty_two_reports};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn the_matrix_counts_reports_by_punctuality(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let matrix = kasi
        .get("/v1/reports/completeness?group=administration")
        .await
        .status(200)
        .json;
    assert_eq!(
        (&matrix["district_code"], &matrix["year"]),
        (&json!(PARINGIN), &json!(2025))
    );
    assert_eq!(
        matrix["counts"],
        json!({"on_time": 20, "late": 2, "missing": 6, "not_due": 0})
    );
    assert_eq!(matrix["villages"].as_array().unwrap().len(), 14);
    let balang = &matrix["villages"][0];
    assert_eq!(balang["name"], "Balang");
    let bpd = balang["cells"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["kind"] == "bpd-kinerja")
        .unwrap();
    assert_eq!(
        (&bpd["state"], &bpd["due_on"], &bpd["fiscal_year"]),
        (&json!("late"), &json!("2025-04-30"), &json!(2024))
    );
    let all = kasi.get("/v1/reports/completeness?year=2025").await.status(200).json;
    let counts = all["counts"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum::<u64>();
    assert_eq!(counts, 28 + 98);
    assert_eq!(all["counts"]["not_due"], 28, "two reports are due in July");
    kasi.get("/v1/reports/completeness?district_code=63.11.01")
        .await
        .problem(404, "not_found");
    world.load_regency().await;
    world
        .admin()
        .get("/v1/reports/completeness")
        .await
        .problem(422, "rule_broken");
}

#[apply(both_databases)]
async fn if_none_match_any_is_404_for_a_missing_record(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let any = world.admin().with("if-none-match", "*");
    any.get("/v1/indicators/nope/realisations/2025")
        .await
        .problem(404, "not_found");
    any.get("/v1/reports/completeness?district_code=99.99.99")
        .await
        .problem(404, "not_found");
    let known = any.get(&format!("{IKU4}/2025")).await.status(304);
    assert_eq!(known.header("vary"), "Accept-Language, Accept-Encoding");
}
