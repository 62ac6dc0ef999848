//! What the desa have and deliver: the register of Seksi PMD, the reports of Seksi Pemerintahan and Seksi Pembinaan.

use iku::core::place::VillageKind;
use serde_json::json;

use super::office::Office;
use crate::support::world::PARINGIN;

fn desa() -> Vec<&'static str> {
    let all = iku::shipped::villages_of(PARINGIN);
    all.filter(|v| v.kind == VillageKind::Desa)
        .map(|v| v.code.as_str())
        .collect()
}

/// Ten institutions in each of the 14 desa. Of the 140 the terms of 47 have lapsed, that of one LPM ends with 2025
/// (2021-01-01 and five years less a day), and 92 are in force longer.
pub async fn register_institutions(office: &Office<'_>) {
    office.on("2025-01-15");
    let kasi = office.enter("kasi.pmd").await;
    let names = [
        ("lpm", "LPM"),
        ("pkk", "TP PKK"),
        ("karang-taruna", "Karang Taruna"),
        ("posyandu", "Posyandu Mawar"),
        ("posyandu", "Posyandu Melati"),
        ("rt", "RT 01"),
        ("rt", "RT 02"),
        ("rt", "RT 03"),
        ("rt", "RT 04"),
        ("rw", "RW 01"),
    ];
    let mut count = 0;
    for village in desa() {
        for (kind, name) in names {
            let starts_on = match count {
                0 => "2021-01-01",
                1..=47 => "2019-06-03",
                _ => "2023-06-20",
            };
            let decree = json!({"number": format!("{count}/KPTS/KD"), "issued_on": starts_on, "starts_on": starts_on});
            let institution = json!({"village_code": village, "kind": kind, "name": name, "decrees": [decree]});
            kasi.post("/v1/institutions", institution).await.status(201);
            count += 1;
        }
    }
    assert_eq!(count, 140);
}

/// The desa deliver one kind of report, all or only the first so many. The Sekretaris checks each of them. Returns the paths.
pub async fn deliver(office: &Office<'_>, kind: &str, day: &str, desa_count: Option<usize>) -> Vec<String> {
    office.on(day);
    let wording = iku::shipped::report_kinds().iter().find(|k| k.code == kind).unwrap();
    let kasi = match kind {
        "lppd" | "bpd-kinerja" => "kasi.pemerintahan",
        _ => "kasi.pembinaan",
    };
    let (kasi, sekretaris) = (office.enter(kasi).await, office.enter("sekretaris").await);
    let mut paths = Vec::new();
    for village in desa().into_iter().take(desa_count.unwrap_or(14)) {
        let fiscal_year = 2025 + wording.fiscal_year_offset;
        let report = json!({"village_code": village, "kind": kind, "fiscal_year": fiscal_year, "delivered_on": day});
        let report = kasi.post("/v1/reports", report).await.status(201);
        let path = report.header("location").to_owned();
        let checked = json!({"status": "accepted"});
        sekretaris.patch(&path, &report.etag(), checked).await.status(200);
        paths.push(path);
    }
    paths
}

/// The Sekretaris finds a report incomplete after all.
pub async fn hand_back(office: &Office<'_>, path: &str, day: &str) {
    office.on(day);
    let returned = json!({"status": "returned", "reason": "Lampiran kurang"});
    office
        .enter("sekretaris")
        .await
        .patch(path, "*", returned)
        .await
        .status(200);
}

/// The same report is delivered again: a correction with a new day, not a second report.
pub async fn deliver_again(office: &Office<'_>, path: &str, day: &str) {
    office.on(day);
    let again = json!({"status": "received", "delivered_on": day, "reason": "Dikirim ulang"});
    office
        .enter("kasi.pemerintahan")
        .await
        .patch(path, "*", again)
        .await
        .status(200);
    let checked = json!({"status": "accepted"});
    office
        .enter("sekretaris")
        .await
        .patch(path, "*", checked)
        .await
        .status(200);
}
