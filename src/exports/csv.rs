//! Tables as CSV: RFC 4180 in UTF-8 with a byte order mark, without which Excel reads another encoding.

use bytes::Bytes;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::table::{Cell, Row};
use crate::core::closed_list::closed_list;
use crate::platform::error::{Error, OrInternal};

/// The byte order mark at the start of a file.
pub const BOM: Bytes = Bytes::from_static(b"\xef\xbb\xbf");

/// A spreadsheet takes a text that begins with one of these characters for a formula, or skips it and does so with the next
/// (OWASP, CSV injection). The last four are their wide forms.
const LEADS_FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What stands between the columns of a CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CsvSeparator)]
pub enum Separator {
    /// With a decimal point.
    #[default]
    Comma,
    /// With a decimal comma: what Excel and LibreOffice in Indonesian open with a double click.
    Semicolon,
    /// With a decimal point.
    Tab,
}
closed_list!(Separator { Comma "comma", Semicolon "semicolon", Tab "tab" });

/// Returns rows as lines.
pub fn lines(rows: &[Row], separator: Separator) -> Result<Bytes, Error> {
    let delimiter = match separator {
        Separator::Comma => b',',
        Separator::Semicolon => b';',
        Separator::Tab => b'\t',
    };
    // Every text is quoted, so that a program that splits at another character cannot make a formula of its rest.
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::NonNumeric)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| field(cell, separator)))
            .or_internal()?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::internal(e.to_string()))?;
    Ok(bytes.into())
}

/// Returns the names of the columns as a line.
pub fn header(columns: &[String], separator: Separator) -> Result<Bytes, Error> {
    let names: Row = columns.iter().map(|name| Cell::text(name.as_str())).collect();
    lines(&[names], separator)
}

/// Returns a text with an apostrophe before it if a spreadsheet would take it for a formula. A text that has such apostrophes
/// already gets one more, so that [`unescaped`] returns every text as it was.
fn escaped(text: &str) -> String {
    match text.trim_start_matches('\'').starts_with(LEADS_FORMULA) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// Returns the text of a cell that an export wrote.
pub fn unescaped(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.trim_start_matches('\'').starts_with(LEADS_FORMULA) => text,
        _ => cell,
    }
}

fn field(cell: &Cell, separator: Separator) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => escaped(text),
        Cell::Number(number) if separator == Separator::Semicolon => number.replace('.', ","),
        Cell::Number(number) => number.clone(),
        Cell::Day(day) => day.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::decimal::Hundredths;

    fn text(rows: &[Row], separator: Separator) -> String {
        String::from_utf8(lines(rows, separator).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn texts_are_quoted_and_numbers_follow_the_separator() {
        let row = vec![
            Cell::text("Balang, \"RT 1\""),
            Cell::from(Hundredths(8345)),
            Cell::from(Hundredths(-50)),
            Cell::Empty,
            Cell::from(95_u64),
        ];
        for (separator, line) in [
            (Separator::Comma, "\"Balang, \"\"RT 1\"\"\",83.45,-0.5,\"\",95\r\n"),
            (
                Separator::Semicolon,
                "\"Balang, \"\"RT 1\"\"\";\"83,45\";\"-0,5\";\"\";95\r\n",
            ),
            (Separator::Tab, "\"Balang, \"\"RT 1\"\"\"\t83.45\t-0.5\t\"\"\t95\r\n"),
        ] {
            assert_eq!(text(std::slice::from_ref(&row), separator), line);
        }
    }

    #[test]
    fn a_text_that_leads_like_a_formula_stays_a_text() {
        for lead in LEADS_FORMULA {
            let line = text(&[vec![Cell::text(format!("{lead}1+1"))]], Separator::Comma);
            assert!(line.starts_with(&format!("\"'{lead}")), "{line}");
        }
        for original in ["=1", "'=1", "''=1", "'a", "a", "'", ""] {
            assert_eq!(unescaped(&escaped(original)), original);
        }
        assert_eq!(text(&[vec![Cell::text("1=1")]], Separator::Comma), "\"1=1\"\r\n");
        assert_eq!(text(&[vec![Cell::from(-1_i64)]], Separator::Comma), "-1\r\n");
    }
}
