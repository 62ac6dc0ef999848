//! Operations that will go: in the document and in every answer.

use std::sync::LazyLock;

use chrono::NaiveDate;
use iku::platform::http::middleware::deprecation::{Deprecated, TABLE, mark};
use serde_json::Value;

use crate::support::backend::Backend;
use crate::support::world::World;

/// As if two operations were about to be removed.
static MADE_UP: LazyLock<[Deprecated; 2]> = LazyLock::new(|| {
    let versions = Deprecated {
        method: "GET",
        path: "/reports/{id}/versions",
        since: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(),
        sunset: NaiveDate::from_ymd_opt(2027, 1, 1).unwrap(),
        successor: "/reports/{id}",
        about: "/swagger-ui/#/reports/listReportVersions",
    };
    let list = Deprecated {
        path: "/reports",
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
async fn answers_say_since_when_until_when_and_what_instead() {
    let world = World::on(Backend::Sqlite)
        .adjust(|service| service.deprecated = &*MADE_UP)
        .await;
    let versions = "/v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f/versions";
    // Problems, too: whoever gets a 404 all day must learn of it.
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
    // Its path does not say which report: no link to a successor.
    let list = world.admin().get("/v1/reports").await.status(200);
    assert_eq!(list.headers.get_all("link").count(), 1);
    assert_eq!(list.header("deprecation"), "@1782864000");
    let other = world.admin().get("/v1/villages?limit=1").await.status(200);
    assert_eq!((other.header("deprecation"), other.header("sunset")), ("", ""));
}

#[test]
fn the_document_says_so() {
    let document = document();
    let operation = &document["paths"]["/reports/{id}/versions"]["get"];
    assert_eq!(operation["deprecated"], true);
    let said = operation["description"].as_str().unwrap();
    assert!(
        said.ends_with("Deprecated since 2026-07-01; may be gone from 2027-01-01 on. Use `/reports/{id}` instead."),
        "{said}"
    );
    for (status, response) in operation["responses"].as_object().unwrap() {
        for header in ["Deprecation", "Sunset", "Link"] {
            assert_eq!(response["headers"][header]["required"], true, "{status} {header}");
        }
    }
    assert!(document["paths"]["/villages"]["get"].get("deprecated").is_none());
}

#[test]
fn the_table_names_operations_and_days_that_make_sense() {
    let document = iku::app::openapi();
    for entry in TABLE.iter().chain(&*MADE_UP) {
        let paths = &document["paths"];
        assert!(paths[entry.path][entry.method.to_lowercase()].is_object(), "{entry:?}");
        assert!(paths[entry.successor].is_object(), "{entry:?}");
        assert!(entry.since < entry.sunset, "{entry:?}");
    }
}
