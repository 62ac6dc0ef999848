//! Evidence beside values: in the documents of closings, and in the tables for SAKIP.

use calamine::Data;
use iku::access::Role;
use iku::platform::fingerprint::sha256_hex;
use serde_json::{Value, json};

use super::{NOW, PDF, TARGET, holder, link, pdf, records, send};
use crate::exports::rows;
use crate::exports::workbook::{opened, table};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, World};

#[apply(both_databases)]
async fn closings_hold_the_hashes(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (admin, camat) = (world.admin(), holder(&world, Role::Head));
    let bytes = pdf("a");
    send(&admin, PDF, &bytes).await.status(201);
    let mut hrefs = Vec::new();
    let mut links = Vec::new();
    for (record, _) in records(&world).await {
        // A survey without answers counts nowhere.
        if record.starts_with("/v1/surveys") {
            continue;
        }
        let made = link(&admin, &record, &bytes, "Bukti “½”.pdf").await.status(201);
        hrefs.push(made.json["record"]["href"].as_str().unwrap().to_owned());
        links.push(made.header("location").to_owned());
    }
    // A report of another year is behind no value of the period.
    let other = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2020, "delivered_on": "2021-03-14"});
    let other = admin.post("/v1/reports", other).await.status(201);
    link(&admin, other.header("location"), &bytes, "lain.pdf")
        .await
        .status(201);
    let close = async |body: Value| {
        let made = camat.post("/v1/closings", body).await.status(201).json;
        let document = camat
            .get(made["document"]["href"].as_str().unwrap())
            .await
            .status(200)
            .body;
        let value: Value = serde_json::from_slice(&document).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), document);
        (
            made["id"].as_str().unwrap().to_owned(),
            value["evidence"].as_array().unwrap().clone(),
        )
    };
    let (first, evidence) = close(json!({"district_code": PARINGIN, "period": "2025-S1"})).await;
    let mut named: Vec<String> = evidence
        .iter()
        .map(|one| one["record"]["href"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    hrefs.sort();
    assert_eq!(named, hrefs);
    for one in &evidence {
        assert_eq!(
            (&one["sha256"], &one["version"], &one["bytes"]),
            (&json!(sha256_hex(&bytes)), &json!(1), &json!(bytes.len()))
        );
        assert_eq!(one["file_name"], "Bukti “½”.pdf");
    }
    // Later changes leave the document as it is.
    for link in &links {
        admin.delete(link, "*").await.status(204);
    }
    let (_, later) = close(json!({"district_code": PARINGIN, "period": "2025-S1", "reason": "Bukti ditarik"})).await;
    assert_eq!(later, [Value::Null; 0]);
    camat.get(&format!("/v1/closings/{first}/revisions")).await.status(200);
    let again = camat
        .get(&format!("/v1/closings/{first}/document"))
        .await
        .status(200)
        .json;
    assert_eq!(again["evidence"], json!(evidence));
}

#[apply(both_databases)]
async fn exports_name_the_files(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let records = records(&world).await;
    let report = &records[0].0;
    for (record, text, name) in [
        (report.as_str(), "a", "Tanda terima.pdf"),
        (report, "b", "=SUM(1).pdf"),
        (TARGET, "c", "PK 2025.pdf"),
        // The same file under the same name is named once.
        (TARGET, "a", "Tanda terima.pdf"),
        (&records[1].0, "d", "SK Kades.pdf"),
        (&records[3].0, "e", "Lembar.pdf"),
    ] {
        let bytes = pdf(text);
        send(&admin, PDF, &bytes).await;
        link(&admin, record, &bytes, name).await.status(201);
    }
    let rows = rows(&admin, "/v1/exports/realisations.csv?year=2025").await;
    let evidence: Vec<&str> = rows.iter().map(|row| row["bukti"].as_str()).collect();
    assert_eq!(
        evidence,
        ["", "SK Kades.pdf", "", "Tanda terima.pdf; =SUM(1).pdf; PK 2025.pdf", ""]
    );
    let mut book = opened(&admin, "/v1/exports/realisations.xlsx?year=2025").await;
    let actions = table(&mut book, "Rencana aksi");
    let cell = |row: usize| actions[row]["bukti"].clone();
    // In the first quarter the report counts; the target is of the second; the third has begun, the fourth has not.
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(cell(12), text("Tanda terima.pdf; =SUM(1).pdf"));
    assert_eq!(cell(13), text("Tanda terima.pdf; =SUM(1).pdf; PK 2025.pdf"));
    assert_eq!(cell(15), Data::Empty);
    // As it was known before, there is none.
    let before = crate::exports::rows(
        &admin,
        "/v1/exports/realisations.csv?year=2025&as_of=2025-07-20T08:00:00%2B08:00",
    )
    .await;
    assert!(before.iter().all(|row| row["bukti"].is_empty()));
    for n in 0..25 {
        let bytes = pdf(&format!("many {n}"));
        send(&admin, PDF, &bytes).await;
        link(&admin, report, &bytes, &format!("{n}.pdf")).await.status(201);
    }
    let rows = crate::exports::rows(&admin, "/v1/exports/realisations.csv?year=2025").await;
    assert!(
        rows[3]["bukti"].ends_with("; dan 8 berkas lain"),
        "{}",
        rows[3]["bukti"]
    );
}
