//! Indonesian first, English by choice.

use super::browser::Browser;
use crate::demo::demonstration;
use crate::support::backend::Backend;
use crate::support::world::World;

#[actix_web::test]
async fn the_browser_or_the_person_chooses_the_language() {
    let world = demonstration(Backend::Sqlite).await;
    let camat = Browser::of(&world, "camat").await;
    let page = camat.get("/?periode=2025-Q2").await;
    assert!(
        page.heading().starts_with("Beranda Triwulan II 2025"),
        "{}",
        page.heading()
    );
    let english = camat.with_client(world.anonymous().in_english());
    let page = english.get("/?periode=2025-Q2").await;
    assert!(
        page.heading().starts_with("Overview Quarter II 2025"),
        "{}",
        page.heading()
    );
    assert!(page.text().contains("Paringin District") && !page.text().contains("Kecamatan Paringin"));
    // A choice counts more than the browser's own language.
    let back = english.get("/bahasa/id?ke=%2Flaporan").await;
    assert_eq!(
        (back.at.as_str(), back.reply.header("content-language")),
        ("/laporan", "id")
    );
    assert_eq!(english.cookie("iku-bahasa").unwrap(), "id");
    let switch = back
        .links()
        .into_iter()
        .find(|link| link.starts_with("/bahasa/"))
        .unwrap();
    assert_eq!(switch, "/bahasa/en?ke=%2Flaporan");
    let page = english.get(&switch).await;
    assert_eq!(page.reply.header("content-language"), "en");
}

#[actix_web::test]
async fn problems_are_pages_in_the_language_of_the_reader() {
    let world = World::on(Backend::Sqlite).await;
    let browser = Browser::new(&world).with_client(world.anonymous().in_english());
    let page = browser.get("/laporan/x").await;
    assert_eq!(page.reply.status, 404);
    assert!(page.heading().contains("There is no such page"), "{}", page.text());
    let indonesian = Browser::new(&world).get("/laporan/x").await;
    assert!(
        indonesian.heading().contains("Halaman ini tidak ada"),
        "{}",
        indonesian.text()
    );
    // The database is gone: no JSON, no 500.
    world.service.db.get_ref().clone().close().await.unwrap();
    browser.set_cookie("__Host-iku", &"a".repeat(43));
    let busy = browser.get("/laporan").await;
    assert_eq!(
        (busy.reply.status, busy.heading().as_str()),
        (503, "The service is busy")
    );
    assert_ne!(busy.reply.header("retry-after"), "");
}
