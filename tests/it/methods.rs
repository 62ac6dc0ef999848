//! Methods, media types and addresses, tried on every path of the document.

use std::collections::BTreeSet;

use iku::platform::http::download::XLSX;
use serde_json::json;

use crate::openapi::{VERBS, operations};
use crate::support::backend::Backend;
use crate::support::world::{Reply, World};

/// Returns a path of the document with values for its parameters.
pub fn concrete(path: &str) -> String {
    let mut out = String::new();
    for part in path.split('/').skip(1) {
        out.push('/');
        match part.strip_prefix('{') {
            None => out.push_str(&part.replace("{format}", "csv")),
            Some("id}") | Some("response_id}") => out.push_str("0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f"),
            Some("period}") => out.push_str("2025"),
            Some(_) => out.push('1'),
        }
    }
    out
}

/// The headers of a 415 and of OPTIONS name the media types that the document names.
#[actix_web::test]
async fn options_and_415_name_the_methods_and_media_types_of_every_path() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let document = iku::app::openapi();
    for (path, item) in document["paths"].as_object().unwrap() {
        let at = concrete(path);
        let options = world.anonymous().send("OPTIONS", &at, "", Vec::new()).await.status(204);
        let allow: BTreeSet<&str> = options.header("allow").split(", ").collect();
        let mut expected = BTreeSet::from(["OPTIONS".to_owned()]);
        for verb in VERBS.iter().filter(|verb| item.get(**verb).is_some()) {
            expected.insert(verb.to_uppercase());
            if *verb == "get" {
                expected.insert("HEAD".to_owned());
            }
            let content = item[verb]
                .get("requestBody")
                .map(|body| body["content"].as_object().unwrap());
            let mut media = content.map(|content| content.keys().map(String::as_str).collect::<BTreeSet<_>>());
            // Many libraries send a merge patch as plain JSON.
            if let Some(media) = media.as_mut().filter(|_| *verb == "patch") {
                media.insert("application/json");
            }
            let name = match *verb {
                "post" => "accept-post",
                "patch" => "accept-patch",
                _ => continue,
            };
            let named = |reply: &Reply| {
                let named = reply.header(name).to_owned();
                named.split(", ").map(str::to_owned).collect::<BTreeSet<_>>()
            };
            let Some(media) = media else {
                assert_eq!(options.header(name), "", "{at}");
                continue;
            };
            assert!(
                named(&options).iter().map(String::as_str).eq(media.iter().copied()),
                "{at}: {options:?}"
            );
            let body = b"<a/>".to_vec();
            let refused = admin
                .with("if-match", "*")
                .send(&verb.to_uppercase(), &at, "application/xml", body)
                .await;
            // Paths with the values of this test name no record.
            if refused.status == 415 {
                assert_eq!(named(&refused), named(&options), "{verb} {at}");
            } else {
                assert!(matches!(refused.status, 400 | 403), "{verb} {at}: {}", refused.status);
            }
        }
        assert!(
            allow.iter().copied().eq(expected.iter().map(String::as_str)),
            "{at}: {allow:?}"
        );
    }
    for page in ["/v1/", "/swagger-ui", "/swagger-ui/"] {
        let reply = world
            .anonymous()
            .send("OPTIONS", page, "", Vec::new())
            .await
            .status(204);
        assert_eq!(reply.header("allow"), "GET, HEAD, OPTIONS");
    }
    let nothing = world.anonymous().send("OPTIONS", "/v1/unknown", "", Vec::new()).await;
    nothing.problem(404, "not_found");
}

#[actix_web::test]
async fn index_leads_to_everything() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let index = anyone.get("/v1").await.status(200);
    assert_eq!(anyone.get("/v1/").await.status(200).body, index.body);
    assert!(index.header("link").contains("rel=\"service-desc\""));
    assert_eq!(index.json["version"], env!("CARGO_PKG_VERSION"));
    for member in ["openapi", "documentation", "problems", "authorization_server"] {
        anyone.get(index.json[member].as_str().unwrap()).await.status(200);
    }
    let collections = index.json["collections"].as_array().unwrap();
    assert!(
        collections.contains(&json!("/v1/reports")) && collections.len() > 10,
        "{collections:?}"
    );
    for list in collections {
        let reply = world.admin().get(list.as_str().unwrap()).await;
        // Some lists need a filter.
        assert!(matches!(reply.status, 200 | 400), "{list}: {}", reply.status);
    }
}

#[actix_web::test]
async fn methods_that_nobody_knows_are_501_and_long_targets_414() {
    let world = World::on(Backend::Sqlite).await;
    for actor in [world.anonymous(), world.admin()] {
        for method in ["PROPFIND", "QUERY", "get", "FOO"] {
            for path in ["/v1/reports", "/v1/unknown", "/swagger-ui/"] {
                let reply = actor.send(method, path, "", Vec::new()).await;
                reply.problem(501, "not_implemented");
            }
        }
        let longest = format!("/v1/unknown?{}", "a".repeat(8192 - "/v1/unknown?".len()));
        actor.get(&longest).await.problem(404, "not_found");
        for path in [format!("{longest}a"), format!("/v1/reports/{}", "a".repeat(9000))] {
            actor.get(&path).await.problem(414, "uri_too_long");
        }
    }
}

