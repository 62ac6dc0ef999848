//! Agreements and targets in the browser.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

const TARGET: &str = "/target/paringin-iku-4/2025-Q3";

fn agreement<'a>(number: &'a str, revises: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("aksi", "perjanjian"),
        ("number", number),
        ("signed_on", "2025-09-01"),
        ("first_party", "H. Ahmad"),
        ("first_party_office", "Camat Paringin"),
        ("second_party", "H. Hadi"),
        ("second_party_office", "Bupati Balangan"),
        ("revises", revises),
    ]
}

#[apply(both_databases)]
async fn an_agreement_is_revised_and_its_targets_follow(backend: Backend) {
    let world = demonstration(backend).await;
    let secretary = Browser::of(&world, "sekretaris").await;
    let list = secretary.get("/target?tahun=2025").await;
    let text = list.text();
    for words in [
        "100.3/07/PK/CPAR/2025",
        "Murni",
        "8 Januari 2025",
        "95,00%",
        "Tahun 2025",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let original = list
        .links()
        .into_iter()
        .find(|link| link.starts_with("/target/perjanjian/"))
        .unwrap();
    let id = original.rsplit('/').next().unwrap().to_owned();

    let revised = agreement("100.3/09/PK/CPAR/2025", &id);
    let saved = secretary.post("/target?tahun=2025", &form(&revised)).await;
    assert_eq!(saved.at, "/target?tahun=2025&tersimpan=1");
    assert!(
        saved.text().contains("Perubahan") && saved.text().contains("Tersimpan"),
        "{}",
        saved.text()
    );
    // The same number, and an office that is missing.
    let twice = secretary.post("/target?tahun=2025", &form(&revised)).await;
    assert_eq!(twice.reply.status, 409, "{}", twice.text());
    let mut short = agreement("2", "");
    short.retain(|(name, _)| *name != "first_party_office");
    let refused = secretary.post("/target?tahun=2025", &form(&short)).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Pihak pertama").is_empty(),
        "{}",
        refused.text()
    );
    assert_eq!(refused.value("perjanjian", "second_party"), "H. Hadi");

    // A target is revised under the new agreement. The year is over, so it needs a reason.
    let page = secretary.get(TARGET).await;
    assert!(
        page.text().contains("95,00%") && page.text().contains("Murni"),
        "{}",
        page.text()
    );
    let links = saved.links();
    let newest = links
        .iter()
        .rfind(|link| link.starts_with("/target/perjanjian/"))
        .unwrap();
    let newest = newest.rsplit('/').next().unwrap();
    let etag = page.value("tetapkan", "etag");
    let revision = |value: &str, reason: &str| {
        form(&[
            ("aksi", "tetapkan"),
            ("etag", &etag),
            ("value", value),
            ("agreement_id", newest),
            ("reason", reason),
        ])
    };
    let without = secretary.post(TARGET, &revision("92,5", "")).await;
    assert!(
        without.reply.status == 422,
        "{} {}",
        without.reply.status,
        without.text()
    );
    let wrong = secretary.post(TARGET, &revision("banyak", "PK Perubahan")).await;
    assert!(
        wrong.reply.status == 400 && !wrong.fault_at("Target").is_empty(),
        "{}",
        wrong.text()
    );
    let saved = secretary.post(TARGET, &revision("92,5", "PK Perubahan")).await;
    assert_eq!(saved.at, "/target?tahun=2025&tersimpan=1", "{}", saved.text());
    let stored = world
        .admin()
        .get("/v1/indicators/paringin-iku-4/targets/2025-Q3")
        .await
        .status(200)
        .json;
    assert_eq!(
        (stored["value"].as_f64(), stored["agreement_id"].as_str()),
        (Some(92.5), Some(newest))
    );
    let page = secretary.get(TARGET).await;
    let text = page.text();
    assert!(
        text.contains("92,50%") && text.contains("Perubahan") && text.contains("PK Perubahan"),
        "{text}"
    );
    // Somebody has changed it since.
    let stale = secretary.post(TARGET, &revision("91", "Terlambat")).await;
    assert_eq!(stale.reply.status, 412, "{}", stale.text());

    // An agreement in use is not deleted; a correction is.
    let page = secretary.get(&original).await;
    let etag = page.value("hapus", "etag");
    let delete = form(&[("aksi", "hapus"), ("etag", &etag), ("reason", "Salah")]);
    assert_eq!(secretary.post(&original, &delete).await.reply.status, 409);
    let mut correct = agreement("100.3/07/PK/CPAR/2025", "");
    correct[0].1 = "perbaiki";
    correct[2].1 = "2025-01-09";
    correct.extend([("etag", etag.as_str()), ("reason", "Salah ketik")]);
    let corrected = secretary.post(&original, &form(&correct)).await;
    assert!(corrected.at.starts_with("/target?tahun=2025"), "{}", corrected.text());
    let page = secretary.get(&original).await;
    assert!(
        page.text().contains("9 Januari 2025") && page.text().contains("Salah ketik"),
        "{}",
        page.text()
    );
}

#[apply(both_databases)]
async fn a_target_is_set_and_withdrawn_by_whoever_may(backend: Backend) {
    let world = demonstration(backend).await;
    let camat = Browser::of(&world, "camat").await;
    let path = "/target/paringin-iku-2/2026-Q1";
    let empty = camat.get(path).await;
    assert!(empty.text().contains("belum ada"), "{}", empty.text());
    camat.post(path, &form(&[("aksi", "tetapkan"), ("value", "112")])).await;
    let page = camat.get(path).await;
    assert_eq!(page.of_class("value"), ["112"], "{}", page.text());
    let etag = page.value("cabut", "etag");
    let withdrawn = form(&[("aksi", "cabut"), ("etag", &etag), ("reason", "Salah periode")]);
    camat.post(path, &withdrawn).await;
    let page = camat.get(path).await;
    assert!(
        page.text().contains("dicabut") && page.text().contains("Salah periode"),
        "{}",
        page.text()
    );

    let auditor = Browser::of(&world, "inspektorat").await;
    let list = auditor.get("/target?tahun=2025").await;
    assert!(
        !list.buttons().contains(&"Catat perjanjian".to_owned()),
        "{:?}",
        list.buttons()
    );
    let refused = auditor.post(path, &form(&[("aksi", "tetapkan"), ("value", "1")])).await;
    assert_eq!(refused.reply.status, 403);
    let refused = auditor.post("/target?tahun=2025", &form(&agreement("9", ""))).await;
    assert_eq!(refused.reply.status, 403);
    for path in [
        "/target?tahun=1999",
        "/target/paringin-iku-2/2026-05",
        "/target/paringin-iku-2/kapan",
        "/target/tidak-ada/2026",
        "/target/perjanjian/x",
        "/target/perjanjian/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f",
    ] {
        assert_eq!(auditor.get(path).await.reply.status, 404, "{path}");
    }
}
