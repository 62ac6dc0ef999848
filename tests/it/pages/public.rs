//! The pages for everybody: the values of closed periods, and what proves them.

use iku::closings::verification;
use iku::pages::public::PublicPage;
use iku::platform::fingerprint::sha256_hex;
use serde_json::{Value, json};

use super::browser::{Browser, Page};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

const Q1: &str = "/publik/63.11.06/2025-Q1";

/// The demonstration, with pages for everybody.
async fn open(backend: Backend) -> World {
    let world = demonstration(backend).await;
    world
        .adjusted(|service| service.public_page = PublicPage { is_on: true })
        .await
}

async fn close(world: &World, period: &str, reason: Option<&str>) -> Value {
    let mut body = json!({"district_code": PARINGIN, "period": period});
    if let Some(reason) = reason {
        body["reason"] = reason.into();
    }
    let closed = world.admin().post("/v1/closings", body).await;
    closed.status(201).json
}

#[apply(both_databases)]
async fn there_is_no_public_page_unless_it_is_switched_on(backend: Backend) {
    let world = demonstration(backend).await;
    close(&world, "2025-Q1", None).await;
    let stranger = Browser::new(&world);
    for path in ["/publik", "/publik/63.11.06", Q1, "/publik/63.11.06/2025-Q1/a.json"] {
        let page = stranger.get(path).await;
        assert_eq!(page.reply.status, 404, "{path}");
        assert_eq!(page.heading(), "Halaman ini tidak ada", "{path}");
        assert_eq!(page.reply.header("cache-control"), "no-store", "{path}");
    }
    assert!(!stranger.get("/masuk").await.links().contains(&"/publik".to_owned()));
}

#[apply(both_databases)]
async fn everybody_reads_closed_values_and_no_others(backend: Backend) {
    let world = open(backend).await;
    let stranger = Browser::new(&world);
    let empty = stranger.get("/publik").await;
    assert!(empty.text().contains("Belum ada periode"), "{}", empty.text());
    assert_eq!(stranger.get(Q1).await.reply.status, 404);

    let closing = close(&world, "2025-Q1", None).await;
    assert!(stranger.get("/masuk").await.links().contains(&"/publik".to_owned()));
    // The only district at once.
    let list = stranger.get("/publik").await;
    assert_eq!(list.at, "/publik/63.11.06");
    let text = list.text();
    assert!(
        text.contains("Kecamatan Paringin") && text.contains("Triwulan I 2025"),
        "{text}"
    );
    assert!(!text.contains("Semester") && !text.contains("Triwulan II"), "{text}");
    assert!(list.links().contains(&Q1.to_owned()), "{:?}", list.links());

    let page = stranger.get(Q1).await;
    let text = page.text();
    let sheet = world
        .admin()
        .get("/v1/realisations?district_code=63.11.06&period=2025-Q1")
        .await;
    for value in sheet.status(200).json["items"].as_array().unwrap() {
        let name = format!(
            "IKU {} · {}",
            value["indicator"]["number"],
            value["indicator"]["name"].as_str().unwrap()
        );
        assert!(text.contains(&name), "{name}: {text}");
        if let Some(number) = value["achievement"].as_f64() {
            let shown = format!("{number:.2}%").replace('.', ",");
            assert!(text.contains(&shown), "{shown}: {text}");
        }
    }
    assert!(text.contains("Oleh Administrator"), "{text}");
    let who = closing["closed_by"].as_str().unwrap();
    assert!(!page.source().contains(&format!(">{who}<")), "{text}");
    for part in ["document", "statement"] {
        assert!(
            text.contains(closing[part]["sha256"].as_str().unwrap()),
            "{part}: {text}"
        );
    }
    let keys = world.anonymous().get("/v1/closings/keys").await.status(200).json;
    assert!(
        text.contains(keys["keys"][0]["fingerprint"].as_str().unwrap()),
        "{text}"
    );
    assert!(
        page.links().contains(&"/v1/closings/keys".to_owned()),
        "{:?}",
        page.links()
    );

    // Equivalent periods have one page; a period that is not closed has none.
    close(&world, "2025-S1", None).await;
    assert_eq!(
        stranger.get("/publik/63.11.06/2025-Q2").await.at,
        "/publik/63.11.06/2025-S1"
    );
    for path in [
        "2025",
        "2025-Q4",
        "2025-Q3",
        "2025-05",
        "2026-Q1",
        "2099",
        "lalu",
        "2025-Q1?versi=2",
    ] {
        let page = stranger.get(&format!("/publik/63.11.06/{path}")).await;
        assert_eq!(page.reply.status, 404, "{path}");
    }
}

