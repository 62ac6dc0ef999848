//! SAKIP's table: DOMAIN section 11.

use serde_json::json;

use super::{Cells, rows, shown};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, World};

/// DOMAIN section 11, in the usual order.
const UNION: &str = "opd_kode tahun sasaran indikator definisi_operasional alasan_pemilihan formulasi_pengukuran \
    tipe_perhitungan satuan sumber_data penanggung_jawab target_tahunan target_tw_1 target_tw_2 target_tw_3 target_tw_4 \
    realisasi_tw_1 realisasi_tw_2 realisasi_tw_3 realisasi_tw_4 ket_tw_1 ket_tw_2 ket_tw_3 ket_tw_4 kendala tindak_lanjut \
    realisasi_tahunan capaian bukti";

/// Compares each figure of the table with the value of the API at the same instant.
async fn assert_equals_api(admin: &Client, year: i32, as_of: &str) {
    let table = rows(admin, &format!("/v1/exports/realisations.csv?year={year}{as_of}")).await;
    assert_eq!(table.len(), 5);
    for row in &table {
        let code = &row["kode_indikator"];
        let value = async |period: &str| {
            let as_of = as_of.replacen('&', "?", 1);
            let path = format!("/v1/indicators/{code}/realisations/{period}{as_of}");
            admin.get(&path).await.status(200).json
        };
        for quarter in 1..=4 {
            let api = value(&format!("{year}-Q{quarter}")).await;
            for (column, member) in [
                ("realisasi", "value"),
                ("target", "target"),
                ("capaian", "achievement"),
                ("capaian_tahunan", "year_achievement"),
            ] {
                let cell = &row[&format!("{column}_tw_{quarter}")];
                assert_eq!(cell, &shown(&api[member]), "{code} {quarter} {column}");
            }
        }
        let api = value(&year.to_string()).await;
        for (column, member) in [
            ("realisasi_tahunan", "value"),
            ("pembilang_tahunan", "numerator"),
            ("penyebut_tahunan", "denominator"),
            ("capaian", "achievement"),
            ("target_tahunan", "target"),
        ] {
            assert_eq!(row[column], shown(&api[member]), "{code} {column}");
        }
    }
}

#[apply(both_databases)]
async fn its_numbers_equal_the_apis(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    for year in [2024, 2025] {
        assert_equals_api(&admin, year, "").await;
    }
    // Also as they were known before a correction: the year is over, and not everything is in.
    assert_equals_api(&admin, 2024, "&as_of=2025-01-10T23:59:59.999999%2B08:00").await;
}

#[apply(both_databases)]
async fn its_columns_are_those_of_sakip_and_what_is_not_recorded_is_empty(backend: Backend) {
    let world = demonstration(backend).await;
    let reply = world
        .admin()
        .get("/v1/exports/realisations.csv?year=2025")
        .await
        .status(200);
    let header = super::text(&reply).lines().next().unwrap().replace('"', "");
    let columns: Vec<&str> = header.split(',').collect();
    let union: Vec<&str> = UNION.split_whitespace().collect();
    assert_eq!(columns[..union.len()], union);
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"realisasi-63.11.06-2025.csv\""
    );
    assert_eq!((reply.header("content-language"), reply.header("etag")), ("id", ""));
    let table = rows(&world.admin(), "/v1/exports/realisations.csv?year=2025").await;
    for row in &table {
        for column in ["opd_kode", "kendala", "tindak_lanjut", "bukti"] {
            assert_eq!(row[column], "", "{column}");
        }
        for column in [
            "sasaran",
            "definisi_operasional",
            "alasan_pemilihan",
            "sumber_data",
            "penanggung_jawab",
            "ket_tw_4",
        ] {
            assert_ne!(row[column], "", "{column}");
        }
    }
    let of = |column: &str| table.iter().map(|row| row[column].as_str()).collect::<Vec<_>>();
    let cumulative = "kumulatif";
    assert_eq!(
        of("tipe_perhitungan"),
        ["non_kumulatif", "non_kumulatif", cumulative, cumulative, cumulative]
    );
    assert_eq!(of("satuan"), ["Indeks", "Lembaga", "%", "%", "%"]);
}