/// 406 only for callers who name other media types and nothing else.
#[actix_web::test]
async fn accept_is_406_if_it_names_only_what_is_not_offered() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let document = iku::app::openapi();
    let mut refused = 0;
    for (name, operation) in operations(&document) {
        let Some(path) = name.strip_prefix("get ") else {
            continue;
        };
        let at = concrete(path);
        let plain = admin.get(&at).await.status;
        // Callers who name no form, who cannot be understood, or who take what is offered.
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for accept in [
            "*/*",
            "",
            "garbage",
            "application/problem+json",
            "image/png;q=0",
            "text/csv, */*;q=0.1",
            browser,
        ] {
            let reply = admin.with("accept", accept).get(&at).await;
            assert_eq!(reply.status, plain, "{name}: Accept: {accept}");
        }
        let content = operation["responses"]["200"]["content"].as_object().unwrap();
        for media in content.keys() {
            let kind = format!("{}/*", media.split('/').next().unwrap());
            // The ending of the path of an export decides its media type.
            let at = match media.as_str() {
                XLSX => at.replace(".csv", ".xlsx"),
                _ => at.clone(),
            };
            for accept in [
                media,
                &kind,
                &format!("{media}; charset=utf-8; q=0.2"),
                &media.to_uppercase(),
            ] {
                let reply = admin.with("accept", accept).get(&at).await;
                assert_eq!(reply.status, plain, "{name}: Accept: {accept}");
            }
        }
        if plain != 200 || at == "/metrics" || operation["tags"][0] == "exports" {
            continue;
        }
        refused += 1;
        for accept in [
            "image/png",
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "image/*, audio/ogg",
            "*/*;q=0",
            "application/vnd.iku+json",
            "image/png, */*;q=0",
        ] {
            let reply = admin.with("accept", accept).get(&at).await;
            reply.problem(406, "not_acceptable");
        }
    }
    assert!(refused > 10, "{refused}");
}

#[actix_web::test]
async fn patch_of_another_media_type_is_415_with_accept_patch() {
    let world = World::on(Backend::Sqlite).await;
    let reply = world
        .admin()
        .with("if-match", "*")
        .send(
            "PATCH",
            "/v1/villages/63.11.06.2005",
            "application/xml",
            b"<a/>".to_vec(),
        )
        .await
        .problem(415, "unsupported_media_type");
    assert_eq!(
        reply.header("accept-patch"),
        "application/merge-patch+json, application/json"
    );
}

/// Reports come one by one, in JSON.
#[actix_web::test]
async fn sheets_and_lists_of_reports_are_refused() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let sheet = b"village_code,kind\n63.11.06.2005,lppd\n".to_vec();
    let csv = admin.send("POST", "/v1/reports", "text/csv", sheet).await;
    csv.problem(415, "unsupported_media_type");
    let list = admin
        .post("/v1/reports", json!([{"village_code": "63.11.06.2005"}]))
        .await;
    list.problem(400, "invalid_body");
    let batch = admin.post("/v1/reports/batch", json!([])).await;
    batch.problem(405, "method_not_allowed");
}

#[actix_web::test]
async fn every_method_that_the_document_lacks_is_405() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let document = iku::app::openapi();
    for (path, item) in document["paths"].as_object().unwrap() {
        let at = concrete(path);
        let has = |verb: &str| item.get(verb.to_lowercase()).is_some();
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"] {
            if has(method) {
                continue;
            }
            let reply = anyone.send(method, &at, "", Vec::new()).await;
            let reply = reply.problem(405, "method_not_allowed");
            let allow: BTreeSet<&str> = reply.header("allow").split(", ").collect();
            let mut expected: BTreeSet<String> = VERBS.iter().filter(|v| has(v)).map(|v| v.to_uppercase()).collect();
            expected.insert("OPTIONS".to_owned());
            if has("GET") {
                expected.insert("HEAD".to_owned());
            }
            assert_eq!(allow, expected.iter().map(String::as_str).collect(), "{method} {at}");
        }
        if has("GET") {
            let (get, head) = (anyone.get(&at).await, anyone.send("HEAD", &at, "", Vec::new()).await);
            assert_eq!(get.status, head.status, "HEAD {at}");
        }
    }
    for page in ["/v1/", "/swagger-ui", "/swagger-ui/"] {
        let reply = anyone.send("POST", page, "", Vec::new()).await;
        let reply = reply.problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[actix_web::test]
async fn unknown_paths_are_404() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let mut failures = Vec::new();
    for path in [
        "/v1/unknown",
        "/unknown",
        "/v1/reports/",
        "/v2/reports",
        "/%00",
        "/v1/reports//",
    ] {
        for method in ["GET", "POST"] {
            let reply = anyone.send(method, path, "", Vec::new()).await;
            failures.extend(reply.unless_problem(404, "not_found"));
            if !reply
                .header("link")
                .starts_with("</openapi.json>; rel=\"service-desc\"")
            {
                failures.push(format!("{path}: no link to the contract"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn unknown_path_names_the_one_that_is_meant() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    for (path, meant) in [
        ("/v1/v1/reports", "/v1/reports"),
        ("/reports", "/v1/reports"),
        ("/surveys/7/index?as_of=x", "/v1/surveys/7/index"),
        ("/v1/openapi.json", "/openapi.json"),
        ("/v1/health/live", "/health/live"),
    ] {
        let reply = anyone.in_english().get(path).await.problem(404, "not_found");
        let detail = format!("There is no such address; perhaps {meant} is meant.");
        assert_eq!(reply.json["detail"], detail, "{path}");
        let reply = anyone
            .send("POST", path, "", Vec::new())
            .await
            .problem(404, "not_found");
        let detail = format!("Alamat ini tidak ada; mungkin maksudnya {meant}.");
        assert_eq!(reply.json["detail"], detail, "{path}");
        assert!(reply.header("link").contains("rel=\"service-desc\""));
    }
    for path in ["/v1/unknown", "/v1v1/reports", "/v2/reports", "/v1/v1/v1/reports"] {
        let reply = anyone.in_english().get(path).await.problem(404, "not_found");
        assert!(!reply.json["detail"].as_str().unwrap().contains("perhaps"), "{path}");
    }
}
