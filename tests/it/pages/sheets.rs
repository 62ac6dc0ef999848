//! Sheets in the browser: a preview that records nothing, the recording, and the files that go out.

use super::browser::Browser;
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

const GOOD: &str = "village_code\tkind\tfiscal_year\tdelivered_on\r\n63.11.06.2005\tlppd\t2025\t2026-03-14\r\n";
const WRONG: &str = "village_code;kind;fiscal_year;delivered_on\r\n63.11.06.2005;lppd;2025;2026-03-14\r\n63.11.06.2005;tidak-ada;2025;besok\r\n";

async fn delivered(world: &World) -> u64 {
    let path = "/v1/indicators/paringin-iku-4/realisations/2026";
    let value = world.admin().get(path).await.status(200).json;
    value["numerator"].as_u64().unwrap()
}

#[apply(both_databases)]
async fn a_sheet_is_checked_then_recorded(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let before = delivered(&world).await;
    let preview = kasi
        .post_parts(
            "/lembar",
            &[
                ("isi", "reports"),
                ("berkas", ""),
                ("tempel", GOOD),
                ("aksi", "periksa"),
            ],
        )
        .await;
    assert_eq!(preview.reply.status, 200, "{}", preview.text());
    assert!(
        preview.text().contains("Belum ada yang dicatat.") && preview.text().contains("Baru: 1"),
        "{}",
        preview.text()
    );
    assert_eq!(delivered(&world).await, before, "a preview records nothing");
    let content = preview.hidden("muatan");
    let sent = [("isi", "reports"), ("muatan", content.as_str()), ("aksi", "catat")];
    let done = kasi.post_parts("/lembar", &sent).await;
    assert_eq!(done.at, "/lembar?dicatat=1");
    assert!(done.text().contains("1 baris tercatat."), "{}", done.text());
    assert_eq!(delivered(&world).await, before + 1);
    let again = kasi
        .post_parts("/lembar", &[("isi", "reports"), ("tempel", GOOD), ("aksi", "periksa")])
        .await;
    assert!(
        again.text().contains("Sama: 1") && again.buttons().iter().all(|b| !b.starts_with("Catat")),
        "{}",
        again.text()
    );

    let wrong = kasi
        .post_parts("/lembar", &[("isi", "reports"), ("berkas", WRONG), ("aksi", "periksa")])
        .await;
    assert_eq!(wrong.reply.status, 422);
    assert!(
        wrong.text().contains("Salah: 1") && wrong.text().contains("delivered_on"),
        "{}",
        wrong.text()
    );
    let forced = kasi
        .post_parts("/lembar", &[("isi", "reports"), ("berkas", WRONG), ("aksi", "catat")])
        .await;
    assert_eq!(forced.reply.status, 422, "{}", forced.text());
    assert_eq!(
        delivered(&world).await,
        before + 1,
        "nothing of a wrong sheet is recorded"
    );
    let empty = kasi
        .post_parts("/lembar", &[("isi", "reports"), ("aksi", "periksa")])
        .await;
    assert!(
        empty.reply.status == 422 && empty.text().contains("Pilih berkas"),
        "{}",
        empty.text()
    );
    let auditor = Browser::of(&world, "inspektorat").await;
    let refused = auditor
        .post_parts("/lembar", &[("isi", "reports"), ("tempel", GOOD), ("aksi", "periksa")])
        .await;
    assert_eq!(refused.reply.status, 403);
}

#[apply(both_databases)]
async fn files_go_out_and_the_tables_are_printed(backend: Backend) {
    let world = demonstration(backend).await;
    let camat = Browser::of(&world, "camat").await;
    let page = camat.get("/lembar?tahun=2025").await;
    let files: Vec<String> = page
        .links()
        .into_iter()
        .filter(|link| link.starts_with("/berkas/"))
        .collect();
    assert!(files.len() >= 14, "{files:?}");
    for path in files {
        let file = camat.ask(&path).await;
        assert_eq!(file.status, 200, "{path}");
        match path.contains(".xlsx") {
            true => assert!(file.body.starts_with(b"PK"), "{path}"),
            false => assert!(file.body.starts_with("\u{feff}".as_bytes()), "{path}"),
        }
    }
    assert_eq!(camat.get("/berkas/lkjip.csv").await.reply.status, 404);
    assert_eq!(camat.get("/berkas/lain.csv").await.reply.status, 404);
    let tables = camat.get("/cetak/2025").await;
    for value in ["83,45", "95", "78,57", "89,29", "92,86"] {
        assert!(
            tables.each("td").iter().any(|cell| cell == value),
            "{value} is not in the tables"
        );
    }
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let template = kasi.ask("/lembar/contoh/reports.csv").await;
    assert_eq!(template.status, 200);
    assert!(String::from_utf8(template.body).unwrap().contains("village_code"));
}
