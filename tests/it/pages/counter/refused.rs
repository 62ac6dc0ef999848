//! A busy service, rubbish, and the headers.

use actix_web::web::Data;
use iku::facts::responses::{Quotas, WriteQueue};
use iku::platform::db::Db;
use serde_json::{Value, json};

use super::{Counter, filled, item, own, thanked};
use crate::pages::browser::Browser;
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn a_busy_service_gives_the_form_back(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    // Its writer has no database.
    let gone = Db::open(&c.s.world.database.url).await.unwrap();
    let queue = WriteQueue::start(Data::new(gone.clone()), Quotas::default());
    gone.close().await.unwrap();
    let busy =
        c.s.world
            .adjusted(|service| service.write_queue = Data::new(queue))
            .await;
    let browser = Browser::new(&busy);
    let page = browser.get(&c.path).await;
    c.wait(60);
    let sent = filled(&page, 27, &[("comment", "Antre lama")]);
    let again = browser.post(&c.path, &sent).await;
    assert_eq!(
        (again.reply.status, again.reply.header("retry-after")),
        (503, "5"),
        "{}",
        again.text()
    );
    assert!(again.text().contains("belum tersimpan"), "{}", again.text());
    assert_eq!(again.source().matches("checked=\"checked\"").count(), 9);
    assert_eq!(again.hidden("id"), page.hidden("id"));
    let queued = json!({"items": [item(&c, &page, 28, 0)]});
    let script = format!("{}/jawaban", c.path);
    assert_eq!(
        busy.anonymous().of_broken_service().post(&script, queued).await.status,
        503
    );
    // The same form is stored when the service is back.
    thanked(
        c.browser()
            .send(&c.path, &filled(&again, 27, &[("comment", "Antre lama")]))
            .await,
    );
    assert_eq!(c.counts().await, (json!(1), json!(1)));
}

#[apply(both_databases)]
async fn rubbish_is_no_error_of_the_service(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let page = c.browser().get(&c.path).await;
    c.wait(60);
    let many = vec!["a=b"; 200].join("&");
    let nul = filled(
        &page,
        1,
        &[
            ("comment", "a\u{0}b"),
            ("age", "-5"),
            ("gender", "\u{0}"),
            ("slip", "\u{0}"),
        ],
    );
    let odd = filled(
        &page,
        2,
        &[
            ("id", "bukan"),
            ("started", "é"),
            ("village_code", "63"),
            ("age", "9999999999999999999"),
        ],
    );
    let long = filled(
        &page,
        3,
        &[("service", &"x".repeat(3000)), ("comment", &"y".repeat(3000))],
    );
    let html = filled(
        &page,
        4,
        &[("comment", "<script>alert(1)</script>"), ("slip", "\"><b>")],
    );
    let own = own(&c);
    for form in [
        "%ff=%ff",
        "",
        "&&&",
        "=",
        "waktu=3",
        many.as_str(),
        &nul,
        &odd,
        &long,
        &html,
        &"z".repeat(20_000),
    ] {
        let reply = own.post_form(&c.path, form).await;
        assert!(
            matches!(reply.status, 303 | 400 | 413 | 422),
            "{form:.80}: {}",
            reply.status
        );
    }
    let script = format!("{}/jawaban", c.path);
    let deep = format!("{{\"items\":[{{\"answer\":{}1{}}}]}}", "[".repeat(500), "]".repeat(500));
    let twenty_one = json!({"items": vec![json!({"answer": {}}); 21]}).to_string();
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"items\":[]}",
        "{\"items\":[1]}",
        "{\"items\":[{\"answer\":1}]}",
        "{\"items\":[{\"answer\":{}}],\"sent_at\":\"kemarin\"}",
        "{\"items\":[{\"answer\":{\"id\":\"\\u0000\",\"answers\":{\"waktu\":1e999}}}]}",
        deep.as_str(),
        twenty_one.as_str(),
    ] {
        let reply = own
            .send("POST", &script, "application/json", body.as_bytes().to_vec())
            .await;
        assert!(matches!(reply.status, 207 | 400), "{body:.80}: {}", reply.status);
    }
    let large = format!("{{\"items\":[{}]}}", " ".repeat(65 * 1024)).into_bytes();
    assert_eq!(own.send("POST", &script, "application/json", large).await.status, 413);
    assert_eq!(
        own.send("POST", &script, "text/plain", b"{}".to_vec()).await.status,
        415
    );
    assert_eq!(
        own.send("POST", &script, "application/json", b"\xff".to_vec())
            .await
            .status,
        400
    );
    // Pages of other sites send nothing; a browser that says nothing about its page may.
    let page = c.browser().get(&c.path).await;
    c.wait(100);
    let other = c.s.world.anonymous().with("sec-fetch-site", "cross-site");
    assert_eq!(other.post_form(&c.path, &filled(&page, 30, &[])).await.status, 403);
    assert_eq!(
        other
            .post(&script, json!({"items": [item(&c, &page, 31, 0)]}))
            .await
            .status,
        403
    );
    thanked(c.s.world.anonymous().post_form(&c.path, &filled(&page, 32, &[])).await);
    for query in [
        "?bahasa=fr",
        "?kupon=%00",
        "?kupon=%22%3E%3Cscript%3E",
        "?bahasa=en&bahasa=id",
    ] {
        let reply = own.get(&format!("{}{query}", c.path)).await;
        assert!(matches!(reply.status, 200 | 400), "{query}: {}", reply.status);
    }
    c.check().await;
}

#[apply(both_databases)]
async fn no_page_of_a_link_has_a_cookie_and_all_have_the_strict_headers(backend: Backend) {
    let c = Counter::with(backend, json!({})).await;
    let anyone = c.s.world.anonymous();
    let thanks = format!("{}/terima-kasih", c.path);
    let manifest = format!("{}/manifest.webmanifest", c.path);
    for (path, status) in [
        (c.path.as_str(), 200),
        (thanks.as_str(), 200),
        (manifest.as_str(), 200),
        ("/s/sw.js", 200),
        ("/s/0000000000", 404),
    ] {
        let reply = anyone.get(path).await.status(status);
        assert!(reply.headers.get("set-cookie").is_none(), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';")
                && policy.contains("worker-src 'self'; manifest-src 'self'")
                && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
    let made: Value = serde_json::from_slice(&anyone.get(&manifest).await.body).unwrap();
    assert_eq!(made["scope"], "/s/");
    // English by choice, or by the browser.
    let english = c.browser().get(&format!("{}?bahasa=en", c.path)).await;
    assert_eq!(english.heading(), "How was our service?");
    assert!(english.links().contains(&"?bahasa=id".to_owned()));
    let browser = c.browser().with_client(anyone.in_english());
    assert_eq!(browser.get(&c.path).await.heading(), "How was our service?");
    assert_eq!(anyone.send("DELETE", &c.path, "", Vec::new()).await.status, 405);
}
