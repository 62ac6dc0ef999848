//! Collects the codes that occur, and checks that each has a title and details in both languages.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AsyncFn;

use iku::platform::error::{Code, FieldCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{Client, Reply};

/// Words that exist in only one of the languages.
const INDONESIAN: &[&str] = &[
    "yang", "tidak", "harus", "bukan", "dan", "atau", "sudah", "dapat", "untuk", "wajib", "hanya", "belum", "paling",
    "perlu", "kirim", "salah", "jenis", "panjang", "masuk", "adalah", "dengan", "ini", "sebagai", "minimal",
    "maksimal",
];
const ENGLISH: &[&str] = &[
    "the", "is", "not", "must", "of", "and", "or", "at", "be", "already", "known", "least", "most", "has", "needed",
    "send", "this", "with", "by", "cannot", "become", "that", "are", "no", "wrong", "valid",
];

#[derive(Default)]
pub struct Coverage {
    occurred: BTreeSet<&'static str>,
    /// By media type and code: the shortest problem.
    examples: BTreeMap<String, BTreeMap<&'static str, Value>>,
}

impl Coverage {
    /// Sends the request in both languages; both must be refused with this code. Returns the English problem.
    pub async fn meet(&mut self, code: Code, actor: &Client, ask: impl AsyncFn(Client) -> Reply) -> Reply {
        let (status, name) = (code.status().as_u16(), code.as_str());
        let indonesian = ask(actor.with("accept-language", "id-ID, en;q=0.5")).await;
        let indonesian = indonesian.problem(status, name);
        let english = actor.with("x-request-id", "contoh");
        let english = ask(english.with("accept-language", "fr, en-GB;q=0.9, id;q=0.3")).await;
        let english = english.problem(status, name);
        let title = code.title();
        for (reply, lang, title) in [(&indonesian, "id", &title.id), (&english, "en", &title.en)] {
            assert_eq!(reply.header("content-language"), lang);
            assert!(reply.header("vary").contains("Accept-Language"));
            assert_eq!(reply.json["title"], title.as_ref());
            assert_eq!(reply.json["status"], status);
            for sentence in sentences(&reply.json) {
                check_language(lang, sentence);
            }
        }
        for (one, other) in sentences(&indonesian.json).into_iter().zip(sentences(&english.json)) {
            assert_ne!(one, other, "{name} has the same text in both languages");
        }
        self.occurred.insert(name);
        self.keep(name, &english);
        for field in english.json["errors"].as_array().unwrap() {
            let code = field["code"].as_str().unwrap();
            let known = all().into_iter().find(|known| *known == code);
            self.occurred
                .insert(known.unwrap_or_else(|| panic!("{code} is not in the catalogue")));
        }
        english
    }

    fn keep(&mut self, name: &'static str, reply: &Reply) {
        let length = |problem: &Value| problem.to_string().len();
        let mut problem = reply.json.clone();
        without_ids(&mut problem);
        let of_media = self
            .examples
            .entry(reply.header("content-type").to_owned())
            .or_default();
        if of_media.get(name).is_none_or(|known| length(&problem) < length(known)) {
            of_media.insert(name, problem);
        }
    }

    /// Returns an example of each problem.
    pub fn examples(self) -> Value {
        json!(self.examples)
    }

    /// Returns the codes of the catalogue that have not occurred.
    pub fn missing(&self) -> Vec<&'static str> {
        all().into_iter().filter(|code| !self.occurred.contains(code)).collect()
    }
}

/// Returns every code of the catalogue.
pub fn all() -> Vec<&'static str> {
    let problems = Code::ALL.iter().map(|code| code.as_str());
    problems
        .chain(FieldCode::ALL.iter().map(|code| code.as_str()))
        .collect()
}

/// Replaces the ids that differ between two runs.
fn without_ids(value: &mut Value) {
    const ID: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";
    match value {
        Value::String(text) => {
            for at in 0..text.len() {
                let part = text.get(at..at + ID.len());
                if part.is_some_and(|part| part.parse::<Uuid>().is_ok()) {
                    text.replace_range(at..at + ID.len(), ID);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        Value::Object(members) => members.values_mut().for_each(without_ids),
        _ => {}
    }
}

/// Returns the details of the problem and of each field.
fn sentences(problem: &Value) -> Vec<&str> {
    let fields = problem["errors"].as_array().unwrap().iter();
    let details = fields.map(|field| field["detail"].as_str().unwrap());
    std::iter::once(problem["detail"].as_str().unwrap())
        .chain(details)
        .collect()
}

/// Checks that the text has no word of the other language outside quotes, backticks and parentheses.
fn check_language(lang: &str, sentence: &str) {
    let foreign = if lang == "id" { ENGLISH } else { INDONESIAN };
    let mut plain = String::new();
    let mut quoted = 0;
    for c in sentence.chars() {
        match c {
            '(' => quoted += 1,
            ')' => quoted -= 1,
            _ if quoted > 0 => {}
            c => plain.extend(c.to_lowercase()),
        }
    }
    let outside = plain.split(['"', '`']).step_by(2).collect::<Vec<_>>().join(" ");
    // Letters between digits belong to an id and are not words.
    for word in outside.split(|c: char| !c.is_alphanumeric() && c != '_') {
        assert!(!foreign.contains(&word), "\"{word}\" is not {lang}: {sentence}");
    }
}
