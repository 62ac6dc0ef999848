//! Users and devices in the browser.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn a_user_is_made_renamed_and_switched_off(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = Browser::of(&world, "administrator").await;
    let new = form(&[
        ("username", "kasi.baru"),
        ("name", "Kasi Baru"),
        ("role", "officer"),
        ("password", "kalimat pendek 1"),
        ("sections-pmd", "on"),
    ]);
    let made = admin.post("/pengguna/baru", &new).await;
    assert_eq!(made.heading(), "Kasi Baru", "{}", made.text());
    assert!(
        made.text().contains("Seksi Pemberdayaan Masyarakat dan Desa"),
        "{}",
        made.text()
    );
    let sign_in = form(&[("username", "kasi.baru"), ("password", "kalimat pendek 1")]);
    let home = Browser::new(&world).post("/masuk", &sign_in).await;
    assert!(home.heading().starts_with("Beranda"), "{}", home.heading());

    let off = form(&[
        ("aksi", "mati"),
        ("etag", &made.value("mati", "etag")),
        ("reason", "Pindah tugas"),
    ]);
    let switched = admin.post(&made.at, &off).await;
    assert!(switched.text().contains("Dinonaktifkan"), "{}", switched.text());
    assert_eq!(Browser::new(&world).post("/masuk", &sign_in).await.heading(), "Masuk");

    let weak = form(&[
        ("username", "kasi.lain"),
        ("name", "X"),
        ("role", "officer"),
        ("password", "1234567890"),
    ]);
    let refused = admin.post("/pengguna/baru", &weak).await;
    assert!(
        refused.reply.status >= 400 && refused.reply.status < 500,
        "{}",
        refused.text()
    );
    assert!(
        refused.text().contains("Ada yang perlu diperbaiki"),
        "{}",
        refused.text()
    );
    let camat = Browser::of(&world, "camat").await;
    assert_eq!(camat.post("/pengguna/baru", &new).await.reply.status, 403);
}

#[apply(both_databases)]
async fn a_device_is_enrolled_with_a_picture(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = Browser::of(&world, "administrator").await;
    let made = admin.post("/gawai/baru", &form(&[("name", "Tablet loket")])).await;
    assert_eq!(made.heading(), "Tablet loket", "{}", made.text());
    let enrol = form(&[("aksi", "daftar"), ("etag", &made.value("daftar", "etag"))]);
    let code = admin.post(&made.at, &enrol).await;
    assert!(
        code.text().contains("Kode pendaftaran") && code.text().contains("Berlaku sampai"),
        "{}",
        code.text()
    );
    assert!(code.source().contains("data:image/svg+xml;base64,"), "no picture");
    let list = admin.get("/pengguna").await;
    assert!(
        list.text().contains("Tablet loket") && list.links().contains(&made.at),
        "{}",
        list.text()
    );
    let off = form(&[
        ("aksi", "mati"),
        ("etag", &admin.get(&made.at).await.value("mati", "etag")),
    ]);
    assert!(admin.post(&made.at, &off).await.text().contains("Dinonaktifkan"));
}
