//! The address in `type`: the catalogue as JSON, as pages and as docs/PROBLEMS.md.

use std::collections::BTreeSet;

use super::catalogue::all;
use crate::support::backend::Backend;
use crate::support::snapshot::assert_body;
use crate::support::world::World;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[actix_web::test]
async fn every_code_has_a_page_and_json() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let listed = anyone.get("/problems").await.status(200);
    let items = listed.json["items"].as_array().unwrap();
    let codes: Vec<&str> = items.iter().map(|i| i["code"].as_str().unwrap()).collect();
    assert_eq!(codes, all());
    for item in items {
        let path = format!("/problems/{}", item["code"].as_str().unwrap());
        let one = anyone.get(&path).await.status(200);
        assert_eq!(&one.json, item);
        assert_eq!(one.header("content-type"), "application/json");
        anyone.with("if-none-match", &one.etag()).get(&path).await.status(304);
        for (lang, title, cure) in [("id", "title_id", "cure_id"), ("en", "title_en", "cure_en")] {
            let reader = anyone.with("accept", BROWSER).with("accept-language", lang);
            let page = reader.get(&path).await.status(200);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("content-language"), lang);
            assert_ne!(page.etag(), one.etag(), "two representations have the same strong tag");
            let html = String::from_utf8(page.body).unwrap();
            for text in [title, cure] {
                let text = item[text]
                    .as_str()
                    .unwrap()
                    .replace('&', "&amp;")
                    .replace('"', "&quot;");
                assert!(html.contains(&text), "{text} is not in\n{html}");
            }
        }
    }
    anyone.get("/problems/none").await.problem(404, "not_found");
    anyone.get("/problems?lang=fr").await.problem(400, "invalid_query");
}

#[actix_web::test]
async fn page_needs_no_script_and_links_to_the_other_language() {
    let world = World::on(Backend::Sqlite).await;
    let reader = world.anonymous().with("accept", BROWSER);
    let page = reader.get("/problems/invalid_token?lang=en").await.status(200);
    assert_eq!(page.header("content-language"), "en");
    assert!(page.header("vary").contains("Accept, Accept-Language"));
    assert_eq!(page.header("cache-control"), "public, no-cache");
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let html = String::from_utf8(page.body).unwrap();
    assert!(!html.contains("<script") && !html.contains(" style="), "{html}");
    for link in ["/problems?lang=en", "/problems/invalid_token?lang=id"] {
        assert!(html.contains(&format!("href=\"{link}\"")), "{link} is not in\n{html}");
        reader.get(link).await.status(200);
    }
    // The policy allows the very style that the page has.
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes());
    let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
}

