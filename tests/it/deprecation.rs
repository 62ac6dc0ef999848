//! Deprecated operations: in the document and in the headers of replies.

use std::sync::LazyLock;

use chrono::NaiveDate;
use iku::platform::http::middleware::deprecation::{Deprecated, TABLE, mark};
use serde_json::Value;

use crate::support::backend::Backend;
use crate::support::world::World;

/// Made-up deprecations, because nothing is deprecated yet.
static MADE_UP: LazyLock<[Deprecated; 2]> = LazyLock::new(|| {
    let versions = Deprecated {
        method: "GET",
        path: "/v1/reports/{id}/versions",
        since: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(),
        sunset: NaiveDate::from_ymd_opt(2027, 1, 1).unwrap(),
        successor: "/v1/reports/{id}",
        about: "/swagger-ui/#/reports/listReportVersions",
    };
    let list = Deprecated {
        path: "/v1/reports",
        ..versions
    };
    [versions, list]
});

fn document() -> Value {
    let mut document = iku::app::openapi();
    mark(&mut document, &*MADE_UP);
    document
}

#[actix_web::test]
async fn replies_have_deprecation_sunset_and_successor() {
    let world = World::on(Backend::Sqlite)
        .adjust(|service| service.deprecated = &*MADE_UP)
        .await;
    let versions = "/v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f/versions";
    // Problems have the headers, too: a client that gets only 404 must see them.
    for (asked, method) in [
        (world.admin(), "GET"),
        (world.admin(), "HEAD"),
        (world.anonymous(), "GET"),
    ] {
        let reply = asked.send(method, versions, "", Vec::new()).await;
        assert_eq!(reply.header("deprecation"), "@1782864000", "{method}");
        assert_eq!(reply.header("sunset"), "Fri, 01 Jan 2027 00:00:00 GMT");
        let links: Vec<&str> = reply.headers.get_all("link").map(|v| v.to_str().unwrap()).collect();
        assert_eq!(
            links,
            [
                "</swagger-ui/#/reports/listReportVersions>; rel=\"deprecation sunset\"; type=\"text/html\"",
                "</v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f>; rel=\"successor-version\"",
            ]
        );
    }
    // The successor needs an id, which this path does not have, so there is no link to it.
    let list = world.admin().get("/v1/reports").await.status(200);
    assert_eq!(list.headers.get_all("link").count(), 1);
    assert_eq!(list.header("deprecation"), "@1782864000");
    let other = world.admin().get("/v1/villages?limit=1").await.status(200);
    assert_eq!((other.header("deprecation"), other.header("sunset")), ("", ""));
}

#[test]
fn document_marks_deprecated_operations() {
    let document = document();
    let operation = &document["paths"]["/v1/reports/{id}/versions"]["get"];
    assert_eq!(operation["deprecated"], true);
    let description = operation["description"].as_str().unwrap();
    assert!(
        description
            .ends_with("Deprecated since 2026-07-01; may be gone from 2027-01-01 on. Use `/v1/reports/{id}` instead."),
        "{description}"
    );
    for (status, response) in operation["responses"].as_object().unwrap() {
        for header in ["Deprecation", "Sunset", "Link"] {
            assert_eq!(response["headers"][header]["required"], true, "{status} {header}");
        }
    }
    assert!(document["paths"]["/v1/villages"]["get"].get("deprecated").is_none());
}

#[test]
fn deprecated_operations_and_successors_exist_and_sunset_follows() {
    let document = iku::app::openapi();
    for entry in TABLE.iter().chain(&*MADE_UP) {
        let paths = &document["paths"];
        assert!(paths[entry.path][entry.method.to_lowercase()].is_object(), "{entry:?}");
        assert!(paths[entry.successor].is_object(), "{entry:?}");
        assert!(entry.since < entry.sunset, "{entry:?}");
    }
}