#[apply(both_databases)]
async fn strangers_verify_what_they_downloaded(backend: Backend) {
    let world = open(backend).await;
    let closing = close(&world, "2025-Q1", None).await;
    let stranger = Browser::new(&world);
    let page = stranger.get(Q1).await;
    let file = async |ending: &str| {
        let links = page.links();
        let path = links.iter().find(|link| link.ends_with(ending)).unwrap();
        let file = stranger.ask(path).await.status(200);
        assert!(path.contains(&sha256_hex(&file.body)), "{path}");
        let disposition = format!("attachment; filename=\"iku-63.11.06-2025-Q1-v1{ending}\"");
        assert_eq!(file.header("content-disposition"), disposition);
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").starts_with("default-src 'none'"));
        let known = world.anonymous().with("if-none-match", &file.etag());
        known.get(path).await.status(304);
        // The other ending and another period are other files.
        let other = if ending == ".json" { ".jwt" } else { ".json" };
        stranger.ask(&path.replace(ending, other)).await.status(404);
        stranger.ask(&path.replace("2025-Q1", "2025-Q3")).await.status(404);
        file.body
    };
    let (document, statement) = (file(".json").await, file(".jwt").await);
    let keys = world.anonymous().get("/v1/closings/keys").await.status(200).body;
    let keys = verification::keys(std::str::from_utf8(&keys).unwrap()).unwrap();
    let (said, _) = verification::statement(std::str::from_utf8(&statement).unwrap(), &keys).unwrap();
    verification::document(&document, &said).unwrap();
    assert_eq!(said.jti.to_string(), closing["id"].as_str().unwrap());
}

#[apply(both_databases)]
async fn the_newest_version_stands_first_and_the_earlier_beside(backend: Backend) {
    let world = open(backend).await;
    let first = close(&world, "2025-Q1", None).await;
    let second = close(&world, "2025-Q1", Some("Reviu Inspektorat")).await;
    let stranger = Browser::new(&world);
    let newest = stranger.get(Q1).await;
    let text = newest.text();
    let hash = |closing: &Value| closing["document"]["sha256"].as_str().unwrap().to_owned();
    assert!(
        text.contains("Versi 2") && text.contains("Reviu Inspektorat") && text.contains(&hash(&second)),
        "{text}"
    );
    assert!(!text.contains(&hash(&first)), "{text}");
    let earlier = format!("{Q1}?versi=1");
    assert!(newest.links().contains(&earlier), "{:?}", newest.links());
    let page = stranger.get(&earlier).await;
    let text = page.text();
    assert!(
        text.contains("ditutup lagi") && text.contains(&hash(&first)) && page.links().contains(&Q1.to_owned()),
        "{text}"
    );
    let list = stranger.get("/publik/63.11.06?tahun=2025").await;
    let rows = list.each("tbody");
    assert!(rows[0].ends_with(" 2"), "{rows:?}");
}

#[actix_web::test]
async fn public_pages_know_no_session_and_are_cached_for_a_minute() {
    let world = open(Backend::Sqlite).await;
    close(&world, "2025-Q1", None).await;
    let camat = Browser::of(&world, "camat").await;
    for path in ["/publik/63.11.06", Q1] {
        let plain = world.anonymous().get(path).await.status(200);
        assert_eq!(plain.header("cache-control"), "public, max-age=60", "{path}");
        assert!(plain.header("vary").contains("Accept-Language"), "{path}");
        assert!(plain.headers.get("set-cookie").is_none(), "{path}");
        assert!(plain.header("ratelimit-policy").contains("anonymous"), "{path}");
        assert!(plain.header("content-security-policy").contains("script-src 'self'"));
        // Who is signed in reads the same bytes.
        assert_eq!(camat.ask(path).await.body, plain.body, "{path}");
        let known = world.anonymous().with("if-none-match", &plain.etag());
        let same = known.get(path).await.status(304);
        assert_eq!(same.header("cache-control"), "public, max-age=60", "{path}");
        let english = world.anonymous().in_english().get(path).await.status(200);
        assert_ne!(english.etag(), plain.etag(), "{path}");
        let english = Page::new(path.to_owned(), english);
        assert!(english.text().contains("Closed values"), "{}", english.text());
    }
}

#[actix_web::test]
async fn rubbish_is_no_page_and_no_error_of_the_service() {
    let world = open(Backend::Sqlite).await;
    close(&world, "2025-Q1", None).await;
    let stranger = world.anonymous().with("sec-fetch-site", "same-origin");
    for path in [
        "/publik/63.11.07",
        "/publik/99.99.99",
        "/publik/%00",
        "/publik/63.11.06?tahun=1999",
        "/publik/63.11.06?tahun=2024",
        "/publik/63.11.06?tahun=2147483648",
        "/publik/63.11.06?tahun=kapan",
        "/publik/63.11.06/2025-Q1?versi=0",
        "/publik/63.11.06/2025-Q1?versi=-1",
        "/publik/63.11.06/2025-Q1?versi=99999999999",
        "/publik/63.11.06/2025-Q1/",
        "/publik/63.11.06/2025-Q1/x.json",
        "/publik/63.11.06/2025-Q1/%2e%2e%2f.json",
        "/publik/63.11.06/2025-Q1/json",
        "/publik/63.11.06/2025-Q1/x.json/y",
        "/publik/63.11.06/'%20OR%201=1--",
    ] {
        let status = stranger.get(path).await.status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    for path in ["/publik", "/publik/63.11.06", Q1] {
        assert_eq!(stranger.post_form(path, "a=b").await.status, 405, "{path}");
    }
}
