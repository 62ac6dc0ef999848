//! The errors that a schema finds in a body or a query, with messages that help people to correct them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as K};
use serde_json::Value;

use super::hints::{Hints, QUERY};
use super::moment::Moment;
use super::schema::{MAX_DECIMALS, TEXT, TextRule};
use crate::platform::error::{FieldCode, FieldError, FieldErrorCode};
use crate::platform::text::{Text, quantity};

/// The most errors that are collected. A response lists fewer, but has the number of all, or says that there are more.
pub const MAX_COLLECTED: usize = 1000;

/// Returns every error with the pointer of its field; `root` is `#/` for bodies and `query:` for query strings.
pub fn field_errors<'a>(
    errors: impl Iterator<Item = ValidationError<'a>>,
    root: &str,
    hints: Hints<'_>,
) -> Vec<FieldError> {
    let mut out = Vec::new();
    let mut misformed = BTreeSet::new();
    for error in errors.take(MAX_COLLECTED) {
        if let K::Pattern { .. } = error.kind() {
            misformed.insert(pointer(root, &error.instance_path().to_string(), None));
        }
        collect(&error, root, hints, &mut out);
    }
    // A code of the wrong form often has the wrong length, too. The right form says it all.
    let lengths = [FieldCode::MinLength, FieldCode::MaxLength].map(FieldErrorCode::Field);
    out.retain(|e| !(lengths.contains(&e.code) && misformed.contains(&e.pointer)));
    out.truncate(MAX_COLLECTED);
    out
}

fn collect(error: &ValidationError<'_>, root: &str, hints: Hints<'_>, out: &mut Vec<FieldError>) {
    let path = error.instance_path().to_string();
    let at = |member: Option<&str>| pointer(root, &path, member);
    match error.kind() {
        K::Required { property } => {
            let text = Text::new("Wajib diisi.", "Is required.");
            out.push(FieldError::new(at(property.as_str()), FieldCode::Required, text));
        }
        K::AdditionalProperties { unexpected } => {
            let unknown =
                |name: &String| FieldError::new(at(Some(name)), FieldCode::UnknownField, hints.unknown(name, root));
            out.extend(unexpected.iter().take(MAX_COLLECTED).map(unknown));
        }
        // The only choices of the document are those between a value and null.
        K::OneOfNotValid { context } => match context.iter().find(|branch| !branch.iter().any(wants_null)) {
            Some(branch) => branch.iter().for_each(|e| collect(e, root, hints, out)),
            None => out.push(single(at(None), root, error.kind(), hints)),
        },
        kind => out.push(single(at(None), root, kind, hints)),
    }
}

fn wants_null(error: &ValidationError<'static>) -> bool {
    matches!(error.kind(), K::Type { kind: TypeKind::Single(t) } if t.to_string() == "null")
}

fn pointer(root: &str, path: &str, member: Option<&str>) -> String {
    let path = path.trim_start_matches('/');
    match member {
        None => format!("{root}{path}"),
        Some(name) => {
            let name = reference_token(name);
            if path.is_empty() {
                format!("{root}{name}")
            } else {
                format!("{root}{path}/{name}")
            }
        }
    }
}

/// Returns the name of a member as a part of a JSON pointer (RFC 6901).
pub fn reference_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn single(pointer: String, root: &str, kind: &K, hints: Hints<'_>) -> FieldError {
    let (code, mut detail) = code_and_text(kind, hints);
    if root == QUERY && matches!(kind, K::Format { format } if format == "date-time") {
        // A form decodes a plus as a blank.
        let more = |text: &str, more: &str| format!("{text} {more}");
        let id = more(&detail.id, "Di dalam alamat, + ditulis %2B.");
        detail = Text::new(id, more(&detail.en, "In an address, + is written %2B."));
    }
    FieldError::new(pointer, code, detail)
}

