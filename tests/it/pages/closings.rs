//! Closing a period in the browser, and what stands beside it for whoever checks.

use iku::platform::fingerprint::sha256_hex;

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn a_quarter_is_closed_and_its_files_are_the_stored_ones(backend: Backend) {
    let world = demonstration(backend).await;
    let camat = Browser::of(&world, "camat").await;
    let list = camat.get("/tutup?tahun=2025").await;
    assert!(
        list.text().contains("Triwulan I 2025 □ Belum ditutup"),
        "{}",
        list.text()
    );
    let close = form(&[("aksi", "tutup"), ("period", "2025-Q1")]);
    let closed = camat.post("/tutup", &close).await;
    assert_eq!(closed.heading(), "Penutupan Triwulan I 2025");
    let text = closed.text();
    assert!(
        text.contains("IKU 4 ·") && text.contains("camat") && text.contains("sama"),
        "{text}"
    );
    for name in ["dokumen.json", "pernyataan.jwt"] {
        let path = format!("{}/{name}", closed.at);
        assert!(closed.links().contains(&path), "{path}");
        let file = camat.ask(&path).await;
        assert_eq!(file.status, 200, "{path}");
        assert!(file.header("content-disposition").starts_with("attachment"), "{path}");
        let digest = sha256_hex(&file.body);
        assert!(text.contains(&digest), "{path}: {digest}");
    }
    let list = camat.get("/tutup?tahun=2025").await;
    assert!(list.text().contains("Triwulan I 2025 ■ Ditutup"), "{}", list.text());

    // Once more needs a reason, and is version 2.
    let refused = camat.post("/tutup", &close).await;
    assert!(
        [409, 422].contains(&refused.reply.status) && refused.text().contains("Ada yang perlu diperbaiki"),
        "{} {}",
        refused.reply.status,
        refused.text()
    );
    let again = form(&[
        ("aksi", "tutup"),
        ("period", "2025-Q1"),
        ("reason", "Reviu Inspektorat"),
    ]);
    let again = camat.post("/tutup", &again).await;
    assert!(
        again.text().contains("Versi 2") && again.text().contains("Reviu Inspektorat"),
        "{}",
        again.text()
    );

    // A period that runs, and a reader who closes nothing.
    let running = form(&[("aksi", "tutup"), ("period", "2099")]);
    assert_eq!(camat.post("/tutup", &running).await.reply.status, 409);
    let auditor = Browser::of(&world, "inspektorat").await;
    let list = auditor.get("/tutup?tahun=2025").await;
    assert!(!list.buttons().contains(&"Tutup".to_owned()), "{:?}", list.buttons());
    assert_eq!(auditor.post("/tutup", &close).await.reply.status, 403);
    let trail = auditor.get("/jejak?catatan=closing").await;
    assert!(
        trail.text().contains("ditutup") && trail.text().contains("Reviu Inspektorat"),
        "{}",
        trail.text()
    );
}
