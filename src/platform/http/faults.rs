//! The faults that a schema finds in a body or a query, with messages that help a person to correct them.

use std::borrow::Cow;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as K};
use serde_json::Value;

use super::schema::MAX_DECIMALS;
use crate::platform::error::{Fault, FieldError};
use crate::platform::text::Text;

/// The most faults that are collected. More than an answer lists, so that it can say how many it leaves out.
const MAX_COLLECTED: usize = 1000;

/// Every fault, each pointing at its field; `root` is `#/` for bodies and `query:` for query strings.
pub fn field_errors<'a>(errors: impl Iterator<Item = ValidationError<'a>>, root: &str) -> Vec<FieldError> {
    let mut out = Vec::new();
    for error in errors.take(MAX_COLLECTED) {
        collect(&error, root, &mut out);
    }
    out.truncate(MAX_COLLECTED);
    out
}

fn collect(error: &ValidationError<'_>, root: &str, out: &mut Vec<FieldError>) {
    let path = error.instance_path().to_string();
    let at = |member: Option<&str>| pointer(root, &path, member);
    match error.kind() {
        K::Required { property } => {
            let text = Text::new("Wajib diisi.", "Is required.");
            out.push(FieldError::new(at(property.as_str()), Fault::Required, text));
        }
        K::AdditionalProperties { unexpected } => {
            let text = Text::new("Isian tidak dikenal.", "Unknown field.");
            let unknown = |name: &String| FieldError::new(at(Some(name)), Fault::UnknownField, text.clone());
            out.extend(unexpected.iter().take(MAX_COLLECTED).map(unknown));
        }
        K::AnyOf { context } | K::OneOfNotValid { context } => match helpful(context) {
            Helpful::Branch(branch) => branch.iter().for_each(|e| collect(e, root, out)),
            Helpful::Tag { path, codes } => {
                out.push(plain(pointer(root, &path, None), &K::Enum { options: codes.into() }));
            }
            Helpful::None => out.push(plain(at(None), error.kind())),
        },
        kind => out.push(plain(at(None), kind)),
    }
}

/// The faults of a choice between schemas that help the caller.
enum Helpful<'a> {
    /// The faults of the alternative that the caller meant.
    Branch(&'a [ValidationError<'static>]),
    /// A union by tag: the tag must be one of these.
    Tag {
        path: String,
        codes: Value,
    },
    None,
}

/// Returns the branch that is not "null" of a nullable schema, and the branch that accepts the tag of a union.
fn helpful<'a>(context: &'a [Vec<ValidationError<'static>>]) -> Helpful<'a> {
    let branches = || context.iter().filter(|branch| !branch.iter().any(wants_null));
    let meant = branches()
        .filter(|branch| !branch.iter().any(|e| refused_tag(e).is_some()))
        .min_by_key(|branch| branch.len());
    if let Some(branch) = meant {
        return Helpful::Branch(branch);
    }
    let mut tags = branches().filter_map(|branch| branch.iter().find_map(refused_tag));
    let Some((path, first)) = tags.next() else {
        return Helpful::None;
    };
    let codes = std::iter::once(first).chain(tags.map(|(_, code)| code)).cloned();
    Helpful::Tag {
        path,
        codes: codes.collect(),
    }
}

/// A member with exactly one allowed value has another value: it is the tag of another alternative.
fn refused_tag<'a>(error: &'a ValidationError<'static>) -> Option<(String, &'a Value)> {
    let code = match error.kind() {
        K::Enum { options } => match options.as_array()?.as_slice() {
            [only] => only,
            _ => return None,
        },
        K::Constant { expected_value } => expected_value,
        _ => return None,
    };
    Some((error.instance_path().to_string(), code))
}

fn wants_null(error: &ValidationError<'static>) -> bool {
    matches!(error.kind(), K::Type { kind: TypeKind::Single(t) } if t.to_string() == "null")
}

fn pointer(root: &str, path: &str, member: Option<&str>) -> String {
    let path = path.trim_start_matches('/');
    match member {
        None => format!("{root}{path}"),
        Some(name) => {
            let name = name.replace('~', "~0").replace('/', "~1");
            if path.is_empty() {
                format!("{root}{name}")
            } else {
                format!("{root}{path}/{name}")
            }
        }
    }
}

fn plain(pointer: String, kind: &K) -> FieldError {
    let (fault, detail) = words(kind);
    FieldError::new(pointer, fault, detail)
}

