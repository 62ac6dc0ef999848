//! Signing in and out, and the end of sessions.

use std::time::Duration;

use iku::demo::PASSWORD;
use serde_json::json;

use super::browser::{Browser, form};
use crate::demo::demonstration;
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::World;

const COOKIE: &str = "__Host-iku";

fn credentials(username: &str, password: &str) -> String {
    form(&[("username", username), ("password", password)])
}

#[apply(both_databases)]
async fn a_person_signs_in_and_out(backend: Backend) {
    let world = demonstration(backend).await;
    let browser = Browser::new(&world);
    let asked = browser.get("/laporan").await;
    assert_eq!(
        (asked.at.as_str(), asked.heading().as_str()),
        ("/masuk?ke=%2Flaporan", "Masuk")
    );
    let form = form(&[("username", "Camat"), ("password", PASSWORD), ("ke", "/laporan")]);
    let reply = browser.send("/masuk", &form).await.status(303);
    assert_eq!(reply.header("location"), "/laporan");
    let cookie = reply.header("set-cookie");
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(
        pair.starts_with("__Host-iku=") && pair.len() == "__Host-iku=".len() + 43,
        "{cookie}"
    );
    assert_eq!(attributes, "Path=/; HttpOnly; Secure; SameSite=Strict");
    let page = browser.get("/laporan").await;
    assert!(page.text().contains("Camat Paringin") && page.text().contains("Kecamatan Paringin"));
    // The session is one of the account's own, and its handle opens nothing else.
    let handle = browser.cookie(COOKIE).unwrap();
    world.bearer(&handle).get("/v1/me").await.problem(401, "invalid_token");
    for token in [handle.clone(), format!("\u{ff}{handle}")] {
        let refresh = super::browser::form(&[("grant_type", "refresh_token"), ("refresh_token", &token)]);
        world
            .anonymous()
            .post_form("/v1/auth/token", &refresh)
            .await
            .problem(400, "invalid_grant");
    }
    let account = browser.get("/akun").await;
    assert!(
        account.text().contains("sesi ini") && account.text().contains("198.51.100.1"),
        "{}",
        account.text()
    );
    let out = browser.post("/keluar", "").await;
    assert_eq!((out.at.as_str(), browser.cookie(COOKIE)), ("/masuk", None));
    // A copy of the cookie opens nothing after the sign-out.
    browser.set_cookie(COOKIE, &handle);
    assert_eq!(browser.get("/laporan").await.heading(), "Masuk");
}

/// A browser holds a strict cookie back when a link of another site was followed. The sign-in page sends it once more.
#[actix_web::test]
async fn a_link_on_another_site_leads_to_the_page() {
    let world = World::on(Backend::Sqlite).await;
    let browser = Browser::new(&world);
    let afar = browser.with_client(world.anonymous().with("sec-fetch-site", "cross-site"));
    let source = |page: &super::browser::Page| String::from_utf8(page.reply.body.clone()).unwrap();
    let refresh = "<meta http-equiv=\"refresh\" content=\"0; url=/laporan\"/>";
    assert!(source(&afar.get("/laporan").await).contains(refresh));
    assert!(!source(&browser.get("/laporan").await).contains("http-equiv"));
}

#[apply(both_databases)]
async fn a_wrong_password_is_told_and_throttled(backend: Backend) {
    let world = World::on(backend).await;
    let browser = Browser::new(&world);
    let wrong = browser.post("/masuk", &credentials("admin", "salah")).await;
    assert_eq!((wrong.reply.status, wrong.heading().as_str()), (422, "Masuk"));
    assert!(
        wrong.text().contains("Nama pengguna atau kata sandi salah"),
        "{}",
        wrong.text()
    );
    assert!(wrong.reply.body.windows(5).any(|w| w == b"admin") && !wrong.text().contains("salah sandi"));
    let unknown = browser.post("/masuk", &credentials("tidak.ada", "salah")).await;
    assert_eq!((unknown.reply.status, unknown.each("p")), (422, wrong.each("p")));
    assert_eq!(
        browser.post("/masuk", &credentials("admin", "")).await.reply.status,
        422
    );
    for _ in 0..9 {
        browser.post("/masuk", &credentials("admin", "salah")).await;
    }
    let throttled = browser.post("/masuk", &credentials("admin", ADMIN_PASSWORD)).await;
    assert_eq!(throttled.reply.status, 429, "{}", throttled.text());
    assert_eq!(browser.cookie(COOKIE), None);
}

