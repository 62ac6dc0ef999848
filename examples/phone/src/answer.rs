//! One answered questionnaire, as it will be sent.

use chrono::{Local, SecondsFormat};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The members of an answer; the service leaves out any other.
const MEMBERS: [&str; 8] = [
    "id",
    "survey_id",
    "answers",
    "answered_at",
    "service",
    "village_code",
    "respondent",
    "comment",
];

/// An answer with its id. Its text is created once and sent byte for byte in every try: the same id with other content
/// would be a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    id: Uuid,
    text: String,
}

impl Answer {
    /// Takes the output of the questionnaire's form: a JSON object with at least `survey_id` and `answers`.
    /// Adds an `id` and an `answered_at` if they are absent. Returns an error for an obvious mistake, while the
    /// respondent is still present; the service checks the rest.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut content: Map<String, Value> =
            serde_json::from_str(text).map_err(|e| format!("an answer is a JSON object: {e}"))?;
        // Null and absent mean the same.
        content.retain(|_, value| !value.is_null());
        if let Some(name) = content.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(format!("`{name}` is not part of an answer"));
        }
        uuid(&content, "survey_id")?;
        if !content.contains_key("id") {
            content.insert("id".to_owned(), Value::from(Uuid::new_v4().to_string()));
        }
        let id = uuid(&content, "id")?;
        if !content.contains_key("answered_at") {
            // With the offset of the phone's own time zone, to the second.
            let now = Local::now().to_rfc3339_opts(SecondsFormat::Secs, false);
            content.insert("answered_at".to_owned(), Value::from(now));
        }
        let answers = content.get("answers").and_then(Value::as_object);
        let answers = answers.ok_or("`answers` is an object of element and score")?;
        if answers.is_empty() {
            return Err("`answers` is empty".to_owned());
        }
        if let Some((element, _)) = answers.iter().find(|(_, score)| !matches!(score.as_i64(), Some(1..=4))) {
            return Err(format!("the score of `{element}` is 1 to 4"));
        }
        let text = Value::Object(content).to_string();
        Ok(Self { id, text })
    }

    /// Reads a text that [`Answer::text`] returned, and does not change it.
    pub fn stored(text: &str) -> Option<Self> {
        let content: Map<String, Value> = serde_json::from_str(text).ok()?;
        let id = uuid(&content, "id").ok()?;
        Some(Self {
            id,
            text: text.to_owned(),
        })
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// One line of JSON.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn uuid(content: &Map<String, Value>, name: &str) -> Result<Uuid, String> {
    let text = content.get(name).and_then(Value::as_str).unwrap_or_default();
    Uuid::parse_str(text).map_err(|_| format!("`{name}` is a UUID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURVEY: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f";

    #[test]
    fn absent_id_and_instant_are_added_once() {
        let answer = Answer::new(&format!(
            r#"{{"survey_id": "{SURVEY}", "answers": {{"waktu": 3}}, "service": "ktp", "comment": null}}"#
        ))
        .unwrap();
        assert!(answer.text().contains("answered_at") && !answer.text().contains("comment"));
        assert_eq!(Answer::new(answer.text()).unwrap(), answer);
        assert_eq!(Answer::stored(answer.text()).unwrap(), answer);
    }

    #[test]
    fn rejects_obvious_mistakes() {
        for (text, expected) in [
            ("[]", "JSON object"),
            (r#"{"survey_id": "x"}"#, "survey_id"),
            (r#"{"survey_id": "S", "nik": "63"}"#, "nik"),
            (r#"{"survey_id": "S", "id": 7}"#, "`id`"),
            (r#"{"survey_id": "S", "answers": {}}"#, "empty"),
            (r#"{"survey_id": "S", "answers": {"waktu": 5}}"#, "waktu"),
        ] {
            let error = Answer::new(&text.replace("\"S\"", &format!("\"{SURVEY}\""))).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
