//! The reply to a refused request is small, whatever the request contains.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::access::matrix::operations;
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
        for path in ["/v1/auth/token", "/v1/auth/revoke"] {
            let form = pair.repeat(16_000 / pair.len());
            let reply = anyone.send("POST", path, FORM, form.into_bytes()).await;
            is_small(&reply, pair);
            assert_eq!(reply.pointers(), ["#/"], "{path}: {pair}");
        }
        for path in ["/problems", "/v1/reports", "/v1/indicators/iku-1/realisations/2025"] {
            let reply = world
                .admin()
                .get(&format!("{path}?{}", pair.repeat(7000 / pair.len())))
                .await;
            is_small(&reply, path);
            assert_eq!(reply.pointers(), [""], "{path}?{pair}");
        }
    }
    // As many as are read: a fault for each name.
    let form = "grant_type=password&".repeat(62) + "a=1&a=2";
    let reply = anyone.post_form("/v1/auth/token", &form).await;
    let reply = reply.problem(400, "invalid_body");
    assert_eq!(reply.pointers(), ["#/grant_type", "#/a"]);
}

/// Everybody may send these bodies, so they are small, and need no decompression.
#[actix_web::test]
async fn public_operations_take_16_kib_without_compression() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let public = operations(&iku::app::openapi());
    let public = public.iter().filter(|o| o.scopes.is_none() && o.media.is_some());
    let mut seen = 0;
    for operation in public {
        seen += 1;
        let media = operation.media.as_deref().unwrap();
        let send = async |client: &Client, body| client.send("POST", &operation.path, media, body).await;
        let fits = send(&anyone, vec![b' '; 16 * 1024]).await;
        assert_eq!(fits.status, 400, "{}", operation.id);
        let larger = send(&anyone, vec![b' '; 16 * 1024 + 1]).await;
        larger.problem(413, "body_too_large");
        let zipped = anyone.with("content-encoding", "gzip");
        let zipped = send(&zipped, packed("{}"))
            .await
            .problem(415, "unsupported_content_encoding");
        assert_eq!(zipped.header("accept-encoding"), "identity");
        send(&anyone.with("content-encoding", "identity"), b"{}".to_vec())
            .await
            .status(400);
    }
    assert_eq!(seen, 3);
    let gzip = world.admin().with("content-encoding", "br");
    let refused = gzip
        .post("/v1/reports", json!({}))
        .await
        .problem(415, "unsupported_content_encoding");
    assert_eq!(refused.header("accept-encoding"), "gzip");
}

/// Returns bodies with more faults than a problem lists, with long names, and with names that are longer in JSON.
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
    let few: Vec<String> = (0..200).map(|i| format!("\"x{i}\": 1")).collect();
    let few = format!("{{{}}}", few.join(","));
    let admin = world.admin();
    for (client, body, end) in [
        (
            admin.in_english(),
            &body,
            "Errors in total: at least 1000; errors lists the first 100.",
        ),
        (
            admin.clone(),
            &body,
            "Kesalahan seluruhnya: paling sedikit 1000; errors memuat 100 yang pertama.",
        ),
        // Four members are missing.
        (
            admin.in_english(),
            &few,
            "Errors in total: 204; errors lists the first 100.",
        ),
    ] {
        let body = body.clone().into_bytes();
        let refused = client.send("POST", "/v1/reports", "application/json", body).await;
        let refused = refused.problem(400, "invalid_body");
        assert_eq!(refused.pointers().len(), 100);
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.ends_with(end), "{detail}");
    }
}

/// Every item has its result. Its first fault comes before the others of any item, and the rest is counted.
#[actix_web::test]
async fn errors_of_a_batch_are_bounded_in_sum() {
    let world = World::on(Backend::Sqlite).await;
    let members = (0..40).map(|i| (format!("salah_{i}"), json!(1)));
    let wrong = Value::Object(members.collect());
    let named = json!({"id": "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23", "x".repeat(1500): 1});
    for (items, first) in [
        (vec![wrong.clone(); 500], 100),
        (vec![wrong; 2], 2),
        (vec![named; 500], 3),
        (vec![json!({}); 500], 100),
    ] {
        let count = items.len();
        let batch = json!({"sent_at": "2025-03-14T12:00:00+08:00", "items": items});
        let reply = world.admin().post("/v1/responses/batch", batch).await.status(207);
        assert!(reply.body.len() <= LIMIT, "{} bytes", reply.body.len());
        assert_eq!(reply.json["summary"]["rejected"], count);
        let results = reply.json["results"].as_array().unwrap();
        let listed: Vec<usize> = results
            .iter()
            .map(|r| r["errors"].as_array().map_or(0, Vec::len))
            .collect();
        assert!(listed.iter().filter(|n| **n > 0).count() >= first, "{listed:?}");
        let sums: BTreeSet<u64> = results
            .iter()
            .zip(&listed)
            .map(|(r, n)| *n as u64 + r["more_errors"].as_u64().unwrap_or(0))
            .collect();
        assert_eq!(sums.len(), 1, "the same item has as many faults: {sums:?}");
    }
}

