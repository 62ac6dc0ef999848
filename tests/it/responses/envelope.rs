//! The envelope of a batch: its form and its encodings.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{BATCH, Setting, outcomes};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::Reply;

#[apply(both_databases)]
async fn rejects_an_envelope_that_breaks_the_contract(backend: Backend) {
    let s = Setting::open(backend).await;
    let (item, now) = (s.item(3), "2025-03-14T12:00:00+08:00");
    let bodies = [
        (json!({"sent_at": now, "items": []}), "#/items"),
        (json!({"sent_at": now, "items": vec![&item; 501]}), "#/items"),
        (json!({"sent_at": now, "items": {"0": item}}), "#/items"),
        (json!({"sent_at": now}), "#/items"),
        (json!({"items": [item]}), "#/sent_at"),
        (json!({"sent_at": "kemarin", "items": [item]}), "#/sent_at"),
        (json!({"sent_at": now, "items": [item], "device": "hp-1"}), "#/device"),
        (json!([item]), "#/"),
    ];
    let rows = bodies.map(|(body, pointer)| (body, 400, "invalid_body", pointer));
    assert_bodies_refused(&s.phone, "POST", BATCH, rows).await;

    let cut = format!(r#"{{"sent_at": "{now}", "items": [{item}"#);
    let twice = format!(r#"{{"sent_at": "{now}", "items": [{item}], "items": [{item}]}}"#);
    let mut failures = Vec::new();
    for (media_type, body, status, code) in [
        ("application/json", cut.as_str(), 400, "invalid_json"),
        ("application/json", "", 400, "invalid_json"),
        ("application/json", &twice, 400, "invalid_body"),
        ("text/plain", "{}", 415, "unsupported_media_type"),
    ] {
        let reply = s.phone.send("POST", BATCH, media_type, body.as_bytes().to_vec()).await;
        failures.extend(reply.unless_problem(status, code));
    }
    let unknown_parameter = s.phone.post(&format!("{BATCH}?tidak=1"), json!({})).await;
    failures.extend(unknown_parameter.unless_problem(400, "invalid_query"));
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(s.kasi.all(&s.responses).await.len(), 0);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn body(items: &[Value]) -> Vec<u8> {
    let body = json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": items});
    body.to_string().into_bytes()
}

async fn send(s: &Setting, encoding: &str, body: Vec<u8>) -> Reply {
    let client = s.phone.with("content-encoding", encoding);
    client.send("POST", BATCH, "application/json", body).await
}

#[apply(both_databases)]
async fn a_batch_may_be_gzipped(backend: Backend) {
    let s = Setting::open(backend).await;
    let items: Vec<Value> = (0..500).map(|_| s.item(3)).collect();
    let reply = send(&s, "gzip", gzip(&body(&items))).await.status(207);
    assert_eq!(reply.json["summary"]["created"], 500);
    for same in ["GZIP", "x-gzip", "identity, gzip"] {
        let reply = send(&s, same, gzip(&body(&items))).await.status(207);
        assert_eq!(reply.json["summary"]["already_stored"], 500, "{same}");
    }
    let reply = send(&s, "identity", body(&items[..1])).await.status(207);
    assert_eq!(outcomes(&reply), ["already_stored"]);
    let list = s.kasi.get(&format!("{}?count=true", s.responses)).await;
    assert_eq!(list.json["total"], 500);
}

#[apply(both_databases)]
async fn rejects_bodies_that_are_too_large_or_not_gzip(backend: Backend) {
    let s = Setting::open(backend).await;
    // The limit of 1 MiB is for the compressed body and for the decompressed body.
    let mut item = s.item(3);
    item["comment"] = json!("x".repeat(1900));
    let large = body(&vec![item.clone(); 500]);
    assert!(large.len() > 1024 * 1024 && gzip(&large).len() < 200_000);
    let blanks = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(blanks.len() < 100 * 1024);
    let mut cut = gzip(&body(&[item]));
    cut.truncate(cut.len() / 2);
    let mut failures = Vec::new();
    for (encoding, body, status, code) in [
        ("gzip", gzip(&large), 413, "body_too_large"),
        ("identity", large, 413, "body_too_large"),
        ("gzip", blanks, 413, "body_too_large"),
        ("gzip", b"{}".to_vec(), 400, "bad_request"),
        ("gzip", cut, 400, "bad_request"),
    ] {
        failures.extend(send(&s, encoding, body).await.unless_problem(status, code));
    }
    for unknown in ["br", "deflate", "zstd", "gzip, gzip", "\u{e9}"] {
        let refused = send(&s, unknown, gzip(b"{}")).await;
        failures.extend(refused.unless_problem(415, "unsupported_content_encoding"));
        assert_eq!(refused.header("accept-encoding"), "gzip");
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(s.kasi.all(&s.responses).await.len(), 0);
}
