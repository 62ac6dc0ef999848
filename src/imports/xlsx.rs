//! Workbooks: the first sheet, cell by cell.
//!
//! A workbook is a ZIP of XML. A small file can expand to gigabytes, name a million columns, or repeat a text without end. So all
//! of it is unpacked once to count the bytes, before anything reads the XML; and only cells that have a content are kept.

use std::io::{self, Cursor, Read, copy, sink};

use bytes::Bytes;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::sheet::{MOST_COLUMNS, Row, Sheet, empty, too_many_columns, unreadable};
use crate::platform::error::{Code, Error};

/// The most bytes of all files of a workbook. A workbook of 5,000 rows has some 2 MiB.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The most files of a workbook. Excel makes some twenty.
const MOST_FILES: usize = 200;

/// Reads the first sheet of a workbook. A formula is read as its last value.
pub fn read(file: Bytes) -> Result<Sheet, Error> {
    ensure_bounded(&file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    let name = book.sheet_names().into_iter().next().ok_or_else(empty)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
    let mut sheet = None;
    let (mut last, mut texts) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(|error: XlsxError| broken(&error))? {
        let (index, column) = cell.get_position();
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let number = index.saturating_add(1);
        if number < last {
            return Err(unreadable(
                "Baris lembar ini tidak berurutan.",
                "The rows of the sheet are not in order.",
            ));
        }
        if number > last {
            Sheet::push(&mut sheet, row(last, &texts))?;
            texts.clear();
            last = number;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Err(too_many_columns(number));
        }
        if texts.len() <= column {
            texts.resize(column + 1, String::new());
        }
        texts[column] = text;
    }
    Sheet::push(&mut sheet, row(last, &texts))?;
    sheet.ok_or_else(empty)
}

fn row(number: u32, texts: &[String]) -> Row {
    let cells = texts.iter().collect();
    Row { number, cells }
}

/// 413 for a workbook that expands too much.
fn ensure_bounded(file: &[u8]) -> Result<(), Error> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    if archive.len() > MOST_FILES {
        return Err(too_large());
    }
    let mut left = MOST_BYTES;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| broken(&error))?.take(left + 1);
        let unpacked = copy(&mut part, &mut sink()).map_err(|error: io::Error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large() -> Error {
    Error::new(Code::BodyTooLarge).detail(
        "Isi XLSX ini terlalu besar. Simpan lembarnya sebagai CSV UTF-8, atau bagi berkasnya.",
        "The content of the XLSX is too large. Save the sheet as CSV UTF-8, or split the file.",
    )
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    let error: String = error.to_string().chars().take(200).collect();
    unreadable(
        format!("XLSX tidak terbaca: {error}."),
        format!("The XLSX cannot be read: {error}."),
    )
}

/// Returns a cell as a CSV would have it.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        // A spreadsheet has whole numbers as doubles, too.
        DataRef::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(instant) => moment(instant),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Returns a day, or an instant in WITA.
fn moment(instant: &ExcelDateTime) -> String {
    if instant.is_duration() {
        return instant.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}+08:00"),
    }
}