#[apply(both_databases)]
async fn a_session_ends_after_eight_idle_hours(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T08:00:00+08:00").await;
    let browser = Browser::new(&world);
    browser
        .send("/masuk", &credentials("admin", ADMIN_PASSWORD))
        .await
        .status(303);
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(7 * 3600));
        browser.ask("/akun").await.status(200);
    }
    world.clock.advance(Duration::from_secs(8 * 3600));
    assert_eq!(browser.get("/akun").await.heading(), "Masuk");
    // However often it is used, it ends after thirty days.
    browser
        .send("/masuk", &credentials("admin", ADMIN_PASSWORD))
        .await
        .status(303);
    let mut hours = 0;
    while browser.ask("/akun").await.status == 200 {
        world.clock.advance(Duration::from_secs(7 * 3600));
        hours += 7;
        assert!(hours <= 30 * 24 + 7, "{hours}");
    }
    assert!(hours >= 30 * 24, "{hours}");
}

#[apply(both_databases)]
async fn whatever_ends_an_account_ends_its_pages(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let users = admin.all("/v1/users").await;
    let id_of = |name: &str| {
        let user = users.iter().find(|user| user["username"] == name).unwrap();
        format!("/v1/users/{}", user["id"].as_str().unwrap())
    };
    let (camat, kasi) = (
        Browser::of(&world, "camat").await,
        Browser::of(&world, "kasi.pmd").await,
    );
    let etag = admin.get(&id_of("camat")).await.etag();
    admin
        .patch(&id_of("camat"), &etag, json!({"active": false}))
        .await
        .status(200);
    assert_eq!(camat.get("/akun").await.heading(), "Masuk");
    let etag = admin.get(&id_of("kasi.pmd")).await.etag();
    let role = json!({"role": "auditor", "sections": []});
    admin.patch(&id_of("kasi.pmd"), &etag, role).await.status(200);
    // A change of rights applies to the next page.
    assert!(kasi.get("/akun").await.text().contains("Pemeriksa"));
    let etag = admin.get(&id_of("kasi.pmd")).await.etag();
    admin.delete(&id_of("kasi.pmd"), &etag).await.status(204);
    assert_eq!(kasi.get("/akun").await.heading(), "Masuk");
}

#[apply(both_databases)]
async fn a_new_password_ends_every_other_session(backend: Backend) {
    let world = demonstration(backend).await;
    let (here, there) = (Browser::of(&world, "camat").await, Browser::of(&world, "camat").await);
    let change = |current: &str, new: &str, again: &str| {
        form(&[("current_password", current), ("new_password", new), ("again", again)])
    };
    let new = "kalimat yang mudah diingat";
    let refused = here.post("/akun/kata-sandi", &change("salah", new, new)).await;
    assert_eq!(refused.reply.status, 422);
    assert!(
        !refused.fault_at("Kata sandi sekarang").is_empty(),
        "{}",
        refused.text()
    );
    let weak = here
        .post("/akun/kata-sandi", &change(PASSWORD, "password123", "password123"))
        .await;
    assert!(!weak.fault_at("Kata sandi baru").is_empty(), "{}", weak.text());
    let differs = here
        .post("/akun/kata-sandi", &change(PASSWORD, new, "lain sama sekali"))
        .await;
    assert!(differs.text().contains("tidak sama"));
    let handle = here.cookie(COOKIE);
    let changed = here.post("/akun/kata-sandi", &change(PASSWORD, new, new)).await;
    assert_eq!(changed.at, "/akun?selesai=kata-sandi");
    assert_ne!(here.cookie(COOKIE), handle);
    assert_eq!(there.get("/akun").await.heading(), "Masuk");
    assert_eq!(
        Browser::new(&world)
            .post("/masuk", &credentials("camat", PASSWORD))
            .await
            .reply
            .status,
        422
    );
}

#[apply(both_databases)]
async fn a_person_ends_own_sessions(backend: Backend) {
    let world = demonstration(backend).await;
    let (here, there) = (Browser::of(&world, "camat").await, Browser::of(&world, "camat").await);
    let third = Browser::of(&world, "camat").await;
    let ended = here.post("/akun/sesi", &form(&[("aksi", "lainnya")])).await;
    assert_eq!(ended.at, "/akun?selesai=sesi");
    assert_eq!(there.get("/akun").await.heading(), "Masuk");
    assert_eq!(third.get("/akun").await.heading(), "Masuk");
    let own = here.get("/akun").await.value("akhiri", "id");
    let out = here
        .post("/akun/sesi", &form(&[("aksi", "akhiri"), ("id", &own)]))
        .await;
    assert_eq!(out.at, "/masuk");
    // Nobody ends the session of another account.
    let (camat, kasi) = (
        Browser::of(&world, "camat").await,
        Browser::of(&world, "kasi.pmd").await,
    );
    let foreign = camat.get("/akun").await.value("akhiri", "id");
    let refused = kasi
        .post("/akun/sesi", &form(&[("aksi", "akhiri"), ("id", &foreign)]))
        .await;
    assert_eq!(refused.reply.status, 404);
    assert_eq!(camat.get("/akun").await.heading(), "Akun Camat Paringin");
}
