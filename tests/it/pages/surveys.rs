//! Surveys in the browser: their index, and the steps of their life.

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn a_survey_shows_its_index_and_goes_through_its_life(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pelayanan").await;
    let list = kasi.get("/survei?tahun=2025").await;
    let path = list
        .links()
        .into_iter()
        .find(|link| link.starts_with("/survei/") && link != "/survei/baru")
        .unwrap();
    let one = kasi.get(&path).await;
    let api = format!("/v1/surveys/{}/index", path.rsplit('/').next().unwrap());
    let index = world.admin().get(&api).await.status(200).json;
    let ikm = format!("{:.2}", index["ikm"].as_f64().unwrap()).replace('.', ",");
    assert!(one.text().contains(ikm.trim_end_matches('0')), "{ikm}: {}", one.text());
    for name in ["Persyaratan", "Waktu Penyelesaian", "Sarana dan Prasarana"] {
        assert!(one.text().contains(name), "{name}: {}", one.text());
    }
    assert!(one.text().contains("Sampel yang diperlukan"), "{}", one.text());
    // A small count is hidden with another one, so the page does not say how small it is.
    for group in index["profile"]["age_group"].as_array().unwrap() {
        if let Some(count) = group["count"].as_u64() {
            assert!(one.each("dd").contains(&count.to_string()), "{group}: {}", one.text());
        }
    }
    assert!(one.text().contains("yang lain tidak ditampilkan"), "{}", one.text());

    let new = form(&[
        ("title", "SKM Semester I 2026"),
        ("section", "pelayanan-kessos"),
        ("starts_on", "2026-01-05"),
        ("ends_on", "2026-06-30"),
        ("population", "1000"),
    ]);
    let made = kasi.post("/survei/baru", &new).await;
    assert_eq!(made.heading(), "SKM Semester I 2026");
    assert!(
        made.text().contains("Rancangan") && made.text().contains("278"),
        "{}",
        made.text()
    );
    let open = form(&[("aksi", "buka"), ("etag", &made.value("buka", "etag"))]);
    let opened = kasi.post(&made.at, &open).await;
    assert!(opened.text().contains("Dibuka"), "{}", opened.text());
    // The form of an earlier version changes nothing.
    assert_eq!(kasi.post(&made.at, &open).await.reply.status, 412);
    let close = form(&[("aksi", "tutup"), ("etag", &opened.value("tutup", "etag"))]);
    let closed = kasi.post(&made.at, &close).await;
    assert!(closed.text().contains("Buka kembali"), "{}", closed.text());

    let wrong = form(&[
        ("title", ""),
        ("section", "pelayanan-kessos"),
        ("starts_on", "x"),
        ("ends_on", "2026-06-30"),
    ]);
    let refused = kasi.post("/survei/baru", &wrong).await;
    assert!(
        refused.reply.status == 400 && !refused.fault_at("Judul").is_empty(),
        "{}",
        refused.text()
    );
    // Another section sees the index and changes nothing.
    let other = Browser::of(&world, "kasi.pemerintahan").await;
    let page = other.get(&path).await;
    assert!(
        page.buttons().iter().all(|button| !button.contains("survei")),
        "{:?}",
        page.buttons()
    );
    assert_eq!(
        other
            .post(&made.at, &form(&[("aksi", "buka"), ("etag", "*")]))
            .await
            .reply
            .status,
        403
    );
}
