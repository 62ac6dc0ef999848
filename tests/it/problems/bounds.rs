//! An answer to a refused request is small, however the request is made.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::backend::Backend;
use crate::support::world::{Client, Reply, World};

const LIMIT: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn is_small(reply: &Reply, what: &str) {
    assert!((400..500).contains(&reply.status), "{what}: {}", reply.status);
    assert!(reply.body.len() <= LIMIT, "{what}: {} bytes", reply.body.len());
    assert!(
        reply.pointers().len() <= 100,
        "{what}: {} faults",
        reply.pointers().len()
    );
}

#[actix_web::test]
async fn forms_and_queries_are_read_up_to_the_parameter_limit() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    for pair in ["a=1&", "grant_type=password&", "&", "%61=%00&"] {
        let form = pair.repeat(1_000_000 / pair.len());
        let plain = anyone
            .send("POST", "/v1/auth/token", FORM, form.clone().into_bytes())
            .await;
        is_small(&plain, pair);
        assert_eq!(plain.pointers(), ["#/"], "{pair}");
        for path in ["/v1/auth/token", "/v1/auth/revoke"] {
            let zipped = anyone.with("content-encoding", "gzip");
            let zipped = zipped.send("POST", path, FORM, packed(&form)).await;
            is_small(&zipped, path);
        }
        for path in ["/problems", "/v1/reports", "/v1/indicators/iku-1/realisations/2025"] {
            let reply = world.admin().get(&format!("{path}?{}", pair.repeat(3000))).await;
            is_small(&reply, path);
            assert_eq!(reply.pointers(), ["query:"], "{path}?{pair}");
        }
    }
    // As many as are read, each a fault of its own.
    let form = "grant_type=password&".repeat(64);
    let reply = anyone.post_form("/v1/auth/token", form.trim_end_matches('&')).await;
    assert_eq!(reply.problem(400, "invalid_body").pointers().len(), 63);
}

/// Bodies with more faults than are listed, with long names, and with names that grow as JSON.
fn wrong_bodies() -> Vec<(&'static str, String)> {
    let members = |count: usize, name: &dyn Fn(usize) -> String| {
        let members = (0..count).map(|i| format!("\"{}\": 1", name(i)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    vec![
        ("many", members(60_000, &|i| format!("x{i}"))),
        ("long", members(300, &|i| format!("{i}{}", "x".repeat(3000)))),
        ("escaped", members(200, &|i| format!("{i}{}", "\\u0001".repeat(800)))),
        ("slashes", members(200, &|i| format!("{i}{}", "/".repeat(3000)))),
        ("one", members(1, &|_| "x".repeat(900_000))),
        ("deep", format!("{}1{}", "{\"x\": ".repeat(100), "}".repeat(100))),
    ]
}

#[actix_web::test]
async fn bodies_with_many_errors_get_small_replies() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let zipped = admin.with("content-encoding", "gzip");
    for (what, body) in wrong_bodies() {
        for path in [
            "/v1/reports",
            "/v1/institutions",
            "/v1/cases",
            "/v1/surveys",
            "/v1/users",
            "/v1/responses/batch",
        ] {
            let send = async |client: &Client, body| client.send("POST", path, "application/json", body).await;
            is_small(&send(&admin, body.clone().into_bytes()).await, what);
            is_small(&send(&zipped, packed(&body)).await, what);
        }
    }
}

#[actix_web::test]
async fn detail_says_how_many_errors_are_left_out() {
    let world = World::on(Backend::Sqlite).await;
    let (_, body) = wrong_bodies().swap_remove(0);
    let client = world.admin().in_english();
    let refused = client
        .send("POST", "/v1/reports", "application/json", body.into_bytes())
        .await;
    let refused = refused.problem(400, "invalid_body");
    assert_eq!(refused.pointers().len(), 100);
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("Faults in all: 1000; errors lists the first 100."),
        "{detail}"
    );
}

#[actix_web::test]
async fn errors_of_a_batch_are_bounded_in_sum() {
    let world = World::on(Backend::Sqlite).await;
    let members = (0..40).map(|i| (format!("salah_{i}"), json!(1)));
    let item = serde_json::Value::Object(members.collect());
    let batch = json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": vec![item; 500]});
    let reply = world.admin().post("/v1/responses/batch", batch).await.status(207);
    let results = reply.json["results"].as_array().unwrap();
    assert!(results.iter().all(|r| !r["errors"].as_array().unwrap().is_empty()));
    assert!(reply.body.len() <= 4 * LIMIT, "{} bytes", reply.body.len());
}
