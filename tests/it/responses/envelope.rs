//! The envelope of a batch: what it may be, and how it may be packed.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{BATCH, Setting, outcomes};
use crate::support::backend::{Backend, apply, both_databases};

#[apply(both_databases)]
async fn an_envelope_that_breaks_the_contract_changes_nothing(backend: Backend) {
    let s = Setting::open(backend).await;
    let (item, now) = (s.item(3), "2025-03-14T12:00:00+08:00");
    let many: Vec<Value> = (0..501).map(|_| item.clone()).collect();
    for (body, pointer) in [
        (json!({"sent_at": now, "items": []}), "#/items"),
        (json!({"sent_at": now, "items": many}), "#/items"),
        (json!({"sent_at": now, "items": {"0": item}}), "#/items"),
        (json!({"sent_at": now}), "#/items"),
        (json!({"items": [item]}), "#/sent_at"),
        (json!({"sent_at": "kemarin", "items": [item]}), "#/sent_at"),
        (json!({"sent_at": now, "items": [item], "device": "hp-1"}), "#/device"),
        (json!([item]), "#/"),
    ] {
        let reply = s.phone.post(BATCH, body).await.problem(400, "invalid_body");
        assert_eq!(reply.pointers(), [pointer]);
    }
    let send = async |media: &str, body: &[u8]| s.phone.send("POST", BATCH, media, body.to_vec()).await;
    let cut = format!(r#"{{"sent_at": "{now}", "items": [{item}"#);
    send("application/json", cut.as_bytes())
        .await
        .problem(400, "invalid_json");
    send("application/json", b"").await.problem(400, "invalid_json");
    let twice = format!(r#"{{"sent_at": "{now}", "items": [{item}], "items": [{item}]}}"#);
    send("application/json", twice.as_bytes())
        .await
        .problem(400, "invalid_body");
    send("text/plain", b"{}").await.problem(415, "unsupported_media_type");
    s.phone
        .post(&format!("{BATCH}?tidak=1"), json!({}))
        .await
        .problem(400, "invalid_query");
    assert_eq!(s.kasi.all(&s.responses).await.len(), 0);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[apply(both_databases)]
async fn a_batch_may_be_gzipped(backend: Backend) {
    let s = Setting::open(backend).await;
    let send = async |encoding: &str, body: Vec<u8>| {
        let client = s.phone.with("content-encoding", encoding);
        client.send("POST", BATCH, "application/json", body).await
    };
    let mut items: Vec<Value> = (0..500).map(|_| s.item(3)).collect();
    let body = |items: &[Value]| json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": items}).to_string();
    let reply = send("gzip", gzip(body(&items).as_bytes())).await.status(207);
    assert_eq!(reply.json["summary"]["created"], 500);
    for same in ["GZIP", "x-gzip", "identity, gzip"] {
        let reply = send(same, gzip(body(&items).as_bytes())).await.status(207);
        assert_eq!(reply.json["summary"]["already_stored"], 500);
    }
    let reply = send("identity", body(&items[..1]).into_bytes()).await.status(207);
    assert_eq!(outcomes(&reply), ["already_stored"]);

    // The limit is 1 MiB, packed and unpacked.
    for item in &mut items {
        item["comment"] = json!("x".repeat(1900));
    }
    let large = body(&items);
    assert!(large.len() > 1024 * 1024 && gzip(large.as_bytes()).len() < 200_000);
    send("gzip", gzip(large.as_bytes()))
        .await
        .problem(413, "body_too_large");
    send("identity", large.into_bytes())
        .await
        .problem(413, "body_too_large");
    // 64 MiB of blanks in 64 KiB.
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100 * 1024);
    send("gzip", bomb).await.problem(413, "body_too_large");

    for unknown in ["br", "deflate", "zstd", "gzip, gzip", "\u{e9}"] {
        let refused = send(unknown, gzip(b"{}")).await;
        let refused = refused.problem(415, "unsupported_content_encoding");
        assert_eq!(refused.header("accept-encoding"), "gzip");
    }
    send("gzip", b"{}".to_vec()).await.problem(400, "bad_request");
    let mut cut = gzip(body(&items[..1]).as_bytes());
    cut.truncate(cut.len() / 2);
    send("gzip", cut).await.problem(400, "bad_request");
    assert_eq!(
        s.kasi.get(&format!("{}?count=true", s.responses)).await.json["total"],
        500
    );
}
