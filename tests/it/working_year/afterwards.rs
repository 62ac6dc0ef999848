//! After the year: the report of the office, the inspection, and the next decree.

use serde_json::json;

use super::office::Office;
use crate::support::table::{NONE, assert_refused};

/// The numbers of the LKjIP: the quarters, the explanation and the definition of each indicator.
pub async fn write_the_report(office: &Office<'_>) {
    office.at("2026-02-16T09:00:00+08:00");
    let camat = office.enter("camat").await;
    for number in 1..=5 {
        let indicator = format!("/v1/indicators/paringin-iku-{number}");
        let series = camat
            .get(&format!("{indicator}/realisations?from=2025-Q1&to=2025-Q4"))
            .await
            .status(200);
        assert_eq!(series.json["items"].as_array().unwrap().len(), 4);
        let explanation = format!("{indicator}/realisations/2025/explanation");
        camat.get(&explanation).await.status(200);
        camat.get(&format!("{indicator}?year=2025")).await.status(200);
    }
    // 96.4286 of the revised 95 is 101.50.
    let iku4 = camat
        .get("/v1/indicators/paringin-iku-4/realisations/2025")
        .await
        .status(200)
        .json;
    assert_eq!((&iku4["target"], &iku4["achievement"]), (&json!(95), &json!(101.5)));
}

/// The Inspektorat reads everything and writes nothing.
pub async fn inspect(office: &Office<'_>) {
    let auditor = office.enter("inspektorat").await;
    assert_eq!(auditor.all("/v1/cases?limit=100").await.len(), 12);
    assert_eq!(auditor.all("/v1/institutions?limit=100").await.len(), 140);
    assert_eq!(auditor.all("/v1/reports?limit=100").await.len(), 27 + 97);
    assert_eq!(
        auditor.all("/v1/reports?limit=100&status=accepted").await.len(),
        27 + 97
    );
    assert_refused(&[
        (&auditor, "POST", "/v1/cases", json!({}), 403, "insufficient_scope"),
        (
            &auditor,
            "PATCH",
            "/v1/users/0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69",
            json!({}),
            403,
            "insufficient_scope",
        ),
        (
            &office.enter("kasi.pmd").await,
            "GET",
            "/v1/users",
            NONE,
            403,
            "insufficient_scope",
        ),
    ])
    .await;
}

/// The decree ends with 2026. The Sekretaris enters the next one with its five indicators, in one request.
pub async fn enter_the_next_decree(office: &Office<'_>) {
    let sekretaris = office.enter("sekretaris").await;
    let decree = json!({
        "district_code": "63.11.06", "number": "12/CPAR/2026", "title": "IKU Kecamatan Paringin Tahun 2027-2030",
        "issued_on": "2026-02-16", "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
        "first_year": 2027, "last_year": 2030,
        "legal_bases": ["Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah"],
        "copy_of": iku::shipped::decree().id,
    });
    let decree = sekretaris.post("/v1/decrees", decree).await.status(201).id();
    let indicators = sekretaris.get(&format!("/v1/decrees/{decree}")).await.status(200);
    assert_eq!(indicators.json["indicators"].as_array().unwrap().len(), 5);
    // The years of the former decree stay.
    let iku4 = sekretaris
        .get("/v1/indicators/paringin-iku-4/realisations/2025")
        .await
        .status(200);
    assert_eq!(iku4.json["value"], 96.43);
}
