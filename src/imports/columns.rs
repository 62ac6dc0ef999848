//! The columns of a table: what a cell fills, and how its text is read.

use serde_json::{Map, Value};

use crate::exports::csv::unescaped;

/// Where the text of a cell goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into the record.
    Record,
    /// Into a part of the record: a decree of an institution, an event of a case. Each row has one.
    Part,
    /// Beside the record: it says which record is meant, or how the change is made.
    Beside,
    /// Nowhere: exports have the column, and the service computes it.
    Nowhere,
}

/// How the text of a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Text,
    /// A code, a day or an instant: without blanks around it.
    Word,
    Whole,
    /// With a decimal point or a decimal comma.
    Decimal,
    /// Words with blanks between them.
    Words,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    /// The member that the cell fills; a member of a member is behind a slash.
    pub member: &'static str,
    pub place: Place,
    pub kind: Kind,
    /// What to write into the column, for the template.
    pub about: &'static str,
    pub example: &'static str,
}

impl Column {
    pub const fn word(name: &'static str, about: &'static str, example: &'static str) -> Self {
        Self {
            name,
            member: name,
            place: Place::Record,
            kind: Kind::Word,
            about,
            example,
        }
    }

    pub const fn text(name: &'static str, about: &'static str, example: &'static str) -> Self {
        Self::word(name, about, example).kind(Kind::Text)
    }

    /// A column that only exports have.
    pub const fn exported(name: &'static str) -> Self {
        Self::word(name, "", "").at(Place::Nowhere)
    }

    pub const fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    pub const fn fills(self, member: &'static str) -> Self {
        Self { member, ..self }
    }

    /// The name of what the cell says: the member of a record, or the column of what is beside it.
    pub fn key(&self) -> &'static str {
        match self.place {
            Place::Beside => self.name,
            Place::Record | Place::Part | Place::Nowhere => self.member,
        }
    }

    /// Reads a cell; null if it is empty. What cannot be read stays a text, which the schema refuses.
    pub fn read(&self, cell: &str) -> Value {
        let word = cell.trim();
        if word.is_empty() {
            return Value::Null;
        }
        match self.kind {
            Kind::Text => unescaped(cell).into(),
            Kind::Word => unescaped(word).into(),
            Kind::Words => word.split_whitespace().map(Value::from).collect(),
            Kind::Whole => word.parse::<i64>().map_or_else(|_| word.into(), Value::from),
            Kind::Decimal => {
                let is_comma = word.matches(',').count() == 1 && !word.contains('.');
                let pointed = if is_comma {
                    word.replace(',', ".")
                } else {
                    word.to_owned()
                };
                let is_plain = pointed.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
                match pointed.parse::<serde_json::Number>() {
                    Ok(number) if is_plain => Value::Number(number),
                    _ => word.into(),
                }
            }
        }
    }
}

/// Sets a member; a slash in its name leads into another object.
pub fn set(record: &mut Map<String, Value>, member: &str, value: Value) {
    match member.split_once('/') {
        None => drop(record.insert(member.to_owned(), value)),
        Some((outer, inner)) => {
            let object = record.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(inner.to_owned(), value);
            }
        }
    }
}

/// Returns a record without its nulls, and without objects that have no member.
pub fn without_nulls(record: &Map<String, Value>) -> Value {
    let kept = record.iter().filter_map(|(name, value)| {
        let value = match value {
            Value::Null => return None,
            Value::Object(members) => match without_nulls(members) {
                Value::Object(members) if members.is_empty() => return None,
                members => members,
            },
            value => value.clone(),
        };
        Some((name.clone(), value))
    });
    Value::Object(kept.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_read_by_the_kind_of_their_column() {
        let of = |kind, cell: &str| Column::word("x", "", "").kind(kind).read(cell);
        for kind in [Kind::Text, Kind::Word, Kind::Whole, Kind::Decimal, Kind::Words] {
            assert_eq!(of(kind, "  "), Value::Null);
        }
        assert_eq!(of(Kind::Text, " a "), json!(" a "));
        assert_eq!(of(Kind::Text, "'=1+1"), json!("=1+1"));
        assert_eq!(of(Kind::Text, "=1+1"), json!("=1+1"));
        assert_eq!(of(Kind::Word, " lppd "), json!("lppd"));
        assert_eq!(of(Kind::Whole, "2024 "), json!(2024));
        assert_eq!(of(Kind::Whole, "2024,5"), json!("2024,5"));
        assert_eq!(of(Kind::Decimal, "83,45").to_string(), "83.45");
        assert_eq!(of(Kind::Decimal, "83.45").to_string(), "83.45");
        assert_eq!(of(Kind::Decimal, "90"), json!(90));
        for wrong in ["1.234,5", "1,2,3", "NaN", "1e99", "0x1"] {
            assert_eq!(of(Kind::Decimal, wrong), json!(wrong));
        }
        assert_eq!(of(Kind::Words, "biaya  sarana"), json!(["biaya", "sarana"]));
    }

    #[test]
    fn members_of_members_are_set() {
        let mut record = Map::new();
        set(&mut record, "kind", json!("rt"));
        set(&mut record, "respondent/age", json!(34));
        set(&mut record, "respondent/gender", Value::Null);
        set(&mut record, "answers/biaya", Value::Null);
        assert_eq!(without_nulls(&record), json!({"kind": "rt", "respondent": {"age": 34}}));
    }
}
