//! The list of reports by what people look for, and the marks of implausible reports.

use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

const REPORTS: &str = "/v1/reports";

async fn deliver(actor: &Client, desa: &str, kind: &str, fiscal_year: i32, on: &str) -> Value {
    let village = format!("{PARINGIN}.{desa}");
    let body = json!({"village_code": village, "kind": kind, "fiscal_year": fiscal_year, "delivered_on": on});
    actor.post(REPORTS, body).await.status(201).json
}

/// Returns kind and fiscal year of the reports that a filter finds.
async fn found(actor: &Client, filter: &str) -> Vec<String> {
    let list = actor
        .all(&format!("{REPORTS}?limit=2&sort=delivered_on&{filter}"))
        .await;
    list.iter()
        .map(|r| format!("{} {}", r["kind"].as_str().unwrap(), r["fiscal_year"]))
        .collect()
}

#[apply(both_databases)]
async fn reports_are_found_by_group_due_day_recorder_and_change(backend: Backend) {
    let world = World::on(backend).at("2026-03-01T08:00:00+08:00").await;
    let (pem, keu) = (world.officer(&["pemerintahan"]), world.admin());
    deliver(&pem, "2005", "lppd", 2023, "2024-03-01").await;
    deliver(&pem, "2005", "lppd", 2024, "2025-03-02").await;
    deliver(&pem, "2005", "bpd-kinerja", 2024, "2025-03-03").await;
    deliver(&keu, "2005", "dd-tahunan", 2024, "2025-03-04").await;
    let moved = deliver(&keu, "2005", "apbdes-s1", 2025, "2025-07-05").await;
    world.clock.set(instant("2026-03-02T08:00:00+08:00"));
    let path = format!("{REPORTS}/{}", moved["id"].as_str().unwrap());
    pem.patch(&path, "*", json!({"note": "x"}))
        .await
        .problem(403, "wrong_section");
    keu.patch(&path, "*", json!({"status": "accepted"})).await.status(200);

    for (filter, expected) in [
        (
            "group=administration",
            &["lppd 2023", "lppd 2024", "bpd-kinerja 2024"][..],
        ),
        ("group=finance", &["dd-tahunan 2024", "apbdes-s1 2025"]),
        ("due_to=2025-03-30", &["lppd 2023", "dd-tahunan 2024"]),
        ("due_to=2025-03-31", &["lppd 2023", "lppd 2024", "dd-tahunan 2024"]),
        (
            "due_from=2025-03-31",
            &["lppd 2024", "bpd-kinerja 2024", "apbdes-s1 2025"],
        ),
        ("due_from=2025-04-01&due_to=2025-07-13", &["bpd-kinerja 2024"]),
        (
            "due_from=2025-04-01&due_to=2025-07-14&group=finance",
            &["apbdes-s1 2025"],
        ),
        ("due_from=2025-12-01&due_to=2025-01-01", &[]),
        ("kind=lppd&due_from=2025-01-01", &["lppd 2024"]),
        (
            "recorded_by=test.officer",
            &["lppd 2023", "lppd 2024", "bpd-kinerja 2024"],
        ),
        ("recorded_by=nobody", &[]),
        ("changed_since=2026-03-02T00:00:00Z", &["apbdes-s1 2025"]),
        ("changed_since=2026-03-02T00:00:00.000001Z", &[]),
        ("status=accepted", &["apbdes-s1 2025"]),
    ] {
        assert_eq!(found(&keu, filter).await, expected, "{filter}");
    }
    let counted = keu
        .get("/v1/reports?limit=1&count=true&group=finance")
        .await
        .status(200);
    assert_eq!(counted.json["total"], 2);
    for bad in [
        "group=x",
        "due_from=2025-02-30",
        "changed_since=yesterday",
        "flagged=maybe",
        "recorded_by=",
    ] {
        keu.get(&format!("{REPORTS}?{bad}")).await.problem(400, "invalid_query");
    }
}

