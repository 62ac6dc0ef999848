//! The overview.

use super::browser::Browser;
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

#[apply(both_databases)]
async fn the_overview_shows_the_values_that_the_service_computes(backend: Backend) {
    let world = demonstration(backend).await;
    let camat = Browser::of(&world, "camat").await;
    let page = camat.get("/?periode=2025-Q4").await;
    assert_eq!(page.of_class("value"), ["83,45", "95", "78,57%", "89,29%", "92,86%"]);
    assert!(page.heading().ends_with("Triwulan IV 2025"), "{}", page.heading());
    let text = page.text();
    for words in [
        "84,00",
        "99,34%",
        "Sangat tinggi",
        "B · Baik",
        "Belum ditutup",
        "laporan lewat tenggat",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(page.each("desc").len(), 5);
    assert!(
        page.each("desc")[3].contains("Triwulan IV 2025: 89,29%"),
        "{:?}",
        page.each("desc")
    );
    // The year and its last quarter are one period; a month within a quarter is none.
    assert_eq!(camat.get("/?periode=2025").await.of_class("value").len(), 5);
    assert_eq!(camat.get("/?periode=2025-05").await.reply.status, 404);
    assert_eq!(camat.get("/?periode=besok").await.reply.status, 404);
    let none = camat.get("/?periode=2019-Q4").await;
    assert!(none.text().contains("Belum ada keputusan"), "{}", none.text());
    let this = camat.get("/").await;
    assert_eq!(this.reply.status, 200);
}

#[actix_web::test]
async fn who_reads_no_values_gets_the_own_account() {
    let world = demonstration(Backend::Sqlite).await;
    let page = Browser::of(&world, "surveyor").await.get("/").await;
    assert_eq!(page.at, "/akun");
    assert_eq!(page.links().iter().filter(|link| *link == "/laporan").count(), 0);
}

#[actix_web::test]
async fn a_closed_period_says_so() {
    let world = demonstration(Backend::Sqlite).await;
    let camat = world.holder(iku::access::Role::Head, Some("63.11.06"), &[]);
    let close = serde_json::json!({"district_code": "63.11.06", "period": "2024"});
    camat.post("/v1/closings", close).await.status(201);
    let page = Browser::of(&world, "camat").await.get("/?periode=2024-Q4").await;
    assert_eq!(page.text().matches("■ Ditutup").count(), 5, "{}", page.text());
}

#[actix_web::test]
async fn an_account_of_several_districts_is_told_to_choose() {
    let world = World::on(Backend::Sqlite).await;
    world.load_regency().await;
    let browser = Browser::new(&world);
    let form = super::browser::form(&[
        ("username", "admin"),
        ("password", crate::support::backend::ADMIN_PASSWORD),
    ]);
    let page = browser.post("/masuk", &form).await;
    assert!(
        page.reply.status == 422 && page.text().contains("beberapa kecamatan"),
        "{}",
        page.text()
    );
    let account = browser.get("/akun").await;
    assert!(
        account.text().contains("Kecamatan yang ditampilkan"),
        "{}",
        account.text()
    );
    let chosen = browser.post("/akun/kecamatan", "kode=63.11.06").await;
    assert!(
        chosen.at == "/" && chosen.text().contains("Kecamatan Paringin"),
        "{}",
        chosen.text()
    );
    assert_eq!(browser.post("/akun/kecamatan", "kode=99.99.99").await.reply.status, 404);
    // The cookie gives no right, and a district that is none is ignored.
    browser.set_cookie("iku-kecamatan", "99.99.99");
    assert_eq!(browser.get("/").await.reply.status, 422);
}

#[apply(both_databases)]
async fn the_overview_says_which_surveys_are_due(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let today = iku::core::civil::date_of(chrono::Utc::now());
    let quarter = format!(
        "/?periode={}-Q{}",
        today.format("%Y"),
        chrono::Datelike::month0(&today) / 3 + 1
    );
    let camat = Browser::of(&world, "camat").await;
    // The survey of the demonstration is open.
    let open = admin.get("/v1/surveys?status=open").await.status(200).json;
    let open = &open["items"][0];
    let text = camat.get(&quarter).await.text();
    let sentence = format!("Survei \"{}\" berakhir", open["title"].as_str().unwrap());
    assert!(text.contains(&sentence), "{sentence}: {text}");
    // Without it the quarter has none.
    let path = format!("/v1/surveys/{}", open["id"].as_str().unwrap());
    let etag = admin.get(&path).await.etag();
    admin.delete(&format!("{path}?reason=Salah"), &etag).await;
    let text = camat.get(&quarter).await.text();
    assert!(text.contains("Belum ada survei yang berakhir dalam"), "{text}");
    let records = camat.get("/iku/paringin-iku-1/2025-Q4/catatan").await;
    assert!(
        records.links().iter().any(|link| link.starts_with("/survei/")),
        "{:?}",
        records.links()
    );
}
