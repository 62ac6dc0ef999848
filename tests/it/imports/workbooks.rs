//! Workbooks: as exports and offices write them, and as attackers do.

use std::io::Write;
use std::time::{Duration, Instant};

use iku::platform::http::download::XLSX;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::outcomes;
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, Reply, World};

async fn send(client: &Client, resource: &str, mode: &str, file: Vec<u8>) -> Reply {
    let path = format!("/v1/imports?resource={resource}&mode={mode}");
    client.send("POST", &path, XLSX, file).await
}

#[apply(both_databases)]
async fn exported_workbooks_change_nothing(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    for (resource, path) in [
        ("reports", "reports.xlsx"),
        ("institutions", "institutions.xlsx"),
        ("cases", "cases.xlsx"),
        ("surveys", "surveys.xlsx?year=2025"),
    ] {
        let file = admin.get(&format!("/v1/exports/{path}")).await.status(200).body;
        let judged = send(&admin, resource, "dry_run", file).await.status(200).json;
        let rows = outcomes(&judged);
        assert!(!rows.is_empty(), "{resource}");
        let other: Vec<_> = rows.iter().filter(|row| !row.ends_with("same")).take(5).collect();
        assert_eq!(other, [""; 0], "{resource}");
    }
}

#[apply(both_databases)]
async fn cells_are_read_as_a_spreadsheet_has_them(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["village_code", "kind", "fiscal_year", "delivered_on", "note"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    // The second row stays blank.
    sheet.write_string(2, 0, "63.11.06.2005").unwrap();
    sheet.write_string(2, 1, "lppd").unwrap();
    sheet.write_number(2, 2, 2024).unwrap();
    let day = ExcelDateTime::from_ymd(2025, 3, 14).unwrap();
    let format = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_datetime_with_format(2, 3, &day, &format).unwrap();
    sheet.write_string(2, 4, "=1+1").unwrap();
    sheet.write_string(3, 0, "63.11.06.2006").unwrap();
    sheet.write_string(3, 1, "lppd").unwrap();
    sheet
        .write_formula(3, 2, Formula::new("2000+24").set_result("2024"))
        .unwrap();
    sheet.write_number(3, 3, 2025.5).unwrap();
    let file = book.save_to_buffer().unwrap();
    let judged = send(&kasi, "reports", "dry_run", file.clone()).await.status(200).json;
    assert_eq!(outcomes(&judged), ["3 create", "4 error delivered_on format"]);
    let refused = send(&kasi, "reports", "apply", file).await.problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/4/delivered_on"]);
    assert_eq!(kasi.all("/v1/reports").await, [json!(null); 0]);
}

/// Returns a workbook with this sheet.
fn workbook(sheet: &[u8], more: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let plain: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let more = more.iter().map(|(name, content)| (*name, content.as_slice()));
    for (name, content) in plain.into_iter().chain(more) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    let start = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
    format!("{start}{rows}</sheetData></worksheet>").into_bytes()
}

#[actix_web::test]
async fn bombs_are_refused_in_bounded_time() {
    let world = World::on(Backend::Sqlite).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let text = |place: &str| format!(r#"<row><c r="{place}" t="inlineStr"><is><t>x</t></is></c></row>"#);
    let cells: String = (0..30_000).map(|_| r#"<c t="n"><v>1</v></c>"#).collect();
    let entities = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>"#;
    let mut with_entities = entities.as_bytes().to_vec();
    with_entities.extend(sheet(r#"<row><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row>"#));
    let many: Vec<(String, Vec<u8>)> = (0..500).map(|n| (format!("xl/{n}.xml"), Vec::new())).collect();
    let many: Vec<(&str, Vec<u8>)> = many
        .iter()
        .map(|(name, content)| (name.as_str(), content.clone()))
        .collect();
    let plain = sheet(&text("A1"));
    for (what, file, refused) in [
        ("a part of 100 MiB", workbook(&plain, &[("xl/sharedStrings.xml", vec![b' '; 100 << 20])]), vec![413]),
        ("a sheet of 50 MiB", workbook(&vec![b' '; 50 << 20], &[]), vec![413]),
        ("many files", workbook(&plain, &many), vec![413]),
        ("a cell in the last column and row", workbook(&sheet(&text("XFD1048576")), &[]), vec![422]),
        ("a million columns", workbook(&sheet(&text("ZZZZ1")), &[]), vec![400, 422]),
        ("many cells without a place", workbook(&sheet(&format!("<row>{cells}</row>")), &[]), vec![400, 422]),
        ("entities in entities", workbook(&with_entities, &[]), vec![400, 422]),
        ("a dimension of everything", workbook(&[br#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData/></worksheet>"#.as_slice()].concat(), &[]), vec![400]),
        ("no workbook", b"PK\x03\x04 no".to_vec(), vec![400]),
        ("a broken sheet", workbook(b"<worksheet><sheetData><row><c", &[]), vec![400]),
    ] {
        assert!(file.len() < 2 << 20, "{what}: {}", file.len());
        let started = Instant::now();
        let reply = send(&admin, "reports", "dry_run", file).await;
        assert!(refused.contains(&reply.status), "{what}: {} {:#}", reply.status, reply.json);
        assert!(started.elapsed() < Duration::from_secs(20), "{what}: {:?}", started.elapsed());
    }
}