/// Against the target of the quarter and against that of the year.
#[apply(both_databases)]
async fn a_quarter_has_two_achievements(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    for desa in ["2005", "2006", "2007"] {
        let report = json!({"village_code": format!("63.11.06.{desa}"), "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
        admin.post("/v1/reports", report).await.status(201);
    }
    let targets = "/v1/indicators/paringin-iku-4/targets";
    for (period, value) in [("2025-S1", 20), ("2025", 90)] {
        let body = json!({"value": value, "basis": "Perjanjian Kinerja 2025"});
        admin.put(&format!("{targets}/{period}"), body).await.status(201);
    }
    let row = iku4(&admin).await;
    // 3 of 28 is 10.714...: against 20 and against 90.
    let shown = ["realisasi_tw_2", "capaian_tw_2", "capaian_tahunan_tw_2"].map(|column| row[column].as_str());
    assert_eq!(shown, ["10.71", "53.57", "11.9"]);
    assert_eq!(
        [&row["target_tahunan_murni"], &row["target_tahunan_perubahan"]],
        ["90", ""]
    );
    // The agreement is revised.
    let revised = json!({"value": 95.5, "basis": "Perjanjian Kinerja Perubahan 2025", "reason": "Perubahan"});
    admin
        .with("if-match", "*")
        .put(&format!("{targets}/2025"), revised)
        .await
        .status(200);
    let row = iku4(&admin).await;
    let shown = ["target_tahunan", "target_tahunan_murni", "target_tahunan_perubahan"];
    assert_eq!(shown.map(|column| row[column].as_str()), ["95.5", "90", "95.5"]);
}

async fn iku4(admin: &Client) -> Cells {
    rows(admin, "/v1/exports/realisations.csv?year=2025").await.remove(3)
}

/// Missing is not zero, and a value to date is no value of a quarter that has not begun.
#[apply(both_databases)]
async fn what_has_not_begun_is_empty(backend: Backend) {
    let world = World::on(backend).at("2025-05-20T08:00:00+08:00").await;
    let admin = world.admin();
    let report =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    admin.post("/v1/reports", report).await.status(201);
    let row = iku4(&admin).await;
    let of = |column: &str| [1, 2, 3, 4].map(|quarter| row[&format!("{column}_tw_{quarter}")].clone());
    assert_eq!(of("realisasi"), ["3.57", "3.57", "", ""]);
    assert_eq!(of("ket")[2..], ["", ""]);
    assert!(
        of("ket")[1].starts_with("Sementara: 1 laporan disampaikan"),
        "{:?}",
        of("ket")
    );
    assert_eq!(
        [&row["realisasi_tahunan"], &row["capaian"]],
        ["", ""],
        "the year is not over"
    );
    // Never measured: a reason, and no number.
    let table = rows(&admin, "/v1/exports/realisations.csv?year=2025").await;
    assert_eq!(table[2]["realisasi_tw_1"], "");
    assert!(
        table[2]["ket_tw_1"].starts_with("Tidak ada gangguan"),
        "{}",
        table[2]["ket_tw_1"]
    );
    // As of an earlier day the second quarter had not begun.
    let march = "/v1/exports/realisations.csv?year=2025&as_of=2025-03-31T23:59:59.999999%2B08:00";
    let march = rows(&admin, march).await.remove(3);
    assert_eq!(
        [&march["realisasi_tw_1"], &march["realisasi_tw_2"]],
        ["", ""],
        "recorded later"
    );
}

#[apply(both_databases)]
async fn a_year_without_a_decree_has_a_header_alone(backend: Backend) {
    let world = World::on(backend).at("2025-05-20T08:00:00+08:00").await;
    let admin = world.admin();
    for path in [
        "realisations.csv?year=2022",
        "ms-ind.csv?year=2100",
        "realisations.csv?year=2000",
    ] {
        assert_eq!(
            rows(&admin, &format!("/v1/exports/{path}")).await,
            Vec::<Cells>::new(),
            "{path}"
        );
    }
}
