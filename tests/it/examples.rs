//! The examples of the document are replies: the answers to a tour of the demonstration, and the problems of
//! `problems::every_code_occurs_in_both_languages`.
//!
//! `IKU_WRITE_EXAMPLES=1 cargo test --test it examples` writes `openapi/examples` again.

use std::collections::BTreeMap;
use std::fs;

use actix_web::web::Data;
use iku::core::element::Element;
use iku::demo::{CLIENTS, PASSWORD, open_survey};
use iku::ops::metrics::MetricsToken;
use iku::platform::http::download::{CSV, XLSX};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::access::sign_in;
use crate::caching::{addresses, beside, evidence, slips};
use crate::demo::signed_in;
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::World;

/// The demonstration ends two seconds before. The survey is open for a year.
const NOW: &str = "2026-02-02T09:00:00+08:00";

/// The contract does not contain itself.
const WITHOUT: [&str; 2] = ["getContractJson", "getContractYaml"];

/// Their content is no text.
const BINARY: [&str; 4] = [XLSX, "application/pdf", "image/jpeg", "image/png"];

/// Lists in answers, which the schema gives a length.
const OF_FIXED_LENGTH: [(&str, &str); 2] = [("getQuestionnaire", "labels"), ("getSurveyIndex", "elements")];

/// A closing of the demonstration.
const CLOSING: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";

/// Members that differ between two databases.
const OF_ONE_DATABASE: [&str; 9] = [
    "epoch",
    "fingerprint",
    "hash",
    "kid",
    "previous",
    "sha256",
    "signs_from",
    "statement_sha256",
    "x",
];

/// Compares a file of `openapi/examples` with the replies of today, or writes it again.
pub fn compare(file: &str, now: &Value) {
    let path = format!("{}/openapi/examples/{file}", env!("CARGO_MANIFEST_DIR"));
    let now = serde_json::to_string_pretty(now).unwrap() + "\n";
    if std::env::var_os("IKU_WRITE_EXAMPLES").is_some() {
        fs::write(&path, &now).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == now,
        "openapi/examples/{file} is not what the service answers. If the change is meant:\n\n    \
         IKU_WRITE_EXAMPLES=1 cargo test --test it examples\n    cargo run -- openapi > openapi/openapi.json\n"
    );
}

#[actix_web::test]
async fn examples_are_what_the_demonstration_answers() {
    let (first, second) = (answers().await, answers().await);
    let mut stable = Stable::default();
    let now = first
        .iter()
        .map(|(id, answer)| (id.clone(), stable.of(id, answer, &second[id])));
    compare("answers.json", &Value::Object(now.collect()));
}