/// The due day of a kind can change from a year on.
#[apply(both_databases)]
async fn each_year_has_the_due_day_that_governs_it(backend: Backend) {
    let world = World::on(backend).at("2026-11-01T08:00:00+08:00").await;
    let admin = world.admin();
    for year in [2023, 2024, 2025] {
        deliver(&admin, "2005", "lppd", year, &format!("{}-03-01", year + 1)).await;
    }
    for (from_year, day) in [(2025, 15), (2026, 31)] {
        let change = json!({"from_year": from_year, "due_day": day, "reason": "Surat Bupati"});
        admin.patch("/v1/report-kinds/lppd", "*", change).await.status(200);
    }
    for (filter, expected) in [
        ("due_to=2025-03-15", &["lppd 2023", "lppd 2024"][..]),
        ("due_to=2025-03-14", &["lppd 2023"]),
        ("due_from=2025-03-16", &["lppd 2025"]),
        ("due_from=2026-03-31", &["lppd 2025"]),
        ("due_from=2026-04-01", &[]),
        ("due_from=2024-03-31&due_to=2024-03-31", &["lppd 2023"]),
    ] {
        assert_eq!(found(&admin, filter).await, expected, "{filter}");
    }
    // Only that year moves.
    for (year, due_on) in [(2024, "2024-03-31"), (2025, "2025-03-15"), (2026, "2026-03-31")] {
        let path = format!("/v1/reports/completeness?year={year}&village_code=63.11.06.2005&group=administration");
        let matrix = admin.get(&path).await.status(200).json;
        let cells = matrix["villages"][0]["cells"].as_array().unwrap();
        let lppd = cells.iter().find(|c| c["kind"] == "lppd").unwrap();
        assert_eq!(lppd["due_on"], due_on);
    }
}

/// The commonest slip: "laporan tahun 2025" for the report about 2024. It is taken, and marked.
#[apply(both_databases)]
async fn an_implausible_year_is_taken_and_flagged(backend: Backend) {
    let world = World::on(backend).at("2026-11-27T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan", "pembinaan-pengawasan"]);
    let early = json!(["before_fiscal_year_end"]);
    let both = json!(["before_fiscal_year_end", "fiscal_year_far"]);
    for (desa, kind, fiscal_year, on, flags) in [
        ("2005", "lppd", 2025, "2025-03-14", &early),
        ("2006", "lppd", 2025, "2025-12-31", &early),
        ("2007", "lppd", 2025, "2026-01-01", &json!([])),
        ("2005", "lppd", 2030, "2026-11-27", &both),
        ("2005", "lppd", 2024, "2020-01-01", &both),
        ("2005", "lppd", 2020, "2025-01-01", &json!(["fiscal_year_far"])),
        ("2005", "apbdes-s1", 2025, "2025-07-01", &json!([])),
    ] {
        let report = deliver(&kasi, desa, kind, fiscal_year, on).await;
        assert_eq!(report["flags"], *flags, "{kind} {fiscal_year} {on}");
        let path = format!("{REPORTS}/{}", report["id"].as_str().unwrap());
        assert_eq!(kasi.get(&path).await.status(200).json["flags"], *flags);
    }
    let flagged = kasi.all("/v1/reports?flagged=true&limit=2").await;
    assert_eq!(flagged.len(), 5);
    assert!(flagged.iter().all(|r| r["flags"] != json!([])));
    assert_eq!(kasi.all("/v1/reports?flagged=false").await.len(), 2);
    // It counts, and a correction removes the mark.
    let iku4 = "/v1/indicators/paringin-iku-4/realisations";
    let of_2026 = kasi.get(&format!("{iku4}/2026")).await.status(200).json;
    assert_eq!(of_2026["numerator"], 3);
    let slip = flagged.iter().find(|r| r["delivered_on"] == "2025-03-14").unwrap();
    let path = format!("{REPORTS}/{}", slip["id"].as_str().unwrap());
    let change = json!({"fiscal_year": 2023, "reason": "Salah tahun"});
    let fixed = kasi.patch(&path, "*", change).await.status(200).json;
    assert_eq!(fixed["flags"], json!([]));
    assert_eq!(kasi.all("/v1/reports?flagged=true").await.len(), 4);
    // A restored report has its mark again.
    let other = flagged.iter().find(|r| r["delivered_on"] == "2025-12-31").unwrap();
    let path = format!("{REPORTS}/{}", other["id"].as_str().unwrap());
    kasi.delete(&path, "*").await.status(204);
    assert_eq!(kasi.all("/v1/reports?flagged=true").await.len(), 3);
    assert_eq!(kasi.all("/v1/reports?flagged=true&state=deleted").await.len(), 1);
    let reason = json!({"reason": "Keliru"});
    let restored = kasi.post(&format!("{path}/restorations"), reason).await.status(200);
    assert_eq!(restored.json["flags"], early);
}
