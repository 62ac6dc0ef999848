//! Workbooks: numbers are numbers, what is missing is empty, and no text is a formula.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use serde_json::json;

use super::{BOTH_FORMS, Cells, path, rows};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, Reply, World};

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub type Book = Xlsx<Cursor<Vec<u8>>>;

pub fn book(reply: Reply) -> Book {
    assert_eq!(reply.header("content-type"), XLSX);
    Xlsx::new(Cursor::new(reply.body)).unwrap()
}

pub async fn opened(client: &Client, path: &str) -> Book {
    book(client.get(path).await.status(200))
}

/// Returns the cells of a sheet below its header, by their column.
pub fn table(book: &mut Book, sheet: &str) -> Vec<std::collections::BTreeMap<String, Data>> {
    let range: Range<Data> = book.worksheet_range(sheet).unwrap();
    let mut lines = range.rows();
    let header: Vec<String> = lines.next().unwrap().iter().map(ToString::to_string).collect();
    lines
        .map(|line| header.iter().cloned().zip(line.iter().cloned()).collect())
        .collect()
}

/// Compares a cell of a workbook with a cell of a CSV.
fn is_same(cell: &Data, csv: &str) -> bool {
    match cell {
        Data::Empty => csv.is_empty(),
        Data::Float(number) => csv.parse() == Ok(*number),
        Data::String(text) => csv == text || csv.strip_prefix('\'') == Some(text),
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}") == csv
        }
        _ => false,
    }
}

#[apply(both_databases)]
async fn both_forms_have_the_same_cells(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    for name in BOTH_FORMS {
        let csv: Vec<Cells> = rows(&admin, &path(&admin, name, "csv").await).await;
        let mut book = opened(&admin, &path(&admin, name, "xlsx").await).await;
        let sheet = book.sheet_names()[0].clone();
        let cells = table(&mut book, &sheet);
        assert!(!csv.is_empty() && cells.len() == csv.len(), "{name}");
        for (cells, row) in cells.iter().zip(&csv) {
            assert_eq!(cells.len(), row.len(), "{name}");
            for (column, text) in row {
                assert!(
                    is_same(&cells[column], text),
                    "{name} {column}: {:?}, {text}",
                    cells[column]
                );
            }
        }
    }
}

#[apply(both_databases)]
async fn the_sakip_workbook_has_numbers_and_empty_cells(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let mut book = opened(&admin, "/v1/exports/realisations.xlsx?year=2025").await;
    assert_eq!(book.sheet_names(), ["IKU", "Rencana aksi", "Keterangan"]);
    let iku = table(&mut book, "IKU");
    assert_eq!(iku[0]["realisasi_tahunan"], Data::Float(83.45));
    assert_eq!(iku[1]["realisasi_tahunan"], Data::Float(95.0));
    assert_eq!(iku[0]["opd_kode"], Data::Empty);
    assert_eq!(iku[0]["tahun"], Data::Float(2025.0));
    let plan = table(&mut book, "Rencana aksi");
    assert_eq!(plan.len(), 20);
    // The rows of the action plan are the quarters of the other sheet.
    for (line, row) in plan.iter().enumerate() {
        let (of_year, quarter) = (&iku[line / 4], line % 4 + 1);
        assert_eq!(row["triwulan"], Data::Float(f64::from(u8::try_from(quarter).unwrap())));
        for (own, other) in [
            ("realisasi", "realisasi"),
            ("target", "target"),
            ("capaian", "capaian"),
            ("keterangan", "ket"),
            ("capaian_tahunan", "capaian_tahunan"),
        ] {
            assert_eq!(row[own], of_year[&format!("{other}_tw_{quarter}")], "{own} {line}");
        }
    }
    let about = table(&mut book, "Keterangan");
    assert_eq!(about[1]["isi"], Data::Float(2025.0));
}

#[apply(both_databases)]
async fn the_same_state_gives_the_same_bytes(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let as_of = "&as_of=2026-01-31T23:59:59.999999%2B08:00";
    let mut names: Vec<String> = vec![
        "realisations.xlsx?year=2025".to_owned(),
        "lkjip.xlsx?year=2025".to_owned(),
    ];
    names.extend(
        [
            "reports.xlsx?fiscal_year=2024",
            "surveys.csv?year=2025",
            "realisations.csv?year=2025",
        ]
        .map(str::to_owned),
    );
    for name in names {
        let path = format!("/v1/exports/{name}{as_of}");
        let first = admin.get(&path).await.status(200).body;
        assert!(first == admin.get(&path).await.status(200).body, "{name}");
    }
}

#[apply(both_databases)]
async fn a_formula_in_a_text_is_a_text(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let formula = "=HYPERLINK(\"http://x.example\")";
    let case =
        json!({"village_code": "63.11.06.2005", "category": "sosial", "occurred_at": "2025-03-14", "summary": formula});
    admin.post("/v1/cases", case).await.status(201);
    let mut book = opened(&admin, "/v1/exports/cases.xlsx").await;
    assert_eq!(
        table(&mut book, "Gangguan")[0]["summary"],
        Data::String(formula.to_owned())
    );
    assert!(book.worksheet_formula("Gangguan").unwrap().is_empty());
}
