//! Names, numbers and reasons are one line that one can see. What a phone collected is taken as it is.

use std::collections::BTreeSet;

use iku::platform::http::document::reach;
use iku::platform::http::schema::{TEXT, TextRule, compile};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::responses::Setting;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, PARINGIN, World};

/// Characters that no line has, and whether a text of several lines may have them.
const HIDDEN: [(char, bool); 34] = [
    ('\u{0}', false),
    ('\u{7}', false),
    ('\u{1b}', false),
    ('\u{7f}', false),
    ('\u{85}', false),
    ('\u{202e}', false),
    ('\u{2066}', false),
    ('\n', true),
    ('\r', true),
    ('\t', true),
    ('\u{200b}', true),
    ('\u{200e}', true),
    ('\u{200d}', true),
    ('\u{2060}', true),
    ('\u{2028}', true),
    ('\u{feff}', true),
    ('\u{34f}', true),
    ('\u{600}', true),
    ('\u{6dd}', true),
    ('\u{70f}', true),
    ('\u{8e2}', true),
    ('\u{115f}', true),
    ('\u{1160}', true),
    ('\u{180e}', true),
    ('\u{3164}', true),
    ('\u{fe0f}', true),
    ('\u{ffa0}', true),
    ('\u{110bd}', true),
    ('\u{13430}', true),
    ('\u{1d173}', true),
    ('\u{e0001}', true),
    ('\u{e007f}', true),
    ('\u{e0100}', true),
    ('\u{e01ef}', true),
];

#[test]
fn rules_refuse_hidden_characters_and_take_all_others() {
    let [line, lines, words, any] = TextRule::ALL.map(|rule| compile(&json!({TEXT: rule.as_str()})).unwrap());
    for (c, is_in_lines) in HIDDEN {
        for text in [format!("a{c}b"), format!("{c}a"), format!("a{c}")] {
            assert!(!line.is_valid(&json!(text)), "{text:?}");
            assert_eq!(lines.is_valid(&json!(text)), is_in_lines, "{text:?}");
            for collected in [&words, &any] {
                assert_eq!(collected.is_valid(&json!(text)), c != '\0', "{text:?}");
            }
        }
    }
    for text in ["RT 01", "O'Brien – Désa Ḥ", "你好 😀", "a\u{a0}b", "الف", "x", " x "] {
        for rule in [&line, &lines, &words, &any] {
            assert!(rule.is_valid(&json!(text)), "{text:?}");
        }
    }
    for text in [" ", "\u{a0}", "\n\t"] {
        for rule in [&line, &lines, &words] {
            assert!(!rule.is_valid(&json!(text)), "{text:?}");
        }
        assert!(any.is_valid(&json!(text)), "{text:?}");
    }
}

/// Calls `f` with every pattern in a part of the document.
fn each_pattern<'a>(value: &'a Value, f: &mut impl FnMut(&'a str)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_str() {
            Some(pattern) if name == "pattern" => f(pattern),
            _ => each_pattern(value, f),
        }),
        Value::Array(items) => items.iter().for_each(|item| each_pattern(item, f)),
        _ => {}
    }
}

/// Returns the construct of a pattern that ECMA-262, PCRE (with and without `u`), RE2, Java, .NET and Python do not all
/// read alike, if there is one.
fn foreign_construct(pattern: &str) -> Option<&'static str> {
    let foreign = |c: char| !(c.is_ascii_alphanumeric() || "^$()[]{},|?*+.-_\\".contains(c));
    let escaped = pattern.replace("\\.", "");
    let outside_classes: String = escaped
        .split('[')
        .map(|part| part.rsplit(']').next().unwrap())
        .collect();
    [
        (
            pattern.contains(foreign),
            "a character that is no ASCII letter, digit or common sign",
        ),
        (escaped.contains('\\'), "an escape other than that of a point"),
        (pattern.contains("(?"), "a group with a meaning, such as look-around"),
        (
            pattern.contains("[^"),
            "a class of all other characters: of bytes, in PCRE without `u`",
        ),
        (
            outside_classes.contains('.'),
            "a point, which means bytes in PCRE without `u`",
        ),
        (
            ["*+", "++", "?+", "}+"].iter().any(|sign| pattern.contains(sign)),
            "a possessive quantifier",
        ),
        (
            !pattern.starts_with('^') || !pattern.ends_with('$'),
            "no anchors: Java and Python disagree on a part",
        ),
    ]
    .into_iter()
    .find_map(|(is_there, name)| is_there.then_some(name))
}

