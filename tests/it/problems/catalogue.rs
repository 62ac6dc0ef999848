//! Which codes have occurred, and that each had a title and details in both languages.

use std::collections::BTreeSet;
use std::ops::AsyncFn;

use iku::platform::error::{Code, Fault};
use serde_json::Value;

use crate::support::world::{Client, Reply};

/// Words that belong to one language alone.
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
}

impl Coverage {
    /// Sends the request in both languages; both must be refused with this code. Returns the English problem.
    pub async fn meet(&mut self, code: Code, actor: &Client, ask: impl AsyncFn(Client) -> Reply) -> Reply {
        let (status, name) = (code.status().as_u16(), code.as_str());
        let indonesian = ask(actor.with("accept-language", "id-ID, en;q=0.5")).await;
        let indonesian = indonesian.problem(status, name);
        let english = ask(actor.with("accept-language", "fr, en-GB;q=0.9, id;q=0.3")).await;
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
        for field in english.json["errors"].as_array().unwrap() {
            let code = field["code"].as_str().unwrap();
            let known = all().into_iter().find(|known| *known == code);
            self.occurred
                .insert(known.unwrap_or_else(|| panic!("{code} is not in the catalogue")));
        }
        english
    }

    /// Returns the codes of the catalogue that have not occurred.
    pub fn missing(&self) -> Vec<&'static str> {
        all().into_iter().filter(|code| !self.occurred.contains(code)).collect()
    }
}

/// Returns every code of the catalogue.
pub fn all() -> Vec<&'static str> {
    let problems = Code::ALL.iter().map(|code| code.as_str());
    problems.chain(Fault::ALL.iter().map(|fault| fault.as_str())).collect()
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
    // Ids have letters between digits, which are not words.
    for word in outside.split(|c: char| !c.is_alphanumeric() && c != '_') {
        assert!(!foreign.contains(&word), "\"{word}\" is not {lang}: {sentence}");
    }
}
