//! The comparison tables of the performance report.

use calamine::{Data, Reader};

use super::workbook::{opened, table};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

fn number(value: &serde_json::Value) -> Data {
    value.as_f64().map_or(Data::Empty, Data::Float)
}

#[apply(both_databases)]
async fn its_tables_equal_the_api(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let mut book = opened(&admin, "/v1/exports/lkjip.xlsx?year=2025").await;
    let names = [
        "1 Target dan realisasi",
        "2 Tahun sebelumnya",
        "3 Akhir rencana",
        "4 Capaian sasaran",
        "5 Kendala dan tindak lanjut",
    ];
    assert_eq!(book.sheet_names(), names);
    let [year, earlier, end, objectives, causes] = names.map(|name| table(&mut book, name));
    let sheet = async |period: &str| {
        admin
            .get(&format!("/v1/realisations?period={period}&district_code=63.11.06"))
            .await
            .status(200)
            .json
    };
    let (of_2025, of_2024, of_2023) = (sheet("2025").await, sheet("2024").await, sheet("2023").await);
    for n in 0..5 {
        let value = &of_2025["items"][n];
        assert_eq!(
            year[n]["indikator"],
            Data::String(value["indicator"]["name"].as_str().unwrap().to_owned())
        );
        for (column, member) in [("realisasi", "value"), ("target", "target"), ("capaian", "achievement")] {
            assert_eq!(year[n][column], number(&value[member]), "{column}");
        }
        assert_eq!(year[n]["status"], Data::String("dihitung".to_owned()));
        assert_eq!(earlier[n]["realisasi_2025"], number(&value["value"]));
        assert_eq!(earlier[n]["realisasi_2024"], number(&of_2024["items"][n]["value"]));
        assert_eq!(earlier[n]["realisasi_2023"], number(&of_2023["items"][n]["value"]));
        assert_eq!(earlier[n]["capaian_2024"], number(&of_2024["items"][n]["achievement"]));
        assert_eq!(end[n]["realisasi"], number(&value["value"]));
        assert_eq!(end[n]["tahun_akhir_rencana"], Data::Float(2026.0));
        assert_eq!(causes[n]["kendala"], Data::Empty);
    }
    // The decree begins in 2023.
    assert!(!earlier[0].contains_key("realisasi_2022") && earlier[0].contains_key("realisasi_2023"));
    let of_objectives = of_2025["objectives"].as_array().unwrap();
    assert_eq!(objectives.len(), of_objectives.len());
    for (row, objective) in objectives.iter().zip(of_objectives) {
        assert_eq!(
            row["sasaran"],
            Data::String(objective["objective"].as_str().unwrap().to_owned())
        );
        assert_eq!(row["capaian"], number(&objective["achievement"]));
    }
    let counted: f64 = objectives
        .iter()
        .map(|row| match row["jumlah_indikator"] {
            Data::Float(n) => n,
            _ => 0.0,
        })
        .sum();
    assert_eq!(counted, 5.0);
}
