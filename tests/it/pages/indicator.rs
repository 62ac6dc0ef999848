//! The pages of an indicator.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn every_indicator_is_explained_down_to_its_records(backend: Backend) {
    let world = demonstration(backend).await;
    let auditor = Browser::of(&world, "inspektorat").await;
    for number in 1..=5 {
        let path = format!("/iku/paringin-iku-{number}/2025-Q4");
        let page = auditor.get(&path).await;
        assert_eq!(page.reply.status, 200, "{path}: {}", page.text());
        let text = page.text();
        for words in [
            "Bunyi keputusan",
            "139/CPAR/2023",
            "Cara menghitung",
            "catatan dihitung",
        ] {
            assert!(text.contains(words), "{path}: {words}");
        }
        assert!(
            !page.buttons().iter().any(|button| button.contains("catatan")),
            "an auditor writes nothing"
        );
        let records = auditor.get(&format!("{path}/catatan")).await;
        assert_eq!(records.reply.status, 200, "{}", records.text());
        let changes = auditor.get(&format!("{path}/perubahan")).await;
        assert_eq!(changes.reply.status, 200, "{}", changes.text());
    }
    // IKU 5 has 98 records: the pages lead from one to the next, and each record is there once.
    let (mut path, mut seen) = ("/iku/paringin-iku-5/2025-Q4/catatan".to_owned(), Vec::new());
    loop {
        let page = auditor.get(&path).await;
        seen.extend(page.links().into_iter().filter(|link| link.starts_with("/laporan/")));
        match page.links().into_iter().find(|link| link.contains("cursor=")) {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 98);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 98);
    let counted = auditor.get("/iku/paringin-iku-5/2025-Q4/catatan?putusan=tidak").await;
    assert_eq!(counted.each("tr").len(), 1 + 7, "98 - 91");
    for odd in [
        "/iku/tidak-ada/2025-Q4",
        "/iku/paringin-iku-4/2025-02",
        "/iku/Paringin/2025-Q4",
    ] {
        assert_eq!(auditor.get(odd).await.reply.status, 404, "{odd}");
    }
    let wrong = auditor.get("/iku/paringin-iku-5/2025-Q4/catatan?cursor=x").await;
    assert_eq!(wrong.reply.status, 400);
}

#[apply(both_databases)]
async fn a_note_is_written_changed_and_withdrawn(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let path = "/iku/paringin-iku-4/2026-Q1";
    let write = form(&[
        ("aksi", "catat"),
        ("obstacles", "Tiga desa terlambat\r\nhujan"),
        ("follow_up", "Pendampingan"),
    ]);
    let saved = kasi.post(path, &write).await;
    assert_eq!(saved.at, format!("{path}?tersimpan=1#catatan"), "{}", saved.text());
    assert!(saved.text().contains("Tiga desa terlambat hujan") && saved.text().contains("kasi.pemerintahan"));
    let etag = saved.value("catat", "etag");
    let blind = kasi
        .post(path, &form(&[("aksi", "catat"), ("obstacles", "Lain")]))
        .await;
    assert_eq!(blind.reply.status, 428, "{}", blind.text());
    let change = form(&[("aksi", "catat"), ("etag", &etag), ("obstacles", "Dua desa terlambat")]);
    let changed = kasi.post(path, &change).await;
    assert!(changed.text().contains("Dua desa terlambat") && !changed.text().contains("Pendampingan"));
    let stale = kasi.post(path, &change.replace("Dua", "Empat")).await;
    assert_eq!(stale.reply.status, 412, "{}", stale.text());
    let etag = kasi.get(path).await.value("cabut", "etag");
    let withdraw = form(&[("aksi", "cabut"), ("etag", &etag), ("reason", "Keliru")]);
    assert!(kasi.post(path, &withdraw).await.text().contains("Belum ada catatan"));
    // An officer writes for the own section's indicators, and nobody before the period begins.
    let foreign = kasi.post("/iku/paringin-iku-5/2026-Q1", &write).await;
    assert_eq!(foreign.reply.status, 403, "{}", foreign.text());
    assert!(
        !kasi
            .get("/iku/paringin-iku-5/2026-Q1")
            .await
            .buttons()
            .contains(&"Tulis catatan".to_owned())
    );
    let early = kasi
        .post("/iku/paringin-iku-4/2026-Q1", &form(&[("aksi", "catat")]))
        .await;
    assert!(
        early.reply.status == 422 && !early.fault_at("Kendala").is_empty(),
        "{}",
        early.text()
    );
}
