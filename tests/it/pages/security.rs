//! What pages refuse, and their headers.

use iku::pages::session::SessionCookie;

use super::browser::{Browser, Page, form};
use crate::demo::demonstration;
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::World;

const LPPD: &str = "/laporan/63.11.06.2005/lppd/2025";

#[apply(both_databases)]
async fn forms_of_other_sites_are_refused(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let record = form(&[("aksi", "catat"), ("delivered_on", "2026-02-02")]);
    let anyone = world.anonymous();
    let host = anyone.with("host", "iku.example.go.id");
    let origin = |origin: &str| host.with("origin", origin);
    let refused = [
        ("no header", anyone.clone()),
        ("cross-site", anyone.with("sec-fetch-site", "cross-site")),
        ("same-site", anyone.with("sec-fetch-site", "same-site")),
        ("none", anyone.with("sec-fetch-site", "none")),
        ("unknown", anyone.with("sec-fetch-site", "Same-Origin")),
        ("other origin", origin("https://jahat.example")),
        ("null origin", origin("null")),
        ("longer origin", origin("https://iku.example.go.id.jahat.example")),
        ("other port", origin("http://iku.example.go.id:8081")),
        ("user in the origin", origin("https://iku.example.go.id@jahat.example")),
        (
            "own origin, other site",
            origin("https://iku.example.go.id").with("sec-fetch-site", "cross-site"),
        ),
    ];
    let forms = [
        (LPPD, record.as_str()),
        (
            "/laporan/jenis/lppd/2025",
            "delivered_on=2026-02-02&desa-63.11.06.2005=on",
        ),
        ("/iku/paringin-iku-4/2026-Q1", "aksi=catat&obstacles=x"),
        ("/lembaga/baru", "name=x"),
        ("/kasus/baru", "summary=x"),
        ("/akun/kata-sandi", "current_password=a&new_password=b&again=b"),
        ("/akun/sesi", "aksi=lainnya"),
        ("/keluar", ""),
        ("/masuk", "username=admin&password=x"),
    ];
    for (what, client) in refused {
        let other = kasi.with_client(client);
        for (path, form) in forms {
            let page = Page::new(path.to_owned(), other.send(path, form).await);
            assert_eq!(page.reply.status, 403, "{what} {path}: {}", page.text());
            assert!(
                page.text().contains("bukan dari halaman layanan ini"),
                "{what}: {}",
                page.text()
            );
        }
    }
    assert!(kasi.get(LPPD).await.buttons().contains(&"Catat laporan".to_owned()));
    // Over plain HTTP a browser sends `Origin` alone.
    let plain = kasi.with_client(origin("http://iku.example.go.id"));
    plain.send(LPPD, &record).await.status(303);
}

#[actix_web::test]
async fn the_cookie_opens_pages_and_no_operation() {
    let world = demonstration(Backend::Sqlite).await;
    let camat = Browser::of(&world, "camat").await;
    for path in ["/v1/me", "/v1/reports", "/v1/realisations?period=2025"] {
        camat.ask(path).await.problem(401, "unauthenticated");
    }
    camat.send("/v1/reports", "").await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_bearer_token_opens_no_page() {
    let world = demonstration(Backend::Sqlite).await;
    let reply = world.admin().get("/laporan").await.status(303);
    assert_eq!(reply.header("location"), "/masuk?ke=%2Flaporan");
}

#[actix_web::test]
async fn every_page_has_the_strict_headers() {
    let world = demonstration(Backend::Sqlite).await;
    let camat = Browser::of(&world, "camat").await;
    for (path, status) in [
        ("/", 200),
        ("/masuk", 200),
        ("/laporan", 200),
        (LPPD, 200),
        ("/iku/paringin-iku-4/2025-Q4", 200),
        ("/akun", 200),
        ("/laporan/tidak/ada/1", 404),
        ("/laporan/tidak/ada", 404),
        ("/iku/x/y", 404),
        ("/laporan?tahun=1", 404),
        ("/laporan?tahun=dua", 400),
        ("/laporan/jenis/lppd/2025", 403),
        ("/aset/none.css", 404),
        ("/bahasa/fr", 404),
        ("/keluar", 405),
    ] {
        let reply = camat.ask(path).await.status(status);
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("content-language"), "id", "{path}");
        let class = if path.starts_with("/aset/") { "counter" } else { "pages" };
        assert!(
            reply.header("ratelimit").starts_with(&format!("\"{class}\";")),
            "{path}"
        );
        let page = Page::new(path.to_owned(), reply);
        assert!(page.links().iter().any(|link| link == "/swagger-ui/"), "{path}");
    }
}