#[test]
fn every_pattern_is_one_for_all_dialects() {
    let document = iku::app::openapi();
    let mut found = BTreeSet::new();
    each_pattern(&document, &mut |pattern| {
        found.insert(pattern);
    });
    assert!(found.len() > 5, "{found:?}");
    for pattern in found {
        assert_eq!(foreign_construct(pattern), None, "{pattern}");
    }
    for pattern in [
        "^[^\\x00]*$",
        "^\\u200b$",
        "^\u{200b}$",
        "^\\p{L}$",
        "^(?!a)b$",
        "^\\d$",
        "^[^a]$",
        "^a.b$",
        "^a++$",
        "^a",
    ] {
        assert!(foreign_construct(pattern).is_some(), "{pattern}");
    }
}

/// A client that validates responses must not refuse what is stored.
#[test]
fn only_requests_have_patterns() {
    let document = iku::app::openapi();
    let schemas = &document["components"]["schemas"];
    let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
    {
        reach(&operation["requestBody"], schemas, &mut requests);
        reach(&operation["responses"], schemas, &mut responses);
        each_pattern(&operation["responses"], &mut |pattern| {
            panic!("a response has {pattern}")
        });
    }
    let only_responses: Vec<&String> = responses.difference(&requests).collect();
    assert!(only_responses.len() > 50, "{only_responses:?}");
    for name in only_responses {
        each_pattern(&schemas[name], &mut |pattern| panic!("{name} has {pattern}"));
        assert!(!schemas[name].to_string().contains(TEXT), "{name} has {TEXT}");
    }
    for name in responses.intersection(&requests) {
        each_pattern(&schemas[name], &mut |pattern| panic!("{name} has {pattern}"));
    }
    // What a phone sent, and a held answer shows, has its components twice.
    for name in ["NewResponse", "Respondent"] {
        let copy = format!("{name}AsSent");
        assert!(requests.contains(name) && responses.contains(&copy), "{name}");
    }
}

