//! Reports in the browser: recording, returning and accepting move the values.

use serde_json::Value;

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

const BALANG: &str = "63.11.06.2005";

fn cell(kind: &str, year: i32) -> String {
    format!("/laporan/{BALANG}/{kind}/{year}")
}

async fn iku_4(world: &World) -> Value {
    let value = world
        .admin()
        .get("/v1/indicators/paringin-iku-4/realisations/2026")
        .await;
    value.status(200).json["numerator"].clone()
}

#[apply(both_databases)]
async fn a_report_is_recorded_returned_and_accepted(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let matrix = kasi.get("/laporan?tahun=2026").await;
    let id = format!("s-{BALANG}-lppd-2025");
    assert_eq!(matrix.label(&id).unwrap(), "Balang, lppd 2025: Belum masuk");
    assert!(matrix.links().contains(&cell("lppd", 2025)));

    let empty = kasi.get(&cell("lppd", 2025)).await;
    assert!(
        empty.buttons().contains(&"Catat laporan".to_owned()),
        "{:?}",
        empty.buttons()
    );
    let record = form(&[
        ("aksi", "catat"),
        ("delivered_on", "2026-03-14"),
        ("note", "Lengkap\r\ndua rangkap"),
    ]);
    let saved = kasi.post(&cell("lppd", 2025), &record).await;
    assert_eq!(saved.at, format!("/laporan?tahun=2026&tersimpan=1#{id}"));
    assert!(saved.text().contains("Tersimpan."));
    assert_eq!(saved.label(&id).unwrap(), "Balang, lppd 2025: Tepat waktu");
    assert_eq!(iku_4(&world).await, 1);
    let home = kasi.get("/?periode=2026-Q4").await;
    assert!(home.text().contains("3,57%"), "{}", home.text());

    let page = kasi.get(&cell("lppd", 2025)).await;
    assert!(page.text().contains("14 Maret 2026") && page.text().contains("kasi.pemerintahan"));
    let etag = page.value("kembalikan", "etag");
    let without = form(&[("aksi", "kembalikan"), ("etag", &etag)]);
    let refused = kasi.post(&cell("lppd", 2025), &without).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Alasan").is_empty(),
        "{}",
        refused.text()
    );
    let back = form(&[("aksi", "kembalikan"), ("etag", &etag), ("reason", "Lampiran kurang")]);
    let returned = kasi.post(&cell("lppd", 2025), &back).await;
    assert_eq!(returned.label(&id).unwrap(), "Balang, lppd 2025: Dikembalikan");
    assert_eq!(iku_4(&world).await, 0);
    // The form of a version that is gone changes nothing.
    let stale = kasi.post(&cell("lppd", 2025), &back).await;
    assert!(
        stale.reply.status == 412 && stale.text().contains("sudah diubah orang lain"),
        "{}",
        stale.text()
    );

    let page = kasi.get(&cell("lppd", 2025)).await;
    assert!(page.text().contains("Lampiran kurang"), "{}", page.text());
    let etag = page.value("lagi", "etag");
    let again = form(&[("aksi", "lagi"), ("etag", &etag), ("delivered_on", "2026-04-20")]);
    let late = kasi.post(&cell("lppd", 2025), &again).await;
    assert_eq!(late.label(&id).unwrap(), "Balang, lppd 2025: Terlambat");
    // The secretary checks, and may do nothing else.
    let secretary = Browser::of(&world, "sekretaris").await;
    let page = secretary.get(&cell("lppd", 2025)).await;
    let buttons = page.buttons();
    assert!(buttons.contains(&"Nyatakan lengkap".to_owned()) && !buttons.contains(&"Cabut catatan".to_owned()));
    let accept = form(&[("aksi", "terima"), ("etag", &page.value("terima", "etag"))]);
    secretary.post(&cell("lppd", 2025), &accept).await;
    let page = secretary.get(&cell("lppd", 2025)).await;
    assert!(page.text().contains("Diperiksa dan lengkap"), "{}", page.text());
    let withdraw = form(&[
        ("aksi", "cabut"),
        ("etag", &page.value("kembalikan", "etag")),
        ("reason", "x"),
    ]);
    assert_eq!(secretary.post(&cell("lppd", 2025), &withdraw).await.reply.status, 403);
    // Its recorder withdraws it.
    let page = kasi.get(&cell("lppd", 2025)).await;
    let withdraw = form(&[
        ("aksi", "cabut"),
        ("etag", &page.value("cabut", "etag")),
        ("reason", "Salah desa"),
    ]);
    let gone = kasi.post(&cell("lppd", 2025), &withdraw).await;
    assert_eq!(gone.label(&id).unwrap(), "Balang, lppd 2025: Belum masuk");
}

#[apply(both_databases)]
async fn wrong_input_is_told_beside_the_field_and_kept(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let future = form(&[
        ("aksi", "catat"),
        ("delivered_on", "2099-01-01"),
        ("note", "Catatan saya"),
    ]);
    let page = kasi.post(&cell("lppd", 2025), &future).await;
    assert_eq!(page.reply.status, 422);
    assert!(page.fault_at("Diterima kecamatan").len() > 5, "{}", page.text());
    assert_eq!(page.value("catat", "delivered_on"), "2099-01-01");
    assert_eq!(page.value("catat", "note"), "Catatan saya");
    let english = kasi.with_client(world.anonymous().with("sec-fetch-site", "same-origin").in_english());
    let page = english.post(&cell("lppd", 2025), &future).await;
    assert!(
        page.fault_at("Received by the district").contains("future"),
        "{}",
        page.text()
    );
}

#[apply(both_databases)]
async fn several_villages_are_recorded_at_once(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pembinaan").await;
    let path = "/laporan/jenis/apbdes-s1/2026";
    let page = kasi.get(path).await;
    assert!(
        page.buttons().contains(&"Catat yang dicentang".to_owned()),
        "{}",
        page.text()
    );
    let nothing = kasi.post(path, &form(&[("delivered_on", "2026-07-10")])).await;
    assert!(nothing.reply.status == 422 && nothing.text().contains("Centang sedikitnya satu desa"));
    let two = [
        ("delivered_on", "2026-07-10"),
        ("desa-63.11.06.2005", "on"),
        ("desa-63.11.06.2006", "on"),
    ];
    let saved = kasi.post(path, &form(&two)).await;
    assert!(
        saved.at.starts_with("/laporan?tahun=2026&tersimpan=1"),
        "{}: {}",
        saved.at,
        saved.text()
    );
    assert!(
        saved
            .label("s-63.11.06.2006-apbdes-s1-2026")
            .unwrap()
            .ends_with("Tepat waktu")
    );
    // One that cannot be recorded keeps all of them out, and the ticks stay.
    let one_twice = [
        ("delivered_on", "2026-07-11"),
        ("desa-63.11.06.2005", "on"),
        ("desa-63.11.06.2007", "on"),
    ];
    let refused = kasi.post(path, &form(&one_twice)).await;
    assert_eq!(refused.reply.status, 409, "{}", refused.text());
    let matrix = kasi.get("/laporan?tahun=2026").await;
    assert!(
        matrix
            .label("s-63.11.06.2007-apbdes-s1-2026")
            .unwrap()
            .ends_with("Belum masuk")
    );
    // Reports of another section are not theirs.
    assert_eq!(kasi.get("/laporan/jenis/lppd/2025").await.reply.status, 403);
    let foreign = kasi
        .post(
            &cell("lppd", 2025),
            &form(&[("aksi", "catat"), ("delivered_on", "2026-03-14")]),
        )
        .await;
    assert_eq!(foreign.reply.status, 403, "{}", foreign.text());
}
