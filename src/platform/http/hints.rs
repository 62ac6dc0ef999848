//! What the message about a wrong field can name as right: known names, and examples of patterns.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::platform::text::Text;

/// The root of the pointers of a query.
pub const QUERY: &str = "query:";

/// The query parameters that version 0.1 named otherwise.
const RENAMED: [(&str, &str); 4] = [
    ("device", "client_id"),
    ("district", "district_code"),
    ("survey", "survey_id"),
    ("village", "village_code"),
];

/// The longest name of a field, in bytes, with some room.
const LONGEST_NAME: usize = 40;

/// What messages can name as right.
#[derive(Clone, Copy, Debug)]
pub struct Hints<'a> {
    /// The names that a body or a query knows.
    pub names: &'a BTreeSet<String>,
    /// A right value for each pattern of the document.
    pub examples: &'a HashMap<String, String>,
}

impl Hints<'_> {
    /// Returns the message about an unknown name: its present name, the nearest known name, or for a query all names.
    pub fn unknown(&self, name: &str, root: &str) -> Text {
        let renamed = RENAMED
            .into_iter()
            .find(|(old, new)| *old == name && self.names.contains(*new));
        if let Some((_, new)) = renamed.filter(|_| root == QUERY) {
            return Text::new(
                format!("Parameter ini sekarang bernama `{new}`."),
                format!("This parameter is now called `{new}`."),
            );
        }
        let distance = |known: &&String| strsim::damerau_levenshtein(known, name);
        let near = |known: &&String| distance(known) <= name.chars().count().min(6) / 2;
        // A long name is not a typing mistake, and its distance would take long.
        let short = name.len() <= LONGEST_NAME;
        let nearest = self
            .names
            .iter()
            .filter(|known| short && near(known))
            .min_by_key(distance);
        match nearest {
            Some(known) => Text::new(
                format!("Tidak dikenal; mungkin maksudnya {known}."),
                format!("Unknown; perhaps {known} is meant."),
            ),
            None if root == QUERY && !self.names.is_empty() => {
                let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
                let names = names.join(", ");
                Text::new(
                    format!("Tidak dikenal. Yang ada: {names}."),
                    format!("Unknown. There are: {names}."),
                )
            }
            None => Text::new("Tidak dikenal.", "Unknown field."),
        }
    }
}

/// Collects the example of each pattern in a part of the document.
pub fn collect_examples(part: &Value, examples: &mut HashMap<String, String>) {
    match part {
        Value::Object(members) => {
            let example = part.pointer("/examples/0").or(part.get("example"));
            if let (Some(Value::String(pattern)), Some(Value::String(example))) = (part.get("pattern"), example) {
                examples.entry(pattern.clone()).or_insert_with(|| example.clone());
            }
            members.values().for_each(|member| collect_examples(member, examples));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_examples(item, examples)),
        _ => {}
    }
}

/// Collects the names of all members in a schema and its components.
pub fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            let properties = members.get("properties").and_then(Value::as_object);
            names.extend(properties.into_iter().flat_map(Map::keys).cloned());
            members.values().for_each(|member| collect_names(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        _ => {}
    }
}