#[actix_web::test]
async fn methods_of_pages_are_named() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    for (path, allow) in [
        ("/", "GET, HEAD, OPTIONS"),
        ("/masuk", "GET, HEAD, POST, OPTIONS"),
        ("/keluar", "POST, OPTIONS"),
        ("/akun/sesi", "POST, OPTIONS"),
    ] {
        let options = anyone.send("OPTIONS", path, "", Vec::new()).await.status(204);
        assert_eq!(options.header("allow"), allow, "{path}");
        let page = Page::new(path.to_owned(), anyone.send("DELETE", path, "", Vec::new()).await);
        assert_eq!((page.reply.status, page.reply.header("allow")), (405, allow), "{path}");
    }
    let head = anyone.send("HEAD", "/masuk", "", Vec::new()).await.status(200);
    assert!(head.header("content-type").starts_with("text/html"));
}

#[actix_web::test]
async fn files_are_kept_as_long_as_they_are_the_same() {
    let world = World::on(Backend::Sqlite).await;
    let browser = Browser::new(&world);
    let page = browser.get("/masuk").await;
    let source = String::from_utf8(page.reply.body.clone()).unwrap();
    let files: Vec<&str> = source.split('"').filter(|part| part.starts_with("/aset/")).collect();
    assert!(files.len() >= 3, "{source}");
    for file in files {
        let reply = browser.ask(file).await.status(200);
        assert_eq!(
            reply.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{file}"
        );
        let (name, _) = file.split_once('?').unwrap();
        let plain = browser.ask(name).await.status(200);
        assert_eq!(plain.header("cache-control"), "public, no-cache");
        let known = world.anonymous().with("if-none-match", &plain.etag());
        known.get(name).await.status(304);
    }
}

#[actix_web::test]
async fn an_office_without_tls_has_a_plain_cookie() {
    let insecure = SessionCookie { is_insecure: true };
    let world = World::on(Backend::Sqlite)
        .adjust(move |service| service.session_cookie = insecure)
        .await;
    let browser = Browser::new(&world);
    let form = form(&[("username", "admin"), ("password", ADMIN_PASSWORD)]);
    let reply = browser.send("/masuk", &form).await.status(303);
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("iku=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    browser.ask("/akun").await.status(200);
    let other = Browser::new(&world);
    other.set_cookie("__Host-iku", &browser.cookie("iku").unwrap());
    other.ask("/akun").await.status(303);
}

#[actix_web::test]
async fn the_sign_in_page_says_when_a_browser_loses_the_cookie() {
    let world = World::on(Backend::Sqlite).await;
    let says = async |host: &str| {
        let browser = Browser::new(&world).with_client(world.anonymous().with("host", host));
        browser.get("/masuk").await.text().contains("tidak memakai HTTPS")
    };
    assert!(says("iku.kantor.lan").await && says("10.0.0.7:8080").await && says("localhost.jahat.example").await);
    assert!(!says("localhost:8080").await && !says("127.0.0.1:8080").await);
}

#[actix_web::test]
async fn the_way_back_stays_on_this_service() {
    let world = World::on(Backend::Sqlite).await;
    for next in [
        "//jahat.example",
        "https://jahat.example/",
        "/\\jahat.example",
        "/%0d%0aset-cookie:x",
        "/v1/me",
        "/keluar",
        "laporan",
        "",
        "/laporan\r\nx: y",
    ] {
        let browser = Browser::new(&world);
        let form = form(&[("username", "admin"), ("password", ADMIN_PASSWORD), ("ke", next)]);
        let reply = browser.send("/masuk", &form).await.status(303);
        assert_eq!(reply.header("location"), "/", "{next:?}");
    }
    let form = form(&[
        ("username", "admin"),
        ("password", ADMIN_PASSWORD),
        ("ke", "/laporan?tahun=2025"),
    ]);
    let reply = Browser::new(&world).send("/masuk", &form).await.status(303);
    assert_eq!(reply.header("location"), "/laporan?tahun=2025");
}

#[actix_web::test]
async fn odd_cookies_and_forms_are_no_error_of_the_service() {
    let world = demonstration(Backend::Sqlite).await;
    let own = world.anonymous().with("sec-fetch-site", "same-origin");
    for cookie in [
        "__Host-iku",
        "__Host-iku=",
        "__Host-iku=a; __Host-iku=b",
        "=;=",
        "__Host-iku=\u{e9}",
        ";;;",
    ] {
        own.with("cookie", cookie).get("/laporan").await.status(303);
    }
    let kasi = Browser::of(&world, "kasi.pemerintahan").await;
    let many = vec!["a=b"; 200].join("&");
    for form in ["%ff=%ff", "aksi", "aksi=terbang", "&&&", "=", many.as_str()] {
        let reply = kasi.send(LPPD, form).await;
        assert!(matches!(reply.status, 400 | 422), "{form}: {}", reply.status);
    }
    let large = format!("aksi=catat&note={}", "x".repeat(20_000));
    kasi.send(LPPD, &large).await.status(413);
    let odd = form(&[("aksi", "catat"), ("delivered_on", "kemarin"), ("note", "a\u{0}b")]);
    let page = kasi.post(LPPD, &odd).await;
    assert!(
        page.reply.status == 400 && !page.fault_at("Diterima kecamatan").is_empty(),
        "{}",
        page.text()
    );
}