#[actix_web::test]
async fn type_of_a_problem_leads_to_its_explanation() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let refused = anyone.with("x-request-id", "permintaan-7").get("/v1/reports").await;
    assert_body!(refused, @r#"
    {
      "code": "unauthenticated",
      "detail": "Masuk, lalu kirim token sebagai Authorization: Bearer. Di Swagger UI: tekan Masuk.",
      "errors": [],
      "instance": "/v1/reports",
      "request_id": "permintaan-7",
      "status": 401,
      "title": "Perlu masuk terlebih dahulu",
      "type": "/problems/unauthenticated"
    }
    "#);
    let strict = "default-src 'none'; frame-ancestors 'none'";
    assert_eq!(refused.header("content-security-policy"), strict);
    let explained = anyone.get(refused.json["type"].as_str().unwrap()).await.status(200);
    assert_body!(explained, @r#"
    {
      "cause_en": "The request has no token.",
      "cause_id": "Permintaan tidak membawa token.",
      "code": "unauthenticated",
      "cure_en": "Sign in, then send the token as Authorization: Bearer. In Swagger UI: press Sign in.",
      "cure_id": "Masuk, lalu kirim token sebagai Authorization: Bearer. Di Swagger UI: tekan Masuk.",
      "kind": "problem",
      "status": 401,
      "title_en": "Sign in first",
      "title_id": "Perlu masuk terlebih dahulu"
    }
    "#);
    let field = anyone.get("/problems/max_decimals").await.status(200);
    assert_body!(field, @r#"
    {
      "cause_en": "Numbers are stored exactly, with at most two decimals.",
      "cause_id": "Angka disimpan persis, dengan paling banyak dua angka di belakang koma.",
      "code": "max_decimals",
      "cure_en": "Round the number first: 78.57, not 78.5714.",
      "cure_id": "Bulatkan sendiri lebih dahulu: 78.57, bukan 78.5714.",
      "kind": "field",
      "title_en": "Has too many decimals",
      "title_id": "Terlalu banyak angka di belakang koma"
    }
    "#);
}

#[test]
fn documented_catalogue_is_up_to_date() {
    let listed = include_str!("../../../docs/PROBLEMS.md");
    assert!(
        listed == iku::ops::problems::markdown(),
        "docs/PROBLEMS.md is not what the code says. If the change is meant: cargo run -- problems > docs/PROBLEMS.md"
    );
}

/// Only these keywords have a message.
#[test]
fn every_schema_keyword_of_a_request_has_a_message() {
    const KNOWN: [&str; 16] = [
        "additionalProperties",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "pattern",
        "required",
        "uniqueItems",
        "x-max-decimals",
        "x-text",
    ];
    const SILENT: [&str; 9] = [
        "$ref",
        "default",
        "description",
        "example",
        "examples",
        "properties",
        "readOnly",
        "type",
        "writeOnly",
    ];
    let document = iku::app::openapi();
    let mut wanted: Vec<(String, serde_json::Value)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let schemas = bodies.map(|(_, media)| &media["schema"]);
            for schema in schemas.chain(parameters.map(|p| &p["schema"])) {
                wanted.push((format!("{verb} {path}"), schema.clone()));
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    while let Some((at, schema)) = wanted.pop() {
        let Some(members) = schema.as_object() else { continue };
        for (name, value) in members {
            assert!(
                KNOWN.contains(&name.as_str()) || SILENT.contains(&name.as_str()),
                "{at}: `{name}` has no message"
            );
            match name.as_str() {
                "$ref" if seen.insert(value.to_string()) => {
                    let pointer = value.as_str().unwrap().trim_start_matches('#');
                    wanted.push((value.to_string(), document.pointer(pointer).unwrap().clone()));
                }
                "properties" => {
                    wanted.extend(value.as_object().unwrap().values().map(|v| (at.clone(), v.clone())));
                }
                "items" => wanted.push((at.clone(), value.clone())),
                "oneOf" => wanted.extend(value.as_array().unwrap().iter().map(|v| (at.clone(), v.clone()))),
                _ => {}
            }
        }
    }
}

#[actix_web::test]
async fn browsers_get_pages_and_programs_get_json() {
    let world = World::on(Backend::Sqlite).await;
    let media_type = async |accept: &str| {
        let reply = world.anonymous().with("accept", accept).get("/problems").await;
        reply.header("content-type").split(';').next().unwrap().to_owned()
    };
    for page in [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html",
        "application/json;q=0.5, text/*",
    ] {
        assert_eq!(media_type(page).await, "text/html", "{page}");
    }
    for json in [
        "*/*",
        "application/json",
        "application/json, text/html",
        "text/html;q=0",
        "x",
    ] {
        assert_eq!(media_type(json).await, "application/json", "{json}");
    }
}

#[actix_web::test]
async fn each_code_is_listed_once_with_all_its_texts() {
    let world = World::on(Backend::Sqlite).await;
    let list = world.anonymous().get("/problems").await.status(200);
    let mut codes = BTreeSet::new();
    for item in list.json["items"].as_array().unwrap() {
        assert!(codes.insert(item["code"].to_string()), "{item}");
        for text in ["title", "cause", "cure"] {
            let (id, en) = (&item[format!("{text}_id")], &item[format!("{text}_en")]);
            assert!(
                !id.as_str().unwrap().is_empty() && !en.as_str().unwrap().is_empty(),
                "{item}"
            );
            assert_ne!(id, en, "{item}");
        }
    }
}