#[test]
fn every_operation_has_a_true_answer_and_every_path_parameter_an_example() {
    let document = iku::app::published();
    let own = |value: &Value| match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap().clone(),
        None => value.clone(),
    };
    let mut failures = Vec::new();
    let mut codes = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            let responses = operation["responses"].as_object().unwrap().iter();
            let responses: Vec<(&String, Value)> = responses.map(|(status, r)| (status, own(r))).collect();
            let answers = responses.iter().filter(|(status, _)| status.starts_with('2'));
            let contents = answers.flat_map(|(_, r)| r["content"].as_object().into_iter().flatten());
            for (kind, media) in contents.filter(|(kind, _)| !BINARY.contains(&kind.as_str()) && *kind != "text/html") {
                let example = media["examples"].as_object().and_then(|all| all.values().next());
                let example = example.map_or_else(|| media["example"].clone(), |shared| own(shared)["value"].clone());
                if example.is_null() && !WITHOUT.contains(&id) {
                    failures.push(format!("{id}: no example of {kind}"));
                }
                if example.get("next_cursor").is_some_and(|next| !next.is_null()) {
                    failures.push(format!("{id}: the list does not end"));
                }
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten().map(own) {
                // A tool sends an `example`, so that of an optional parameter is one of its schema.
                let example = match parameter["required"] == true {
                    true => parameter.get("example"),
                    false => parameter["schema"].get("examples"),
                };
                if parameter["in"] != "query" && example.is_none() {
                    failures.push(format!("{id}: {} has no example", parameter["name"]));
                }
            }
            for (_, response) in &responses {
                for media in response["content"].as_object().into_iter().flat_map(Map::values) {
                    codes.extend(media["examples"].as_object().into_iter().flat_map(Map::keys).cloned());
                }
            }
        }
    }
    for code in iku::platform::error::Code::ALL {
        if !codes.iter().any(|known| known == code.as_str()) {
            failures.push(format!("{}: no example", code.as_str()));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// By operation: the path that was asked, and the answer.
async fn answers() -> BTreeMap<String, Value> {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    iku::demo::fill(&world.service.db, iku::app::contract().unwrap())
        .await
        .unwrap();
    let mut found = BTreeMap::new();
    let mut keep = |id: &str, path: &str, answer: Value| {
        let path = path.split('?').next().unwrap();
        found.insert(id.to_owned(), json!({"path": path, "answer": shortened(id, answer)}));
    };
    let [system, phone] = CLIENTS.map(|client| client.id());

    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let admin = world.bearer(session["access_token"].as_str().unwrap());
    let form = format!("grant_type=password&username=camat&password={PASSWORD}&scope=realisations:read");
    let session = world.anonymous().post_form("/v1/auth/token", &form).await.status(200);
    keep("createToken", "/v1/auth/token", session.json);

    // Answers of a phone: one is accepted, one is held because the phone was revoked.
    let answers = Element::ALL.map(|element| (element.code().to_owned(), json!(3)));
    let answers = Value::Object(answers.into_iter().collect());
    let batch = |id: &str| {
        let item = json!({
            "survey_id": open_survey(), "id": id, "answers": answers, "answered_at": NOW, "service": "ktp",
        });
        json!({"sent_at": NOW, "items": [item]})
    };
    let (accepted, held) = (
        "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23",
        "0195934d-2f80-7b1c-8a55-5c0d7e9f1a24",
    );
    let path = "/v1/responses/batch";
    let device = signed_in(&world, &CLIENTS[1]).await;
    let sent = device.post(path, batch(accepted)).await.status(207).json;
    keep("createResponses", path, sent);
    let path = "/v1/responses/status";
    let known = device.post(path, json!({"ids": [accepted]})).await.status(200).json;
    keep("getResponseStatus", path, known);
    let switch = async |active: bool| {
        let path = format!("/v1/clients/{phone}");
        admin.patch(&path, "*", json!({"active": active})).await.status(200);
    };
    switch(false).await;
    let lost = signed_in(&world, &CLIENTS[1]).await;
    let sent = lost.post("/v1/responses/batch", batch(held)).await.status(207).json;
    assert_eq!(sent["summary"]["quarantined"], 1);
    switch(true).await;
    // Both were struck out by mistake.
    let because = json!({"reason": "Ponsel ditemukan kembali"});
    let discard = json!({"client_id": phone, "decision": "discarded", "reason": "Ponsel hilang"});
    let void = json!({"client_id": phone, "reason": "Ponsel hilang"});
    for (path, body) in [("/v1/held-responses/decisions", discard), ("/v1/responses/voids", void)] {
        let made = admin.post(path, body).await.status(201);
        let restorations = format!("{}/restorations", made.header("location"));
        admin.post(&restorations, because.clone()).await.status(200);
    }

    let path = format!("/v1/clients/{system}/secrets");
    let secret = admin.post(&path, Value::Null).await.status(201).json;
    keep("createClientSecret", &path, secret);
    // A phone that is enrolled again must sign in again.
    let path = format!("/v1/clients/{phone}/enrolments");
    let enrolment = admin.post(&path, Value::Null).await.status(201).json;
    let exchange = json!({"code": enrolment["code"], "secret": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN001"});
    keep("createEnrolment", &path, enrolment);
    let path = "/v1/auth/enrolments";
    keep(
        "enrolDevice",
        path,
        world.anonymous().post(path, exchange).await.status(200).json,
    );

    let path = "/v1/imports?resource=reports&mode=dry_run";
    let sheet = "village_code;kind;fiscal_year;delivered_on\r\n63.11.06.2005;lppd;2025;2026-01-30\r\n";
    let import = admin.send("POST", path, CSV, sheet.as_bytes().to_vec()).await;
    keep("createImport", path, import.status(200).json);

    let camat = sign_in(&world, "camat", PASSWORD).await.status(200).json;
    let camat = world.bearer(camat["access_token"].as_str().unwrap());
    let closing = json!({"id": CLOSING, "district_code": "63.11.06", "period": "2025-Q1"});
    camat.post("/v1/closings", closing).await.status(201);
    for (id, path, answer) in beside(&admin).await {
        keep(id, path, answer);
    }
    for (id, path, answer) in evidence(&admin).await {
        keep(id, &path, answer);
    }
    let (path, slips) = slips(&admin).await;
    keep("createSurveySlips", &path, slips);
    for (id, _, address) in addresses(&admin).await {
        let reply = admin.get(&address).await;
        if reply.status == 200 && !WITHOUT.contains(&id.as_str()) {
            let answer = match reply.header("content-type") {
                "application/jwt" => String::from_utf8(reply.body).unwrap().into(),
                form if form.starts_with(CSV) => first_lines(&reply.body),
                _ => reply.json,
            };
            keep(&id, &address, answer);
        }
    }
    // Events and changes with instants of the demonstration; those of the first start have the time of this run.
    let events = admin.get("/v1/audit-events?resource=report&limit=1").await.status(200);
    keep("listAuditEvents", "/v1/audit-events", events.json);
    let now = admin.get("/v1/changes?after=now").await.status(200).json;
    let (own, shared) = now["next_after"].as_str().unwrap().split_once('.').unwrap();
    let before = format!("/v1/changes?after={}.{shared}", own.parse::<i64>().unwrap() - 1);
    keep(
        "getValueChanges",
        "/v1/changes",
        admin.get(&before).await.status(200).json,
    );
    let path = format!("/v1/surveys/{}/responses/{accepted}/versions", open_survey());
    let spans = admin.get(&path).await.status(200).json;
    keep("listResponseVersions", &path, spans);
    // The id of the administrator differs between two processes.
    keep("getMe", "/v1/me", camat.get("/v1/me").await.status(200).json);
    let session = &admin.all("/v1/me/sessions").await[0];
    let path = format!("/v1/me/sessions/{}", session["id"].as_str().unwrap());
    admin.send("DELETE", &path, "", Vec::new()).await.status(204);
    keep("deleteMySession", &path, Value::Null);

    let admin = world.admin();
    let institution = admin.all("/v1/institutions?kind=lpm").await.remove(0);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, decree) = (text(&institution["id"]), text(&institution["decrees"][0]["id"]));
    let path = format!("/v1/institutions/{id}/decrees/{decree}");
    let revoke = json!({"revoked_on": "2026-01-15", "reason": "Dicabut kepala desa"});
    keep(
        "updateInstitutionDecree",
        &path,
        admin.patch(&path, "*", revoke).await.status(200).json,
    );

    // A village that was entered by mistake, and that counted in a year that is over.
    let slip = json!({
        "code": "63.11.06.2099", "district_code": "63.11.06", "kind": "desa", "name": "Balang Baru",
        "valid_from": "2025-10-01", "reason": "Perda 3/2025",
    });
    let slip = admin.post("/v1/villages", slip).await.status(201);
    let path = slip.header("location");
    let deleted = admin.delete(path, "*").await.status(200);
    keep("deleteVillage", path, deleted.json);
    let path = format!("{path}/restorations");
    let restored = admin.post(&path, json!({"reason": "Ternyata ada"})).await;
    keep("restoreVillage", &path, restored.status(200).json);

    // One metric is enough, and its value never differs.
    let token = MetricsToken(Some("rahasia".into()));
    let world = world.adjusted(|service| service.metrics_token = Data::new(token)).await;
    let metrics = world.bearer("rahasia").get("/metrics").await.status(200).body;
    let metrics = String::from_utf8(metrics).unwrap();
    let build: Vec<&str> = metrics.lines().filter(|line| line.contains("iku_build")).collect();
    let metrics = format!("{}\n# EOF\n", build.join("\n"));
    keep("getMetrics", "/metrics", Value::from(metrics));
    found
}

/// Returns the header and the first row of a CSV.
fn first_lines(csv: &[u8]) -> Value {
    let text = String::from_utf8(csv.to_vec()).unwrap();
    text.split_inclusive("\r\n").take(2).collect::<String>().into()
}

/// The document must stay small, so lists have one item; those of a fixed length stay whole. Pages end.
fn shortened(id: &str, mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = shortened(id, item.take())),
        Value::Object(members) => {
            if let Some(next) = members.get_mut("next_cursor") {
                *next = Value::Null;
            }
            for (name, member) in members {
                if let Value::Array(items) = member
                    && !OF_FIXED_LENGTH.contains(&(id, name.as_str()))
                {
                    items.truncate(1);
                }
                *member = shortened(id, member.take());
            }
        }
        _ => {}
    }
    value
}

/// A compact JWS begins with the brace of its header.
fn is_statement(answer: &Value) -> bool {
    answer.as_str().is_some_and(|text| text.starts_with("eyJ"))
}

/// Replaces what differs between two runs: ids, secrets and tokens.
#[derive(Default)]
struct Stable {
    ids: BTreeMap<String, String>,
    failures: Vec<String>,
}

impl Stable {
    fn of(&mut self, at: &str, one: &Value, other: &Value) -> Value {
        match (one, other) {
            (Value::Object(members), Value::Object(_)) => {
                let stable = |(name, member): (&String, &Value)| (name.clone(), self.of(name, member, &other[name]));
                Value::Object(members.iter().map(stable).collect())
            }
            (Value::Array(items), Value::Array(others)) => {
                let both = items.iter().zip(others);
                Value::Array(both.map(|(item, other)| self.of(at, item, other)).collect())
            }
            _ if one == other && !OF_ONE_DATABASE.contains(&at) && !is_statement(one) => one.clone(),
            _ => match one.as_str().and_then(|text| self.text(at, text)) {
                Some(text) => text.into(),
                None => {
                    self.failures
                        .push(format!("{at} differs between two runs: {one}, {other}"));
                    one.clone()
                }
            },
        }
    }

    fn text(&mut self, at: &str, text: &str) -> Option<String> {
        let is_id = |part: &str| part.parse::<Uuid>().is_ok();
        Some(match at {
            "path" | "instance" => {
                let parts = text.split('/');
                let parts = parts.map(|part| if is_id(part) { self.id(part) } else { part.to_owned() });
                parts.collect::<Vec<_>>().join("/")
            }
            _ if is_id(text) => self.id(text),
            "answer" if text.starts_with("eyJ") => "contoh.pernyataan.tertanda".to_owned(),
            // A CSV.
            "answer" => {
                let cells = text.split('"');
                let cells = cells.map(|cell| if is_id(cell) { self.id(cell) } else { cell.to_owned() });
                cells.collect::<Vec<_>>().join("\"")
            }
            "access_token" => "contoh.token.akses".to_owned(),
            "refresh_token" => "contoh-token-penyegar".to_owned(),
            "secret" => "contoh-rahasia-yang-tidak-berlaku-di-mana-pun".to_owned(),
            // Of a slip.
            "code" if text.len() == 10 => "C0NT0H0000".to_owned(),
            "code" => "C0NT-0H00-0000-0000".to_owned(),
            "uri" => "iku://enrol?server=https%3A%2F%2Fiku.example.go.id&code=C0NT-0H00-0000-0000".to_owned(),
            "qr_svg" => "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_owned(),
            "fingerprint" => vec!["0000"; 16].join(" "),
            "sha256" | "statement_sha256" | "hash" | "previous" | "content" => "0".repeat(64),
            "epoch" => "0".repeat(16),
            "signs_from" => "2024-01-02T01:00:00Z".to_owned(),
            "kid" => "contoh-kunci".to_owned(),
            "x" => "A".repeat(text.len()),
            _ => return None,
        })
    }

    /// Ids that are made anew get the next of a row of plain ones.
    fn id(&mut self, id: &str) -> String {
        let next = u8::try_from(self.ids.len() + 1).unwrap();
        let plain = || uuid::Builder::from_random_bytes([next; 16]).into_uuid().to_string();
        self.ids.entry(id.to_owned()).or_insert_with(plain).clone()
    }
}