fn words(kind: &K) -> (Fault, Text) {
    match kind {
        K::Type { kind } => {
            let types: Vec<String> = match kind {
                TypeKind::Single(t) => vec![t.to_string()],
                TypeKind::Multiple(ts) => ts.iter().map(|t| t.to_string()).collect(),
            };
            let indonesian: Vec<&str> = types.iter().map(|t| type_in_indonesian(t)).collect();
            let (id, en) = (indonesian.join(" | "), types.join(" | "));
            both(
                Fault::Type,
                format!("Jenis nilai harus {id}."),
                format!("Must be of type {en}."),
            )
        }
        K::Enum { options } => {
            let options = list(options);
            let (id, en) = (
                format!("Harus salah satu dari: {options}."),
                format!("Must be one of: {options}."),
            );
            both(Fault::Enum, id, en)
        }
        K::Format { format } => format_words(format),
        K::Minimum { limit } => both(
            Fault::Minimum,
            format!("Minimal {limit}."),
            format!("At least {limit}."),
        ),
        K::Maximum { limit } => both(
            Fault::Maximum,
            format!("Maksimal {limit}."),
            format!("At most {limit}."),
        ),
        K::MinLength { limit } => {
            let id = format!("Panjang minimal {limit} karakter.");
            both(Fault::MinLength, id, format!("At least {limit} characters."))
        }
        K::MaxLength { limit } => {
            let id = format!("Panjang maksimal {limit} karakter.");
            both(Fault::MaxLength, id, format!("At most {limit} characters."))
        }
        K::MinItems { limit } => both(
            Fault::MinItems,
            format!("Minimal {limit} butir."),
            format!("At least {limit} items."),
        ),
        K::MaxItems { limit } => both(
            Fault::MaxItems,
            format!("Maksimal {limit} butir."),
            format!("At most {limit} items."),
        ),
        K::Custom { keyword, message } if keyword == MAX_DECIMALS => {
            let id = format!("Paling banyak {message} angka di belakang koma.");
            both(Fault::MaxDecimals, id, format!("At most {message} decimals."))
        }
        K::UniqueItems => both(Fault::UniqueItems, "Tidak boleh berulang.", "Items must not repeat."),
        // Patterns, and keywords that no schema of this service uses.
        _ => both(Fault::Pattern, "Bentuknya tidak sesuai.", "Has the wrong format."),
    }
}

fn both(fault: Fault, id: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> (Fault, Text) {
    (fault, Text::new(id, en))
}

fn type_in_indonesian(name: &str) -> &str {
    match name {
        "string" => "teks (string)",
        "integer" => "bilangan bulat (integer)",
        "number" => "angka (number)",
        "boolean" => "ya/tidak (boolean)",
        "array" => "daftar (array)",
        "object" => "objek (object)",
        "null" => "kosong (null)",
        other => other,
    }
}

fn format_words(format: &str) -> (Fault, Text) {
    let text = match format {
        "date" => Text::new(
            "Bukan tanggal yang sah (YYYY-MM-DD).",
            "Is not a valid date (YYYY-MM-DD).",
        ),
        "date-time" => Text::new(
            "Bukan waktu RFC 3339 yang sah (2025-06-30T09:00:00+08:00).",
            "Is not a valid RFC 3339 instant (2025-06-30T09:00:00+08:00).",
        ),
        "uuid" => Text::new("Bukan UUID yang sah.", "Is not a valid UUID."),
        other => Text::new(format!("Bukan {other} yang sah."), format!("Is not a valid {other}.")),
    };
    (Fault::Format, text)
}

fn list(options: &Value) -> String {
    let words = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    options
        .as_array()
        .map(|a| a.iter().map(words).collect::<Vec<_>>().join(", "))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `pointer code` of every fault of a value under a union of two kinds.
    fn faults(value: &Value) -> Vec<String> {
        let kind = |kind: &str, member: &str| {
            json!({"type": "object", "additionalProperties": false, "required": ["kind", member],
                "properties": {"kind": {"type": "string", "enum": [kind]}, member: {"type": "integer"}}})
        };
        let schema = json!({"properties": {"f": {"oneOf": [{"type": "null"}, kind("a", "x"), kind("b", "y")]}}});
        let validator = jsonschema::validator_for(&schema).unwrap();
        let said = field_errors(validator.iter_errors(value), "#/");
        said.iter()
            .map(|e| format!("{} {}", e.pointer, e.code.as_str()))
            .collect()
    }

    #[test]
    fn faults_in_a_union_are_those_of_the_kind_that_was_meant() {
        assert_eq!(faults(&json!({"f": {"kind": "b", "y": 1}})), [""; 0]);
        assert_eq!(faults(&json!({"f": {"kind": "b", "y": "1"}})), ["#/f/y type"]);
        assert_eq!(
            faults(&json!({"f": {"kind": "b", "x": 1}})),
            ["#/f/y required", "#/f/x unknown_field"]
        );
        assert_eq!(faults(&json!({"f": {"kind": "c", "y": 1}})), ["#/f/kind enum"]);
        assert_eq!(faults(&json!({"f": {"kind": 1}})), ["#/f/kind enum"]);
        assert_eq!(faults(&json!({"f": 7})), ["#/f type"]);
        assert!(faults(&json!({"f": {"y": 1}})).contains(&"#/f/kind required".to_owned()));
    }
}
