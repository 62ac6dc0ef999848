//! Tables: named columns and rows of cells. Both writers take them, so a number is the same in CSV and in XLSX.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use futures_util::stream::{self, LocalBoxStream, StreamExt};
use uuid::Uuid;

use crate::core::decimal::{Hundredths, Thousandths};
use crate::platform::decimal_json::{Decimal2, Decimal3};
use crate::platform::error::{Error, OrInternal};

/// One cell. Missing is empty, never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    /// An exact decimal in its shortest form, with a point: `95`, `83.45`.
    Number(String),
    Day(NaiveDate),
}

pub type Row = Vec<Cell>;

/// The rows of a table, in parts. Each part is read when the one before is written.
pub type Parts = LocalBoxStream<'static, Result<Vec<Row>, Error>>;

/// A table of an export.
pub struct Table {
    /// The name of its sheet, at most 31 characters.
    pub title: &'static str,
    pub columns: Vec<String>,
    pub parts: Parts,
}

impl Table {
    pub fn new<C: Into<String>>(title: &'static str, columns: impl IntoIterator<Item = C>, parts: Parts) -> Self {
        Self {
            title,
            columns: columns.into_iter().map(Into::into).collect(),
            parts,
        }
    }

    /// Returns a table whose rows are known.
    pub fn of_rows<C: Into<String>>(title: &'static str, columns: impl IntoIterator<Item = C>, rows: Vec<Row>) -> Self {
        Self::new(title, columns, stream::once(async { Ok(rows) }).boxed_local())
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl From<i16> for Cell {
    fn from(number: i16) -> Self {
        i64::from(number).into()
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Hundredths> for Cell {
    fn from(number: Hundredths) -> Self {
        Self::Number(shortest(&number.to_string()))
    }
}

impl From<Thousandths> for Cell {
    fn from(number: Thousandths) -> Self {
        Self::Number(shortest(&number.to_string()))
    }
}

impl From<Decimal2> for Cell {
    fn from(number: Decimal2) -> Self {
        number.0.into()
    }
}

impl From<Decimal3> for Cell {
    fn from(number: Decimal3) -> Self {
        number.0.into()
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

/// An instant is a text, as in the API: a workbook has no time zones.
impl From<DateTime<Utc>> for Cell {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Text(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<Uuid> for Cell {
    fn from(id: Uuid) -> Self {
        Self::Text(id.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// Returns a decimal without zeros at its end, as JSON has it.
fn shortest(decimal: &str) -> String {
    decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns the word that a closed list or a code has in JSON.
pub fn word(value: impl serde::Serialize) -> Result<Cell, Error> {
    match serde_json::to_value(value).or_internal()? {
        serde_json::Value::Null => Ok(Cell::Empty),
        serde_json::Value::String(word) => Ok(Cell::Text(word)),
        other => Err(Error::internal(format!("{other} is not a word"))),
    }
}

/// Returns the words of a list with blanks between them; an empty list is an empty cell.
pub fn words<T: serde::Serialize>(values: impl IntoIterator<Item = T>) -> Result<Cell, Error> {
    let mut all = Vec::new();
    for value in values {
        if let Cell::Text(word) = word(value)? {
            all.push(word);
        }
    }
    Ok(Some(all.join(" ")).filter(|text| !text.is_empty()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_in_json() {
        for (hundredths, text) in [
            (9500, "95"),
            (8345, "83.45"),
            (8340, "83.4"),
            (0, "0"),
            (-50, "-0.5"),
            (100_000, "1000"),
        ] {
            assert_eq!(Cell::from(Hundredths(hundredths)), Cell::Number(text.to_owned()));
        }
        assert_eq!(Cell::from(Thousandths(3125)), Cell::Number("3.125".to_owned()));
        assert_eq!(Cell::from(None::<Hundredths>), Cell::Empty);
    }
}
