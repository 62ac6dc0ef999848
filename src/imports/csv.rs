//! CSV as spreadsheets save it: in UTF-8, with commas, semicolons or tabs.

use csv::{ByteRecord, ReaderBuilder};

use super::sheet::{MOST_COLUMNS, Row, Sheet, empty, too_many_columns, unreadable};
use crate::platform::error::Error;

/// Reads a CSV. 400 if it is not in UTF-8.
pub fn read(bytes: &[u8]) -> Result<Sheet, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| {
        unreadable(
            "Berkas ini bukan teks UTF-8. Simpan sebagai \"CSV UTF-8\" atau kirim XLSX.",
            "The file is not UTF-8 text. Save it as \"CSV UTF-8\", or send XLSX.",
        )
    })?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut sheet = None;
    let mut record = ByteRecord::new();
    let (mut number, mut line) = (0, 1);
    while reader.read_byte_record(&mut record).map_err(broken)? {
        let next_line = reader.position().line();
        // A spreadsheet shows a blank line as a row; the reader skips it. A cell can have several lines.
        let in_cells = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let rows = (next_line - line).saturating_sub(u64::try_from(in_cells).unwrap_or(u64::MAX));
        number += u32::try_from(rows.max(1)).unwrap_or(u32::MAX);
        line = next_line;
        if record.len() > MOST_COLUMNS {
            return Err(too_many_columns(number));
        }
        let cells = record.iter().map(String::from_utf8_lossy).collect();
        Sheet::push(&mut sheet, Row { number, cells })?;
    }
    sheet.ok_or_else(empty)
}

fn broken(error: csv::Error) -> Error {
    unreadable(
        format!("CSV tidak terbaca: {error}."),
        format!("The CSV cannot be read: {error}."),
    )
}

/// Returns the separator: the one that the first line has most often outside of quotes.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let outside: String = first.split('"').step_by(2).collect();
    let count = |separator: &u8| outside.bytes().filter(|b| b == separator).count();
    // Of two that occur equally often, the last is taken.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::sheet::Cells;

    fn texts(cells: &Cells) -> Vec<String> {
        cells.iter().map(str::to_owned).collect()
    }

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        let sheet = read(text.as_bytes()).unwrap();
        sheet
            .rows
            .into_iter()
            .map(|row| (row.number, texts(&row.cells)))
            .collect()
    }

    #[test]
    fn separator_and_byte_order_mark_are_found() {
        for text in [
            "a,b\r\n1,\"x;y\"\r\n",
            "a;b\n1;x;y\n".replace("x;y", "\"x;y\"").as_str(),
            "\u{feff}a\tb\n1\tx;y",
            "\u{feff}\"a\",\"b\"\n1,x;y",
        ] {
            let sheet = read(text.as_bytes()).unwrap();
            assert_eq!(sheet.header, ["a", "b"], "{text}");
            assert_eq!(texts(&sheet.rows[0].cells), ["1", "x;y"], "{text}");
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let found = rows("a,b\n1,2\n\n,\n# catatan,\n\"satu\ndua\",3\n4,5\n");
        let of = |number, cells: [&str; 2]| (number, cells.map(str::to_owned).to_vec());
        assert_eq!(found, [of(2, ["1", "2"]), of(6, ["satu\ndua", "3"]), of(7, ["4", "5"])]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        use crate::platform::error::Code;
        let code = |bytes: &[u8]| read(bytes).unwrap_err().code;
        assert_eq!(code(b""), Code::BadRequest);
        assert_eq!(code(b"\xff\xfe\x00a"), Code::BadRequest);
        assert_eq!(code("a,".repeat(1_000_000).as_bytes()), Code::TooExpensive);
        assert_eq!(
            code(format!("a\n{}", "1\n".repeat(5_001)).as_bytes()),
            Code::TooExpensive
        );
        assert!(read(format!("a\n{}", "1\n".repeat(5_000)).as_bytes()).is_ok());
    }
}