/// Passwords are typed blindly, and phones cannot correct what they collected.
#[test]
fn every_text_that_is_typed_in_has_a_rule() {
    let document = iku::app::openapi();
    let schemas = &document["components"]["schemas"];
    let mut bodies = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let content = operation["requestBody"]["content"].as_object();
            let json = content.into_iter().flatten().filter(|(kind, _)| kind.ends_with("json"));
            json.for_each(|(_, media)| reach(media, schemas, &mut bodies));
        }
    }
    let mut lines = BTreeSet::new();
    let mut failures = Vec::new();
    for name in bodies {
        for (member, schema) in schemas[&name]["properties"].as_object().into_iter().flatten() {
            let is_text = schema["type"] == "string" || schema["type"][0] == "string";
            let is_free = ["format", "enum", "pattern"]
                .iter()
                .all(|key| schema.get(key).is_none());
            if !is_text || !is_free {
                continue;
            }
            let description = schema["description"].as_str().unwrap_or_default();
            let is_collected = ["NewResponse", "BatchedResponse"].contains(&name.as_str());
            let is_blind = ["password", "current_password", "new_password"].contains(&member.as_str());
            match schema[TEXT].as_str().and_then(TextRule::of) {
                Some(rule @ (TextRule::Line | TextRule::Lines)) if description.ends_with(rule.words().unwrap()) => {
                    if rule == TextRule::Line {
                        lines.insert(member.clone());
                    }
                }
                Some(_) if is_collected || is_blind => {}
                _ => failures.push(format!("{name}.{member}: {schema}")),
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(
        lines,
        BTreeSet::from(
            [
                "external_code",
                "file_name",
                "name",
                "number",
                "office",
                "reason",
                "referred_to",
                "title"
            ]
            .map(str::to_owned)
        )
    );
}

/// `$` of some dialects also matches before a line end at the end of the text; that of the service does not.
#[actix_web::test]
async fn rejects_codes_with_a_line_end() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let new = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    for member in ["village_code", "kind"] {
        let mut body = new.clone();
        body[member] = json!(format!("{}\n", body[member].as_str().unwrap()));
        let refused = admin.post("/v1/reports", body).await.problem(400, "invalid_body");
        assert!(
            refused
                .pointers()
                .iter()
                .all(|pointer| *pointer == format!("#/{member}")),
            "{:#}",
            refused.json
        );
    }
    admin
        .get("/v1/reports?kind=lppd%0A")
        .await
        .problem(400, "invalid_query");
}

#[actix_web::test]
async fn rejects_hidden_characters_in_names_and_reasons() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let text = |c: char| format!("RT{c} 01");
    let bodies = HIDDEN.map(|(c, _)| {
        let body = json!({"village_code": BALANG, "kind": "rt", "name": text(c)});
        (body, 400, "invalid_body", "#/name")
    });
    assert_bodies_refused(&admin, "POST", "/v1/institutions", bodies).await;
    let bodies = HIDDEN.map(|(c, _)| (json!({"reason": text(c)}), 400, "invalid_body", "#/reason"));
    assert_bodies_refused(&admin, "PATCH", "/v1/villages/63.11.06.2005", bodies).await;
    let body = json!({"village_code": BALANG, "kind": "rt", "name": "a\u{202e}b"});
    let refused = admin.in_english().post("/v1/institutions", body).await;
    let detail = refused.json["errors"][0]["detail"].clone();
    assert_eq!(
        detail,
        "Must be one legible line, without control, invisible or direction characters."
    );
    let path = "/v1/cases/0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69?reason=salah%1Bcatat";
    let refused = admin.with("if-match", "*").send("DELETE", path, "", Vec::new()).await;
    assert_eq!(refused.problem(400, "invalid_query").pointers(), ["reason"]);
    // Notes have lines.
    let note = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14", "note": "satu\n\tdua"});
    admin.post("/v1/reports", note.clone()).await.status(201);
    let mut wrong = note;
    wrong["note"] = json!("satu\u{1b}[31m");
    assert_bodies_refused(&admin, "POST", "/v1/reports", [(wrong, 400, "invalid_body", "#/note")]).await;
}

/// A record of version 0.1 may have a name that cannot be recorded any more. Its other members can still be corrected.
#[apply(both_databases)]
async fn patch_of_another_member_keeps_an_old_name(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let sql = format!("UPDATE village SET name = 'Balang\tLama' WHERE code = '{BALANG}'");
    world.service.db.connection().execute_unprepared(&sql).await.unwrap();
    let path = format!("/v1/villages/{BALANG}");
    let changed = admin
        .patch(&path, "*", json!({"valid_from": "2001-01-01"}))
        .await
        .status(200);
    assert_eq!(changed.json["name"], "Balang\tLama");
    let bodies = [(json!({"name": "Balang\tBaru"}), 400, "invalid_body", "#/name")];
    assert_bodies_refused(&admin, "PATCH", &path, bodies).await;
    let changed = admin.patch(&path, "*", json!({"name": "Balang"})).await.status(200);
    assert_eq!(changed.json["name"], "Balang");
    assert_eq!(changed.json["district_code"], PARINGIN);
}

#[apply(both_databases)]
async fn comment_of_a_respondent_is_kept_as_it_was_typed(backend: Backend) {
    let s = Setting::open(backend).await;
    let mut item = s.item(3);
    let comment = "Bagus\u{200d}\u{202e}\u{1b}\n!";
    item["comment"] = json!(comment);
    let reply = s.batch(&s.phone, &[item]).await;
    assert_eq!(reply.json["results"][0]["outcome"], "created", "{:#}", reply.json);
    assert_eq!(s.kasi.all(&s.responses).await[0]["comment"], comment);
}