/// Requests that are wrong in every way that makes a service work or talk.
struct Wrong {
    what: &'static str,
    query: String,
    header: Option<(&'static str, String)>,
    body: Vec<u8>,
}

fn wrong_requests(media: &str) -> Vec<Wrong> {
    let plain = |what, query: String| Wrong {
        what,
        query,
        header: None,
        body: b"{}".to_vec(),
    };
    let numbered = |count: usize| (0..count).map(|i| format!("x{i}=1")).collect::<Vec<_>>().join("&");
    let mut all = vec![
        plain("thousand parameters", numbered(1000)),
        plain("unknown parameters", numbered(32)),
        plain("a repeated parameter", vec!["limit=1"; 1000].join("&")),
        plain("32 times a parameter", vec!["a"; 32].join("&")),
        plain("a long value", format!("x={}", "v".repeat(50_000))),
        plain("a long name", "n".repeat(50_000)),
        plain(
            "long known values",
            format!("cursor={0}&reason={0}", "k".repeat(20_000)),
        ),
        plain("control characters", format!("{}=1", "%01".repeat(2000))),
        plain("broken escapes", "%ff%zz=%".repeat(500)),
    ];
    for name in [
        "accept-language",
        "authorization",
        "if-match",
        "if-none-match",
        "x-request-id",
        "traceparent",
    ] {
        all.push(Wrong {
            what: name,
            header: Some((name, "\"x\", ".repeat(2000))),
            ..plain(name, String::new())
        });
    }
    if media.is_empty() {
        return all;
    }
    let body = |what, body: String| Wrong {
        body: body.into_bytes(),
        ..plain(what, String::new())
    };
    let members = |count: usize| (0..count).map(|i| format!("\"x{i}\":1")).collect::<Vec<_>>().join(",");
    let lists = [
        "items",
        "ids",
        "decrees",
        "legal_bases",
        "sections",
        "inactive_elements",
    ];
    let lists = lists.map(|name| format!("\"{name}\":[{}]", vec!["{\"y\":1}"; 600].join(",")));
    all.extend([
        body("a hundred wrong members", format!("{{{}}}", members(100))),
        body("ten thousand wrong members", format!("{{{}}}", members(10_000))),
        body("wrong items", format!("{{{}}}", lists.join(","))),
        body("nested members", "{\"x\":".repeat(100) + "1" + &"}".repeat(100)),
        body("nested lists", "[".repeat(50_000)),
        body("repeated members", "{\"x\":1,\"x\":2}".to_owned()),
        body("a long name", format!("{{\"{}\":1}}", "n".repeat(100_000))),
        body("slashes", format!("{{\"{}\":1}}", "/".repeat(5000))),
        body("escapes", format!("{{\"{}\":1}}", "\\u0001".repeat(2000))),
        body("a form", vec!["a=1&a=2"; 32].join("&")),
        body(
            "a form of names",
            (0..32).map(|i| format!("b{i}&b{i}")).collect::<Vec<_>>().join("&"),
        ),
        body("no JSON", "x".repeat(100_000)),
    ]);
    all.push(Wrong {
        header: Some(("content-encoding", "gzip".to_owned())),
        body: packed(&" ".repeat(4 * 1024 * 1024)),
        ..plain("a gzip bomb", String::new())
    });
    all
}

#[actix_web::test]
async fn every_operation_answers_wrong_requests_briefly() {
    let world = World::on(Backend::Sqlite).await;
    let mut failures = Vec::new();
    for operation in operations(&iku::app::openapi()) {
        let media = operation.media.as_deref().unwrap_or_default();
        for wrong in wrong_requests(media) {
            let path = match wrong.query.as_str() {
                "" => operation.path.clone(),
                query => format!("{}?{query}", operation.path),
            };
            for client in [world.admin(), world.anonymous()] {
                let has_token = client.has_token();
                let client = match &wrong.header {
                    Some((name, value)) => client.with(name, value),
                    None if operation.method == "PATCH" => client.with("if-match", "*"),
                    None => client,
                };
                let body = if media.is_empty() {
                    Vec::new()
                } else {
                    wrong.body.clone()
                };
                let header = wrong
                    .header
                    .as_ref()
                    .map_or(0, |(name, value)| name.len() + value.len());
                let received = path.len() + header + body.len();
                let reply = client.send(&operation.method, &path, media, body).await;
                let most = if has_token {
                    LIMIT
                } else {
                    LIMIT.min((10 * received).max(4096))
                };
                let is_refused = reply.status >= 400 || reply.status == 207;
                if reply.status >= 500 || (is_refused && reply.body.len() > most) {
                    let (id, what, status) = (&operation.id, wrong.what, reply.status);
                    failures.push(format!("{id}, {what}: {status}, {} of {most} bytes", reply.body.len()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A repeated member could be read as one value by a proxy and as another by this service.
#[actix_web::test]
async fn every_json_body_refuses_repeated_members() {
    let world = World::on(Backend::Sqlite).await;
    let mut failures = Vec::new();
    let mut seen = 0;
    for operation in operations(&iku::app::openapi()) {
        let Some(media) = operation.media.as_deref().filter(|media| media.ends_with("json")) else {
            continue;
        };
        seen += 1;
        let client = world.admin().with("if-match", "*");
        for (body, pointer) in [
            (r#"{"x": 1, "x": 1}"#, "#/x"),
            (r#"{"x": [{"y": 1, "z": 2, "y": null}]}"#, "#/x/0/y"),
        ] {
            let body = body.as_bytes().to_vec();
            let reply = client.send(&operation.method, &operation.path, media, body).await;
            failures.extend(reply.unless_refused(400, "invalid_body", pointer));
            if reply.json["errors"][0]["code"] != "repeated" {
                failures.push(format!("{}: {:#}", operation.id, reply.json));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(seen > 20, "{seen}");
}
