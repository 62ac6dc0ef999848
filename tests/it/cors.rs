//! Pages of other origins: only pages of the configured origins may send requests and read the replies.

use crate::support::backend::Backend;
use crate::support::world::{Client, World};

const PAGE: &str = "https://dasbor.example.go.id";

async fn world() -> World {
    let origins = [PAGE, "http://localhost:5173"].map(str::to_owned);
    let allow = |service: &mut iku::app::Service| service.cors_origins = origins.into();
    World::on(Backend::Sqlite).adjust(allow).await
}

/// Adds the headers of a preflight, which a browser sends before a PATCH.
fn preflight_of(actor: &Client, origin: &str) -> Client {
    actor
        .with("origin", origin)
        .with("access-control-request-method", "PATCH")
        .with("access-control-request-headers", "authorization,content-type,if-match")
}

#[actix_web::test]
async fn preflight_of_an_allowed_origin_is_200() {
    let world = world().await;
    // A browser sends no token with a preflight.
    for path in ["/v1/reports", "/v1/auth/token", "/v1/nowhere"] {
        let first = preflight_of(&world.anonymous(), PAGE);
        let reply = first.preflight(path).await;
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), PAGE);
        let mut methods: Vec<&str> = reply.header("access-control-allow-methods").split(", ").collect();
        methods.sort_unstable();
        assert_eq!(methods, ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]);
        let headers = reply.header("access-control-allow-headers");
        for wanted in [
            "Authorization",
            "Content-Type",
            "If-Match",
            "If-None-Match",
            "traceparent",
        ] {
            assert!(
                headers.split(", ").any(|h| h.eq_ignore_ascii_case(wanted)),
                "{wanted}: {headers}"
            );
        }
        assert_eq!(reply.header("access-control-max-age"), "7200");
        assert!(reply.header("vary").starts_with("Origin, "));
        assert_eq!(reply.header("access-control-allow-credentials"), "");
    }
}

#[actix_web::test]
async fn page_of_an_allowed_origin_reads_replies_and_problems() {
    let world = world().await;
    let page = world.admin().with("origin", PAGE);
    let reply = page.get("/v1/villages?limit=1").await.status(200);
    assert_eq!(reply.header("access-control-allow-origin"), PAGE);
    assert_eq!(reply.header("access-control-allow-credentials"), "");
    let exposed = reply.header("access-control-expose-headers");
    for wanted in [
        "ETag",
        "Link",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-Id",
        "API-Version",
        "Deprecation",
        "Sunset",
    ] {
        assert!(
            exposed.split(", ").any(|h| h.eq_ignore_ascii_case(wanted)),
            "{wanted}: {exposed}"
        );
    }
    let problem = world.anonymous().with("origin", PAGE).get("/v1/villages").await;
    let problem = problem.problem(401, "unauthenticated");
    assert_eq!(problem.header("access-control-allow-origin"), PAGE);
    assert!(problem.header("vary").starts_with("Accept-Language, Origin, "));
}

#[actix_web::test]
async fn page_of_another_origin_reads_nothing() {
    let world = world().await;
    for origin in [
        "https://dasbor.example.go.id.evil.example",
        "http://dasbor.example.go.id",
        "https://DASBOR.example.go.id",
        "null",
        "",
    ] {
        let refused = preflight_of(&world.anonymous(), origin).preflight("/v1/reports").await;
        let refused = refused.problem(400, "bad_request");
        let reply = world
            .admin()
            .with("origin", origin)
            .get("/v1/villages")
            .await
            .status(200);
        for reply in [&refused, &reply] {
            assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        }
        assert!(
            reply.header("vary").contains("Origin"),
            "a cache must tell the origins apart"
        );
    }
    // OPTIONS without the headers of a preflight asks for the methods.
    let options = world.anonymous().with("origin", PAGE).preflight("/v1/reports").await;
    assert_eq!(options.status(204).header("allow"), "GET, HEAD, POST, OPTIONS");
}

#[actix_web::test]
async fn by_default_no_origin_is_allowed() {
    let world = World::on(Backend::Sqlite).await;
    let refused = preflight_of(&world.anonymous(), PAGE).preflight("/v1/reports").await;
    let refused = refused.status(204);
    let reply = world
        .admin()
        .with("origin", PAGE)
        .get("/v1/villages?limit=1")
        .await
        .status(200);
    for reply in [&refused, &reply] {
        assert_eq!(reply.header("access-control-allow-origin"), "");
        assert!(!reply.header("vary").contains("Origin"));
    }
}

#[actix_web::test]
async fn every_origin_may_read_the_contract() {
    for world in [World::on(Backend::Sqlite).await, world().await] {
        let reply = world
            .anonymous()
            .with("origin", "https://any.example")
            .get("/openapi.json")
            .await;
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
    }
}
