//! The register of institutions in the browser.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

const DECREE: [(&str, &str); 3] = [
    ("number", "141/99/KPTS-BLG/2026"),
    ("issued_on", "2026-01-05"),
    ("starts_on", "2026-01-10"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> String {
    form(&[more, &DECREE].concat())
}

#[apply(both_databases)]
async fn an_institution_is_recorded_renewed_and_revoked(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pmd").await;
    let count = async || {
        let value = world
            .admin()
            .get("/v1/indicators/paringin-iku-2/realisations/2026")
            .await;
        value.status(200).json["value"].as_u64().unwrap()
    };
    let before = count().await;
    let page = kasi.get("/lembaga").await;
    assert!(page.links().contains(&"/lembaga/baru".to_owned()), "{}", page.text());
    let new = [("village_code", "63.11.06.2005"), ("kind", "rt"), ("name", "RT 99")];
    let made = kasi.post("/lembaga/baru", &with(&new)).await;
    assert!(made.heading().starts_with("RT 99"), "{}: {}", made.at, made.text());
    assert!(
        made.text().contains("9 Januari 2031") && made.text().contains("Aktif"),
        "{}",
        made.text()
    );
    assert_eq!(count().await, before + 1);
    let again = kasi
        .post(
            "/lembaga/baru",
            &with(&[("village_code", "63.11.06.2005"), ("kind", "rt"), ("name", "RT 099")]),
        )
        .await;
    assert_eq!(again.reply.status, 409, "{}", again.text());
    let wrong = form(&[
        ("village_code", "63.11.06.2005"),
        ("kind", "rt"),
        ("name", "RT 98"),
        ("number", "1"),
        ("issued_on", "2099-01-01"),
        ("starts_on", "2026-01-10"),
    ]);
    let wrong = kasi.post("/lembaga/baru", &wrong).await;
    assert!(
        wrong.reply.status == 422 && !wrong.fault_at("Ditetapkan pada").is_empty(),
        "{}",
        wrong.text()
    );

    let path = made.at.split('?').next().unwrap().to_owned();
    let renewal = [
        ("aksi", "perpanjang"),
        ("number", "141/100/2026"),
        ("issued_on", "2026-02-01"),
        ("starts_on", "2026-02-02"),
    ];
    let renewed = kasi.post(&path, &form(&renewal)).await;
    assert!(renewed.text().contains("141/100/2026"), "{}", renewed.text());
    let etag = renewed.value("perbaiki", "etag");
    let rename = form(&[
        ("aksi", "perbaiki"),
        ("etag", &etag),
        ("name", "RT 97"),
        ("reason", "Penomoran baru"),
    ]);
    let renamed = kasi.post(&path, &rename).await;
    assert!(
        renamed.heading().starts_with("RT 97") && renamed.text().contains("Penomoran baru"),
        "{}",
        renamed.text()
    );
    let stale = kasi.post(&path, &rename.replace("97", "96")).await;
    assert_eq!(stale.reply.status, 412, "{}", stale.text());
    let etag = kasi.get(&path).await.value("hapus", "etag");
    let remove = form(&[("aksi", "hapus"), ("etag", &etag), ("reason", "Salah catat")]);
    assert_eq!(kasi.post(&path, &remove).await.at, "/lembaga?tersimpan=1");
    assert_eq!(count().await, before);
}

#[apply(both_databases)]
async fn readers_of_the_register_write_nothing(backend: Backend) {
    let world = demonstration(backend).await;
    for username in ["camat", "inspektorat", "kasi.trantibum"] {
        let browser = Browser::of(&world, username).await;
        let page = browser.get("/lembaga?jenis=rt").await;
        assert_eq!(page.reply.status, 200, "{username}");
        assert!(!page.links().contains(&"/lembaga/baru".to_owned()), "{username}");
        let one = page
            .links()
            .into_iter()
            .find(|link| link.starts_with("/lembaga/"))
            .unwrap();
        let page = browser.get(&one).await;
        assert_eq!(page.buttons(), ["Keluar"], "{username}");
        let refused = browser
            .post(
                "/lembaga/baru",
                &with(&[("village_code", "63.11.06.2005"), ("kind", "rt"), ("name", "x")]),
            )
            .await;
        assert_eq!(refused.reply.status, 403, "{username}");
        let refused = browser
            .post(&one, &form(&[("aksi", "hapus"), ("etag", "\"x\""), ("reason", "x")]))
            .await;
        assert_eq!(refused.reply.status, 403, "{username}");
    }
    let camat = Browser::of(&world, "camat").await;
    for odd in [
        "/lembaga/x",
        "/lembaga?desa=x",
        "/lembaga?jenis=A",
        "/lembaga/00000000-0000-4000-8000-000000000000",
    ] {
        assert_eq!(camat.get(odd).await.reply.status, 404, "{odd}");
    }
    assert_eq!(camat.get("/lembaga?cursor=x").await.reply.status, 400);
}
