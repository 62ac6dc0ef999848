//! Public-order cases in the browser.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn a_case_goes_its_way(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.trantibum").await;
    let new = form(&[
        ("village_code", "63.11.06.2005"),
        ("category", "lingkungan"),
        ("occurred_on", "2026-03-14"),
        ("occurred_time", "21:30"),
        ("summary", "Pembakaran sampah"),
    ]);
    let made = kasi.post("/kasus/baru", &new).await;
    assert!(
        made.text().contains("Pembakaran sampah") && made.text().contains("14 Maret 2026 21.30 WITA"),
        "{}",
        made.text()
    );
    let path = made.at.split('?').next().unwrap().to_owned();
    let buttons = made.buttons();
    assert!(
        buttons.contains(&"Benarkan".to_owned()) && !buttons.contains(&"Nyatakan selesai".to_owned()),
        "{buttons:?}"
    );
    let early = kasi.post(&path, &form(&[("aksi", "resolved")])).await;
    assert_eq!(early.reply.status, 409, "{}", early.text());
    let before = kasi
        .post(&path, &form(&[("aksi", "verified"), ("at", "2026-03-14T20:00")]))
        .await;
    assert!(
        before.reply.status == 422 && !before.fault_at("Waktu").is_empty(),
        "{}",
        before.text()
    );
    let verified = kasi
        .post(
            &path,
            &form(&[
                ("aksi", "verified"),
                ("at", "2026-03-15T09:00"),
                ("note", "Dibenarkan RT"),
            ]),
        )
        .await;
    assert!(
        verified
            .text()
            .contains("15 Maret 2026 09.00 WITA, oleh kasi.trantibum"),
        "{}",
        verified.text()
    );
    let nowhere = kasi.post(&path, &form(&[("aksi", "referred")])).await;
    assert!(
        nowhere.reply.status == 422 && !nowhere.fault_at("Dilimpahkan kepada").is_empty(),
        "{}",
        nowhere.text()
    );
    let referred = kasi
        .post(&path, &form(&[("aksi", "referred"), ("referred_to", "Satpol PP")]))
        .await;
    assert!(
        referred.text().contains("belum ada tanda terima"),
        "{}",
        referred.text()
    );
    let receipt = kasi
        .post(&path, &form(&[("aksi", "receipt_added"), ("receipt", "300/21")]))
        .await;
    assert!(!receipt.text().contains("belum ada tanda terima"), "{}", receipt.text());
    let back = kasi
        .post(&path, &form(&[("aksi", "withdrawn"), ("note", "Keliru")]))
        .await;
    assert!(
        back.text().contains("ditarik") && back.text().contains("belum ada tanda terima"),
        "{}",
        back.text()
    );
    let value = world
        .admin()
        .get("/v1/indicators/paringin-iku-3/realisations/2026")
        .await
        .status(200);
    assert_eq!(
        (&value.json["numerator"], &value.json["denominator"]),
        (&1.into(), &1.into())
    );

    let etag = back.value("perbaiki", "etag");
    let correct = form(&[
        ("aksi", "perbaiki"),
        ("etag", &etag),
        ("village_code", ""),
        ("category", "jalan"),
        ("occurred_on", "2026-03-14"),
        ("summary", "Pembakaran sampah"),
        ("reason", "Lokasi tidak pasti"),
    ]);
    let corrected = kasi.post(&path, &correct).await;
    assert!(
        corrected.text().contains("desa tidak diketahui"),
        "{}",
        corrected.text()
    );
    let etag = corrected.value("hapus", "etag");
    let delete = form(&[("aksi", "hapus"), ("etag", &etag), ("reason", "Catatan ganda")]);
    assert_eq!(kasi.post(&path, &delete).await.at, "/kasus?tersimpan=1");
    assert_eq!(kasi.get(&path).await.reply.status, 404);
}

#[apply(both_databases)]
async fn cases_are_listed_by_status(backend: Backend) {
    let world = demonstration(backend).await;
    let camat = Browser::of(&world, "camat").await;
    let open = camat.get("/kasus").await;
    assert_eq!(open.reply.status, 200);
    let mut seen = 0;
    for status in ["reported", "verified", "handling", "resolved", "referred", "rejected"] {
        let page = camat.get(&format!("/kasus?status={status}")).await;
        assert_eq!(page.reply.status, 200, "{status}");
        seen += page.each("h3").len();
    }
    assert_eq!(seen, world.admin().all("/v1/cases").await.len());
    for odd in ["/kasus?status=x", "/kasus/x"] {
        assert_eq!(camat.get(odd).await.reply.status, 404, "{odd}");
    }
    let refused = camat
        .post("/kasus/baru", "category=jalan&occurred_on=2026-01-01&summary=x")
        .await;
    assert_eq!(refused.reply.status, 403);
}