fn code_and_text(kind: &K, hints: Hints<'_>) -> (FieldCode, Text) {
    match kind {
        K::Type { kind } => {
            let types: Vec<String> = match kind {
                TypeKind::Single(t) => vec![t.to_string()],
                TypeKind::Multiple(ts) => ts.iter().map(|t| t.to_string()).collect(),
            };
            let indonesian: Vec<&str> = types.iter().map(|t| type_in_indonesian(t)).collect();
            let (id, en) = (indonesian.join(" | "), types.join(" | "));
            pair(
                FieldCode::Type,
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
            pair(FieldCode::Enum, id, en)
        }
        K::Format { format } => format_text(format),
        K::Minimum { limit } => pair(
            FieldCode::Minimum,
            format!("Minimal {limit}."),
            format!("At least {limit}."),
        ),
        K::Maximum { limit } => pair(
            FieldCode::Maximum,
            format!("Maksimal {limit}."),
            format!("At most {limit}."),
        ),
        K::MinLength { limit } => {
            let id = format!("Panjang minimal {limit} karakter.");
            pair(
                FieldCode::MinLength,
                id,
                format!("At least {}.", quantity(limit, "character")),
            )
        }
        K::MaxLength { limit } => {
            let id = format!("Panjang maksimal {limit} karakter.");
            pair(
                FieldCode::MaxLength,
                id,
                format!("At most {}.", quantity(limit, "character")),
            )
        }
        K::MinItems { limit } => pair(
            FieldCode::MinItems,
            format!("Minimal {limit} butir."),
            format!("At least {}.", quantity(limit, "item")),
        ),
        K::MaxItems { limit } => pair(
            FieldCode::MaxItems,
            format!("Maksimal {limit} butir."),
            format!("At most {}.", quantity(limit, "item")),
        ),
        K::Custom { keyword, message } if keyword == MAX_DECIMALS => {
            let id = format!("Paling banyak {message} angka di belakang koma.");
            pair(
                FieldCode::MaxDecimals,
                id,
                format!("At most {}.", quantity(message, "decimal")),
            )
        }
        K::Custom { keyword, message } if keyword == TEXT => match TextRule::of(message) {
            Some(TextRule::Line) => pair(
                FieldCode::Pattern,
                "Harus satu baris yang terbaca, tanpa karakter kendali, karakter tak terlihat, atau pengubah arah.",
                "Must be one legible line, without control, invisible or direction characters.",
            ),
            Some(TextRule::Lines) => pair(
                FieldCode::Pattern,
                "Harus teks yang terbaca, tanpa karakter kendali atau pengubah arah.",
                "Must be legible text, without control or direction characters.",
            ),
            Some(TextRule::Words | TextRule::Any) | None => pair(
                FieldCode::Pattern,
                "Tidak boleh hanya spasi, dan tidak boleh memuat karakter NUL.",
                "Must not be blank, and must not contain a NUL character.",
            ),
        },
        K::Pattern { pattern } if let Some(example) = hints.examples.get(pattern) => pair(
            FieldCode::Pattern,
            format!("Bentuknya tidak sesuai. Contoh yang benar: {example}."),
            format!("Has the wrong format. A right one: {example}."),
        ),
        K::UniqueItems => pair(FieldCode::UniqueItems, "Tidak boleh berulang.", "Must not repeat."),
        // Patterns, and keywords that no schema of this service uses.
        _ => pair(FieldCode::Pattern, "Bentuknya tidak sesuai.", "Has the wrong format."),
    }
}

fn pair(code: FieldCode, id: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> (FieldCode, Text) {
    (code, Text::new(id, en))
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

fn format_text(format: &str) -> (FieldCode, Text) {
    let text = match format {
        "date" => Text::new(
            "Bukan tanggal yang sah (YYYY-MM-DD).",
            "Is not a valid date (YYYY-MM-DD).",
        ),
        Moment::FORMAT => Text::new(
            "Bukan tanggal atau waktu yang sah (2025-06-30 atau 2025-06-30T09:00:00+08:00).",
            "Is not a valid date or instant (2025-06-30 or 2025-06-30T09:00:00+08:00).",
        ),
        "date-time" => Text::new(
            "Bukan waktu RFC 3339 yang sah (2025-06-30T09:00:00+08:00).",
            "Is not a valid RFC 3339 instant (2025-06-30T09:00:00+08:00).",
        ),
        "uuid" => Text::new(
            "Bukan UUID yang sah (3f0e4c57-9a31-4c1f-8e3c-2b116f7d9e3f).",
            "Is not a valid UUID (3f0e4c57-9a31-4c1f-8e3c-2b116f7d9e3f).",
        ),
        other => Text::new(format!("Bukan {other} yang sah."), format!("Is not a valid {other}.")),
    };
    (FieldCode::Format, text)
}

fn list(options: &Value) -> String {
    let option = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    options
        .as_array()
        .map(|a| a.iter().map(option).collect::<Vec<_>>().join(", "))
        .unwrap_or_default()
}
