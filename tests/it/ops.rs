//! The endpoints beside `/v1`: health, metrics, the contract and Swagger UI.

use actix_web::web::Data;
use iku::platform::http::document::set_address;
use iku::platform::http::public_url::PublicUrl;
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{BALANG, World};

#[apply(both_databases)]
async fn prepared_service_is_live_and_ready(backend: Backend) {
    let world = World::on(backend).await;
    let anyone = world.anonymous();
    assert_body!(anyone.get("/health/live").await.status(200), @r#"
    {
      "status": "ok"
    }
    "#);
    assert_body!(anyone.get("/health/ready").await.status(200), @r#"
    {
      "status": "ok"
    }
    "#);
    anyone.get("/health/live?x=1").await.problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn service_with_an_old_schema_is_not_ready(backend: Backend) {
    use migration::MigratorTrait;
    let world = World::on(backend).await;
    migration::Migrator::down(world.service.db.connection(), Some(1))
        .await
        .unwrap();
    let reply = world.anonymous().in_english().get("/health/ready").await;
    let reply = reply.problem(503, "unavailable");
    assert!(
        reply.json["detail"].as_str().unwrap().contains("iku migrate"),
        "{:#}",
        reply.json
    );
    world.anonymous().get("/health/live").await.status(200);
}

#[actix_web::test]
async fn service_without_its_database_is_not_ready() {
    let world = World::on(Backend::Sqlite).await;
    let db = world.service.db.get_ref().clone();
    db.close().await.unwrap();
    let reply = world.anonymous().get("/health/ready").await.problem(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    world.anonymous().get("/health/live").await.status(200);
}

#[actix_web::test]
async fn metrics_need_their_own_token_and_name_routes_not_paths() {
    use actix_web::web::Data;
    use iku::ops::metrics::MetricsToken;

    let world = World::on(Backend::Sqlite).await;
    world.anonymous().get("/metrics").await.problem(401, "unauthenticated");
    let token = MetricsToken(Some("rahasia".into()));
    let world = world.adjusted(|service| service.metrics_token = Data::new(token)).await;
    world
        .bearer("salah")
        .get("/metrics")
        .await
        .problem(401, "unauthenticated");
    let kasi = world.officer(&["pemerintahan"]);
    kasi.get("/v1/reports").await.status(200);
    kasi.get("/v1/reports/3f0e4c57-9a31-4c1f-8e3c-2b116f7d9e3f")
        .await
        .status(404);
    let reply = world.bearer("rahasia").get("/metrics").await.status(200);
    let text = String::from_utf8(reply.body).unwrap();
    for line in [
        r#"iku_build_info{version="#,
        r#"iku_http_requests_total{method="GET",route="/v1/reports",status="200"}"#,
        r#"iku_http_requests_total{method="GET",route="/v1/reports/{id}",status="404"}"#,
        r#"iku_http_request_duration_seconds_bucket{le="0.1",method="GET",route="/v1/reports"}"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("3f0e4c57"), "a request path became a label");
}

#[actix_web::test]
async fn contract_is_served_plain_and_compressed() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    for (path, media) in [
        ("/openapi.json", "application/json"),
        ("/openapi.yaml", "application/yaml"),
    ] {
        let plain = anyone.get(path).await.status(200);
        assert_eq!(plain.header("content-type"), media);
        assert_eq!(plain.header("access-control-allow-origin"), "*");
        anyone.with("if-none-match", &plain.etag()).get(path).await.status(304);

        let zipped = anyone.with("accept-encoding", "gzip").get(path).await.status(200);
        assert_eq!(zipped.header("content-encoding"), "gzip");
        assert_eq!(zipped.header("vary"), "Accept-Encoding");
        assert_eq!(zipped.body, plain.body);
        assert_ne!(
            zipped.etag(),
            plain.etag(),
            "two representations have the same strong tag"
        );
        let held = anyone
            .with("accept-encoding", "gzip")
            .with("if-none-match", &zipped.etag());
        let again = held.get(path).await.status(304);
        assert_eq!(again.etag(), zipped.etag());
        assert_eq!(again.header("content-encoding"), "");
    }
}

/// Generated clients, Swagger UI and Postman send their requests to the first server.
#[actix_web::test]
async fn contract_names_the_public_address_or_else_the_one_that_was_asked() {
    const PUBLIC: &str = "https://iku.example.go.id";
    let world = World::on(Backend::Sqlite).await;
    let public_url = Data::new(PublicUrl(Some(PUBLIC.to_owned())));
    let with_address = world.adjusted(|service| service.public_url = public_url).await;
    // YAML quotes the address, and a host may have a quote.
    for (asked, host, address, caching) in [
        (
            world.anonymous(),
            "10.0.0.5:8080",
            "http://10.0.0.5:8080",
            "private, no-cache",
        ),
        (
            world.anonymous(),
            "it's.example",
            "http://it's.example",
            "private, no-cache",
        ),
        (with_address.anonymous(), "10.0.0.5:8080", PUBLIC, "public, no-cache"),
    ] {
        let asked = asked.with("host", host);
        let mut expected = iku::app::published();
        set_address(&mut expected, address);
        let token = json!(format!("{address}/v1/auth/token"));
        let flow = &expected["components"]["securitySchemes"]["oauth2"]["flows"]["password"];
        assert_eq!((&flow["tokenUrl"], &flow["refreshUrl"]), (&token, &token));
        let json = asked.get("/openapi.json").await.status(200);
        assert_eq!(json.json, expected);
        let yaml = asked.get("/openapi.yaml").await.status(200);
        let read: serde_json::Value = yaml_serde::from_slice(&yaml.body).unwrap();
        assert_eq!(read, expected);
        for reply in [json, yaml] {
            assert_eq!(reply.header("cache-control"), caching);
            let other = world.anonymous().with("host", "other.example");
            let other = other.with("if-none-match", &reply.etag());
            other.get("/openapi.json").await.status(200);
        }
    }
}

#[actix_web::test]
async fn etags_of_compressed_replies_work_in_conditions() {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world
        .officer(&["pemerintahan"])
        .with("accept-encoding", "gzip, deflate, br");
    let short = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let made = kasi.post("/v1/reports", short).await.status(201);
    assert_eq!(made.header("content-encoding"), "", "a short body is not compressed");
    let path = made.header("location").to_owned();
    let long = kasi
        .patch(&path, &made.etag(), json!({"note": "catatan ".repeat(200)}))
        .await
        .status(200);
    assert_eq!(long.header("content-encoding"), "gzip");
    assert!(long.etag().ends_with("-gzip\""), "{}", long.etag());
    let got = kasi.get(&path).await.status(200);
    assert_eq!(got.etag(), long.etag());
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
    kasi.patch(&path, &made.etag(), json!({"note": null}))
        .await
        .problem(412, "precondition_failed");
    let short = kasi.patch(&path, &got.etag(), json!({"note": null})).await.status(200);
    kasi.with("if-none-match", &got.etag()).get(&path).await.status(200);
    kasi.delete(&path, &short.etag()).await.status(204);
}

#[actix_web::test]
async fn unacceptable_encoding_is_406() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let picky = anyone.with("accept-encoding", "identity;q=0, x-own");
    picky.get("/swagger-ui/").await.problem(406, "not_acceptable");
}

#[actix_web::test]
async fn swagger_ui_is_served_without_other_hosts() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let moved = anyone.get("/swagger-ui").await.status(302);
    assert_eq!(moved.header("location"), "/swagger-ui/");
    let page = anyone.get("/swagger-ui/").await.status(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let page = String::from_utf8(page.body).unwrap();
    assert!(
        page.contains("<title>IKU") && page.contains("width=device-width"),
        "{page}"
    );
    // The page and each file that it loads come from here.
    let parts: Vec<&str> = page.split(['"', '\'']).filter(|part| part.contains('.')).collect();
    let files = parts.iter().filter(|part| !part.contains(' '));
    let mut loaded = 0;
    for name in files {
        let file = anyone.get(&format!("/swagger-ui/{name}")).await.status(200);
        assert!(
            file.header("content-security-policy").contains("default-src 'none'"),
            "{name}"
        );
        loaded += 1;
    }
    assert_eq!(loaded, 5, "{page}");
    let bundle = anyone
        .with("accept-encoding", "gzip")
        .get("/swagger-ui/swagger-ui-bundle.js")
        .await
        .status(200);
    assert_eq!(bundle.header("content-encoding"), "gzip");
    assert_eq!(bundle.header("cache-control"), "public, max-age=86400");
    let held = anyone.with("if-none-match", &bundle.etag());
    held.get("/swagger-ui/swagger-ui-bundle.js").await.status(304);
    anyone.get("/swagger-ui/../secret").await.problem(404, "not_found");
    anyone.get("/swagger-ui/none.js").await.problem(404, "not_found");
}
