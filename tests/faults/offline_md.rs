//! Sends the requests of docs/OFFLINE.md byte for byte, and compares the replies with the replies of the document.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::site::{Kind, Site};

const DOCUMENT: &str = include_str!("../../docs/OFFLINE.md");
/// The state that the document assumes.
const SURVEY: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";
const DRAFT: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60";
const DEVICE: &str = "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69";
const CODE: &str = "4T9X-0M7C-QK2B-V8ZD";

/// Returns the blocks of ```` ```http ````: requests and replies in turn.
fn examples() -> Vec<(&'static str, &'static str)> {
    let blocks = DOCUMENT.split("```http\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|rest| rest.split("\n```").next().unwrap()).collect();
    blocks.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn parts(message: &str) -> (Vec<&str>, &str) {
    let (head, body) = message.split_once("\n\n").unwrap();
    (head.lines().collect(), body)
}

/// Returns whether the texts are the same, apart from placeholders: `<instant>`, `<token>`, `<request>`.
fn is_like(shown: &Value, real: &Value) -> bool {
    match (shown, real) {
        (Value::String(shown), Value::String(real)) if shown == "<instant>" => real.ends_with('Z'),
        (Value::String(shown), Value::String(_)) if shown.starts_with('<') => true,
        (Value::Object(shown), Value::Object(real)) => {
            shown.len() == real.len() && shown.iter().all(|(k, v)| real.get(k).is_some_and(|r| is_like(v, r)))
        }
        (Value::Array(shown), Value::Array(real)) => {
            shown.len() == real.len() && shown.iter().zip(real).all(|(s, r)| is_like(s, r))
        }
        _ => shown == real,
    }
}

#[test]
fn documented_requests_get_the_documented_replies() {
    let site = Site::new(Kind::Sqlite);
    for (id, status) in [(SURVEY, "open"), (DRAFT, "draft")] {
        let survey = json!({
            "id": id, "district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos",
            "starts_on": "2025-01-01", "ends_on": "2025-12-31",
        });
        site.ask("POST", "/v1/surveys", survey, 201);
        if status == "open" {
            site.ask("PATCH", &format!("/v1/surveys/{id}"), json!({ "status": status }), 200);
        }
    }
    let device = json!({
        "id": DEVICE, "kind": "device", "name": "Ponsel Kader Balang", "role": "surveyor", "district_code": "63.11.06",
    });
    site.ask("POST", "/v1/clients", device, 201);
    let enrolment = site.ask("POST", &format!("/v1/clients/{DEVICE}/enrolments"), Value::Null, 201);
    let code = enrolment["code"].as_str().unwrap();
    assert!(DOCUMENT.contains("iku://enrol?server=https%3A%2F%2Fiku.example.go.id&code="));

    let examples = examples();
    assert!(examples.len() >= 6, "the document lacks examples");
    let mut token = String::new();
    let mut faults = Vec::new();
    for (request, shown) in examples {
        let (head, body) = parts(request);
        let length = format!("Content-Length: {}", body.len());
        assert!(head.contains(&length.as_str()), "{request}\nhas a body of {length}");
        // Replace only the placeholders, and end the connection.
        let head = head.join("\r\n").replace("<token>", &token);
        let sent = format!("{head}\r\nConnection: close\r\n\r\n{}", body.replace(CODE, code));
        let mut stream = TcpStream::connect(&site.running[0].as_ref().unwrap().address).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (real_head, real_body) = reply.split_once("\r\n\r\n").unwrap();
        let (shown_head, shown_body) = parts(shown);
        for line in &shown_head {
            if !real_head.lines().any(|real| real.eq_ignore_ascii_case(line)) {
                faults.push(format!("{sent}\n\nthe reply lacks `{line}`:\n{reply}"));
            }
        }
        let real: Value = serde_json::from_str(real_body).unwrap();
        let shown: Value = serde_json::from_str(shown_body).unwrap();
        if !is_like(&shown, &real) {
            faults.push(format!(
                "{sent}\n\nthe reply is\n{real}\nand the document shows\n{shown}"
            ));
        }
        if let Some(granted) = real["access_token"].as_str() {
            token = granted.to_owned();
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
