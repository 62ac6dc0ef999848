//! Links in the browser of an officer.

use serde_json::json;

use crate::demo::demonstration;
use crate::pages::browser::{Browser, form};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::PARINGIN;

#[apply(both_databases)]
async fn an_officer_makes_a_link_its_poster_and_its_slips(backend: Backend) {
    let world = demonstration(backend).await;
    let survey = format!("/survei/{}", iku::demo::open_survey());
    let kasi = Browser::of(&world, "kasi.pelayanan").await;
    let page = kasi.get(&survey).await;
    assert!(
        page.text().contains("DEM0S-KM000") && page.text().contains("Loket pelayanan"),
        "{}",
        page.text()
    );
    let new = format!("{survey}/tautan/baru");
    assert!(page.links().contains(&new));
    let wrong = form(&[("name", ""), ("hourly_budget", "banyak"), ("slips_required", "false")]);
    let refused = kasi.post(&new, &wrong).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Jawaban per jam").is_empty(),
        "{}",
        refused.text()
    );
    let pairs = [
        ("name", "Loket KK"),
        ("hourly_budget", "60"),
        ("slips_required", "true"),
        ("expires_at", "2030-01-31T16:00"),
    ];
    let made = kasi.post(&new, &form(&pairs)).await;
    assert_eq!((made.reply.status, made.heading().as_str()), (200, "Loket KK"));
    assert!(
        made.source().contains("data:image/svg+xml;base64,") && made.text().contains("/s/"),
        "{}",
        made.text()
    );
    assert!(made.text().contains("How was our service?"), "{}", made.text());
    assert_eq!(made.value("ubah", "expires_at"), "2030-01-31T16:00");
    // Slips to print.
    let slips = kasi.post(&made.at, &form(&[("aksi", "kupon"), ("count", "12")])).await;
    assert_eq!(slips.at, format!("{}/kupon", made.at));
    assert_eq!(slips.source().matches("data:image/svg+xml").count(), 12);
    let refused = kasi.post(&made.at, &form(&[("aksi", "kupon"), ("count", "501")])).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Jumlah kupon").is_empty(),
        "{}",
        refused.text()
    );
    // Change, switch off, and the form of an earlier version.
    let etag = made.value("ubah", "etag");
    let change = [
        ("aksi", "ubah"),
        ("etag", &etag),
        ("name", "Loket KK 2"),
        ("hourly_budget", "60"),
        ("slips_required", "false"),
        ("expires_at", ""),
    ];
    let changed = kasi.post(&made.at, &form(&change)).await;
    assert_eq!((changed.reply.status, changed.heading().as_str()), (200, "Loket KK 2"));
    assert_eq!(changed.value("ubah", "expires_at"), "");
    assert_eq!(kasi.post(&made.at, &form(&change)).await.reply.status, 412);
    let off = [
        ("aksi", "mati"),
        ("etag", &changed.value("mati", "etag")),
        ("reason", "Loket pindah"),
    ];
    let off = kasi.post(&made.at, &form(&off)).await;
    assert!(off.text().contains("Dimatikan"), "{}", off.text());
    // Others look; another section changes nothing.
    let camat = Browser::of(&world, "camat").await;
    assert_eq!(camat.get(&made.at).await.reply.status, 200);
    assert_eq!(camat.ask(&new).await.status, 403);
    let other = Browser::of(&world, "kasi.pmd").await;
    let page = other.get(&made.at).await;
    assert!(
        page.buttons().iter().all(|button| !button.contains("autan")),
        "{:?}",
        page.buttons()
    );
    assert_eq!(other.post(&new, &form(&pairs)).await.reply.status, 403);
    assert_eq!(
        kasi.ask(&format!(
            "/survei/{}/tautan/{}",
            uuid::Uuid::new_v4(),
            uuid::Uuid::new_v4()
        ))
        .await
        .status,
        404
    );
    let audit = world
        .admin()
        .all(&format!(
            "/v1/audit-events?resource=survey_slip&district_code={PARINGIN}"
        ))
        .await;
    assert_eq!((audit.len(), &audit[0]["count"]), (1, &json!(12)));
}
