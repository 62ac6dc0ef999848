//! Evidence in the browser: files are added to records, read and withdrawn.

use iku::platform::fingerprint::sha256_hex;
use serde_json::Value;

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

const FILE: (&str, &str) = ("berkas", "Tanda terima LPPD.pdf");

fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{text}\n%%EOF\n").into_bytes()
}

/// A delivered report: its id, and the page of its cell.
async fn report(world: &World) -> (String, String) {
    let listed = world
        .admin()
        .get("/v1/reports?village_code=63.11.06.2005&kind=lppd&limit=1")
        .await;
    let report: Value = listed.status(200).json["items"][0].clone();
    let page = format!("/laporan/63.11.06.2005/lppd/{}", report["fiscal_year"]);
    (report["id"].as_str().unwrap().to_owned(), page)
}

#[apply(both_databases)]
async fn a_file_is_added_read_and_withdrawn(backend: Backend) {
    let world = demonstration(backend).await;
    let (id, cell) = report(&world).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let page = kasi.get(&cell).await;
    assert!(page.text().contains("Belum ada berkas"), "{}", page.text());
    let place = format!("/bukti/report/{id}");
    // Longer than what is written at once.
    let bytes = pdf(&"bukti ".repeat(30_000));
    let added = kasi.post_file(&place, FILE, &bytes).await;
    assert_eq!(added.at, cell);
    let text = added.text();
    assert!(text.contains(FILE.1) && text.contains("PDF, 176 KiB"), "{text}");
    let path = format!("/bukti/berkas/{}", sha256_hex(&bytes));
    assert!(added.links().contains(&path), "{:?}", added.links());

    let auditor = Browser::of(&world, "inspektorat").await;
    let file = auditor.ask(&path).await.status(200);
    assert_eq!(file.body, bytes);
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.header("content-security-policy").starts_with("sandbox"));
    // The API knows the same link.
    let links = world.admin().get(&format!("/v1/reports/{id}/evidence")).await;
    assert_eq!(
        links.status(200).json["items"][0]["sha256"],
        sha256_hex(&bytes).as_str()
    );

    // The same file again, and one that is no evidence.
    let again = kasi.post_file(&place, FILE, &bytes).await;
    assert!(
        again.reply.status == 422 && again.text().contains("sudah ditautkan"),
        "{}",
        again.text()
    );
    let other = kasi.post_file(&place, ("berkas", "a.pdf"), b"<html>").await;
    assert!(
        other.reply.status == 415 && other.text().contains("bukan PDF"),
        "{}",
        other.text()
    );
    let wrong_name = kasi.post_file(&place, ("berkas", "a.png"), &pdf("lain")).await;
    assert!(
        wrong_name.reply.status == 422 && wrong_name.text().contains("application/pdf"),
        "{}",
        wrong_name.text()
    );
    let nothing = kasi.post_file(&place, ("berkas", ""), b"").await;
    assert!(
        nothing.reply.status == 422 && nothing.text().contains("Pilih berkas"),
        "{}",
        nothing.text()
    );
    let large = kasi.post_file(&place, FILE, &pdf(&"x".repeat(11 << 20))).await;
    assert!(large.reply.status == 413, "{}", large.text());
    assert_eq!(large.text().matches(FILE.1).count(), 1, "{}", large.text());

    // Withdrawing needs a reason, and the version that was read.
    let link = world
        .admin()
        .get(&format!("/v1/reports/{id}/evidence"))
        .await
        .status(200)
        .json["items"][0]["id"]
        .clone();
    let withdraw = format!("/bukti/tautan/{}", link.as_str().unwrap());
    let etag = page_etag(&kasi.get(&cell).await);
    let without = kasi.post(&withdraw, &form(&[("etag", &etag)])).await;
    assert_eq!(without.reply.status, 400, "{}", without.text());
    let gone = kasi
        .post(&withdraw, &form(&[("etag", &etag), ("reason", "Salah berkas")]))
        .await;
    assert!(
        gone.at == cell && gone.text().contains("Belum ada berkas"),
        "{}",
        gone.text()
    );
    auditor.ask(&path).await.status(404);
}

/// The version of the only link on a page.
fn page_etag(page: &super::browser::Page) -> String {
    let (_, rest) = page.source().split_once("action=\"/bukti/tautan/").unwrap();
    let (_, rest) = rest.split_once("name=\"etag\" value=\"").unwrap();
    let (etag, _) = rest.split_once("\"/>").unwrap();
    etag.replace("&#34;", "\"").replace("&quot;", "\"")
}

#[apply(both_databases)]
async fn who_may_not_write_a_record_adds_no_file(backend: Backend) {
    let world = demonstration(backend).await;
    let (id, cell) = report(&world).await;
    let place = format!("/bukti/report/{id}");
    for username in ["kasi.pmd", "inspektorat", "camat", "sakip"] {
        let browser = Browser::of(&world, username).await;
        let refused = browser.post_file(&place, FILE, &pdf("lain")).await;
        assert_eq!(refused.reply.status, 403, "{username}: {}", refused.text());
        if username != "sakip" {
            let page = browser.get(&cell).await;
            assert!(!page.buttons().contains(&"Tambah bukti".to_owned()), "{username}");
            assert!(page.text().contains("Bukti dukung"), "{username}");
        }
    }
    let entries = world.service.evidence.entries().unwrap();
    assert!(entries.is_empty(), "{entries:?}");
    // Another site cannot make a browser send one.
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let cross = kasi.with_client(world.anonymous().with("sec-fetch-site", "cross-site"));
    assert_eq!(cross.post_file(&place, FILE, &pdf("lain")).await.reply.status, 403);
}

#[apply(both_databases)]
async fn every_record_shows_its_evidence(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let first = async |list: &str| admin.get(&format!("{list}?limit=1")).await.status(200).json["items"][0].clone();
    let (institution, case) = (first("/v1/institutions").await, first("/v1/cases").await);
    let survey = first("/v1/surveys").await;
    let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
    let decree = id(&institution["decrees"][0]);
    let browser = Browser::of(&world, "administrator").await;
    browser.get("/akun").await;
    for (page, place) in [
        (
            format!("/lembaga/{}", id(&institution)),
            format!("/bukti/institution_decree/{}/{decree}", id(&institution)),
        ),
        (format!("/kasus/{}", id(&case)), format!("/bukti/case/{}", id(&case))),
        (
            format!("/survei/{}", id(&survey)),
            format!("/bukti/survey/{}", id(&survey)),
        ),
        (
            "/target/paringin-iku-4/2025-S1".to_owned(),
            "/bukti/target/paringin-iku-4/2025-S1".to_owned(),
        ),
    ] {
        let shown = browser.get(&page).await;
        assert!(
            shown.source().contains(&format!("action=\"{place}\"")),
            "{page}: {}",
            shown.text()
        );
        let added = browser.post_file(&place, ("berkas", "Bukti.pdf"), &pdf(&page)).await;
        assert_eq!(added.at, page, "{}", added.text());
        assert!(added.text().contains("Bukti.pdf"), "{page}: {}", added.text());
    }
    for path in [
        "/bukti/report/x",
        "/bukti/desa/1",
        "/bukti/survey/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f",
        "/bukti/case/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f/1",
        "/bukti/target/paringin-iku-4/2025-05",
        "/bukti/target/tidak-ada/2025",
        "/bukti/berkas/x",
    ] {
        assert_eq!(browser.get(path).await.reply.status, 404, "{path}");
    }
}
