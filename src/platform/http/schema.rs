//! The JSON Schema dialect of this service: draft 2020-12 with formats, and two keywords of its own.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use jsonschema::paths::Location;
use jsonschema::{Keyword, PatternCache, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use super::moment::Moment;
use crate::core::closed_list::closed_list;

/// The largest number of decimals. `multipleOf` would mean the same, but few validators divide exactly.
pub const MAX_DECIMALS: &str = "x-max-decimals";

/// The characters that a text may have; its values are those of [`TextRule`].
pub const TEXT: &str = "x-text";

/// The values of [`TEXT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRule {
    /// One line of visible characters, at least one of which is not a blank.
    Line,
    /// The same of several lines; characters that join or space others are allowed.
    Lines,
    /// At least one character that is not a blank, and no NUL (PostgreSQL cannot store it).
    Words,
    /// No NUL.
    Any,
}
closed_list!(TextRule { Line "line", Lines "lines", Words "words", Any "any" });

impl TextRule {
    pub fn of(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Returns the rule in words, for descriptions; `None` where nobody would break it by mistake.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            TextRule::Line => Some("One line, without control, invisible or direction characters."),
            TextRule::Lines => Some("Without control or direction characters."),
            TextRule::Words | TextRule::Any => None,
        }
    }

    pub fn accepts(self, text: &str) -> bool {
        let is_refused: fn(char) -> bool = match self {
            TextRule::Line => is_hidden,
            TextRule::Lines => is_control,
            TextRule::Words | TextRule::Any => |c| c == '\0',
        };
        // The least length refuses the empty text, with an error of its own.
        let is_blank = !text.is_empty() && text.chars().all(|c| c.is_whitespace());
        !text.chars().any(is_refused) && (self == TextRule::Any || !is_blank)
    }
}

/// Control characters, invisible characters, and characters that change the direction of a text: Unicode's categories Cc, Cf,
/// Zl and Zp, and its property Default_Ignorable_Code_Point.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}'
        | '\u{70F}' | '\u{890}' | '\u{891}' | '\u{8E2}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Control characters except tab and line ends, and characters that change the direction of a text.
const fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\x7F'..='\u{9F}' | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}')
}

/// The compiled patterns. Hundreds of schemas have the same few.
static PATTERNS: LazyLock<PatternCache> = LazyLock::new(PatternCache::new);

/// Compiles a schema; an error names the part that cannot be compiled.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .with_pattern_cache(PATTERNS.clone())
        .with_format(Moment::FORMAT, Moment::is_valid)
        .with_keyword(MAX_DECIMALS, max_decimals)
        .with_keyword(TEXT, text)
        .build(schema)
        .map_err(|e| e.to_string())
}

fn max_decimals<'a>(
    _parent: &'a Map<String, Value>,
    most: &'a Value,
    _at: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    match most.as_u64().and_then(|most| usize::try_from(most).ok()) {
        Some(most) => Ok(Box::new(MaxDecimals(most))),
        None => Err(ValidationError::custom("is a whole number")),
    }
}

struct MaxDecimals(usize);

impl<'i> Keyword<'i> for MaxDecimals {
    /// The message is the bound alone; [`super::field_errors`] has the text.
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(self.0.to_string())),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        if !instance.is_f64() {
            return true;
        }
        // `Display` of a double is its shortest decimal, never with an exponent.
        let text = instance.as_f64().unwrap_or_default().to_string();
        text.split_once('.')
            .is_none_or(|(_, decimals)| decimals.len() <= self.0)
    }
}

fn text<'a>(
    _parent: &'a Map<String, Value>,
    rule: &'a Value,
    _at: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    match rule.as_str().and_then(TextRule::of) {
        Some(rule) => Ok(Box::new(rule)),
        None => Err(ValidationError::custom("is the name of a rule for text")),
    }
}

impl<'i> Keyword<'i> for TextRule {
    /// The message is the name of the rule; [`super::field_errors`] has the text.
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(self.as_str())),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_str().is_none_or(|text| self.accepts(text))
    }
}

/// Returns the schema of a list of texts; a derived schema cannot bound the items.
pub fn texts(description: &str, count: RangeInclusive<usize>, longest: usize) -> ArrayBuilder {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(longest));
    ArrayBuilder::new()
        .description(Some(description))
        .items(text)
        .min_items((*count.start() > 0).then_some(*count.start()))
        .max_items(Some(*count.end()))
}
