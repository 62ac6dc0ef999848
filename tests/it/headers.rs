//! The headers of every reply.

use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use iku::platform::clock::Clock;
use iku::platform::http::limits::{Quota, RateLimiter};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::support::backend::Backend;
use crate::support::world::{BALANG, Client, World};

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut all = headers.get_all(name);
    let only = all.next().map_or("", |v| v.to_str().unwrap());
    assert!(all.next().is_none(), "{name} twice");
    only
}

#[track_caller]
fn check_headers(what: &str, headers: &HeaderMap) {
    for (name, value) in [
        ("api-version", env!("CARGO_PKG_VERSION")),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-request-id", "permintaan-7"),
    ] {
        assert_eq!(header(headers, name), value, "{what}: {name}");
    }
    assert!(
        header(headers, "content-security-policy").starts_with("default-src 'none'; "),
        "{what}"
    );
    let cache = [
        "no-store",
        "private, no-cache",
        "public, no-cache",
        "public, max-age=300",
        "public, max-age=86400",
    ];
    assert!(cache.contains(&header(headers, "cache-control")), "{what}");
    let policy = if what.contains("/openapi.") {
        "cross-origin"
    } else {
        "same-origin"
    };
    assert_eq!(header(headers, "cross-origin-resource-policy"), policy, "{what}");
    let trace = header(headers, "traceparent");
    assert!(
        trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && trace.ends_with("-01"),
        "{what}: {trace}"
    );
    assert!(!trace.contains("00f067aa0ba902b7"), "{what}: not a span of our own");
}

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[actix_web::test]
async fn every_kind_of_reply_has_the_common_headers() {
    let world = World::on(Backend::Sqlite).adjust(|service| service.https = true).await;
    let traced = |actor: Client| {
        actor
            .with("x-request-id", "permintaan-7")
            .with("traceparent", TRACEPARENT)
    };
    let (anyone, admin) = (traced(world.anonymous()), traced(world.admin()));
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let created = admin.post("/v1/reports", report.clone()).await.status(201);
    let (path, etag) = (created.header("location").to_owned(), created.etag());
    let deletion = format!("{path}?reason=x");
    for (reply, status) in [
        (created, 201),
        (admin.delete(&path, "\"x\"").await, 412),
        (admin.send("DELETE", &deletion, "", Vec::new()).await, 428),
        (admin.with("if-none-match", &etag).get(&path).await, 304),
        (admin.post("/v1/reports", report).await, 409),
        (admin.delete(&path, &etag).await, 204),
    ] {
        check_headers(&status.to_string(), &reply.status(status).headers);
    }
    for (path, status) in [
        ("/swagger-ui", 302),
        ("/swagger-ui/", 200),
        ("/swagger-ui/swagger-ui-bundle.js", 200),
        ("/swagger-ui/none.js", 404),
        ("/openapi.json", 200),
        ("/openapi.yaml", 200),
        ("/problems", 200),
        ("/health/live", 200),
        ("/.well-known/jwks.json", 200),
        ("/metrics", 401),
        ("/v1/reports", 401),
        ("/nowhere", 404),
    ] {
        check_headers(path, &anyone.get(path).await.status(status).headers);
    }
    for (method, path, media, status) in [
        ("HEAD", "/v1/reports", "", 200),
        ("DELETE", "/v1/reports", "", 405),
        ("PUT", "/swagger-ui/", "", 405),
        ("OPTIONS", "/v1/reports", "", 204),
        ("FOO", "/v1/reports", "", 501),
        ("POST", "/v1/reports", "text/plain", 415),
        ("POST", "/v1/reports", "application/json", 413),
    ] {
        let body = vec![b' '; if status == 413 { 1024 * 1024 + 1 } else { 1 }];
        let reply = admin.send(method, path, media, body).await.status(status);
        check_headers(method, &reply.headers);
    }
    let unacceptable = anyone.with("accept-encoding", "identity;q=0, x-own");
    let reply = unacceptable.get("/swagger-ui/").await.status(406);
    check_headers("406", &reply.headers);
    world.service.db.get_ref().clone().close().await.unwrap();
    let reply = admin.get("/v1/reports").await.status(503);
    check_headers("503", &reply.headers);
}

#[actix_web::test]
async fn plain_http_sends_no_transport_security() {
    let world = World::on(Backend::Sqlite).await;
    let reply = world.anonymous().get("/problems").await.status(200);
    assert_eq!(reply.header("strict-transport-security"), "");
    assert_eq!(reply.header("access-control-allow-origin"), "");
}

/// Panics
#[utoipa::path(tag = "health", operation_id = "getPanic", security(()), responses((status = 200, description = "Never")))]
#[get("/panic")]
async fn broken() -> HttpResponse {
    panic!("on purpose")
}

fn beside(config: &mut ServiceConfig) {
    config.service(broken);
}

#[actix_web::test]
async fn panic_is_a_500_problem_with_the_common_headers() {
    let world = World::on(Backend::Sqlite).await;
    let mut service = world.service.clone();
    service.https = true;
    service.cors_origins = vec!["https://dasbor.example.go.id".to_owned()];
    let quota = Quota {
        requests: 9,
        window: Duration::from_secs(9),
    };
    service.rate_limiter = Data::new(RateLimiter::new(|_| Some(quota), &Clock::System));
    let contract = iku::app::contract_with(beside).unwrap();
    let app = init_service(iku::app::build(service, contract, beside)).await;
    let request = TestRequest::get()
        .uri("/v1/panic")
        .insert_header(("x-request-id", "permintaan-7"))
        .insert_header(("traceparent", TRACEPARENT))
        .insert_header(("origin", "https://dasbor.example.go.id"))
        .insert_header(("accept-language", "en"));
    let answer = app.call(request.to_request()).await.unwrap().map_into_boxed_body();
    assert_eq!(header(answer.headers(), "ratelimit"), "\"anonymous\";r=8;t=1");
    assert_eq!(
        header(answer.headers(), "access-control-allow-origin"),
        "https://dasbor.example.go.id"
    );
    assert_eq!(answer.status(), 500);
    check_headers("500", answer.headers());
    assert_eq!(header(answer.headers(), "content-language"), "en");
    let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&problem["code"], &problem["instance"]),
        (&json!("internal"), &json!("/v1/panic"))
    );
    assert_eq!(problem["request_id"], "permintaan-7");
    assert!(!String::from_utf8_lossy(&body).contains("purpose"));
}
