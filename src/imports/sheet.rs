//! A sheet as it was sent: a header and rows of texts.

use crate::platform::error::{Code, Error};

/// The most rows below the header.
pub const MOST_ROWS: usize = 5_000;

/// The most columns.
pub const MOST_COLUMNS: usize = 100;

/// The longest text of a cell, as in Excel.
pub const LONGEST_CELL: usize = 32_767;

/// A row that is not blank. Rows are numbered as spreadsheets show them: the header is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub number: u32,
    /// May be fewer than the header has: the rest is empty.
    pub cells: Cells,
}

/// The texts of a row, one behind the other: a sheet has thousands of rows in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    text: Box<str>,
    /// Where each cell ends.
    ends: Box<[u32]>,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the text of a cell; it is empty beyond the last one.
    pub fn get(&self, index: usize) -> &str {
        let end = |index: usize| self.ends.get(index).map(|end| *end as usize);
        let start = index.checked_sub(1).map_or(Some(0), end);
        start
            .zip(end(index))
            .and_then(|(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

impl<T: AsRef<str>> FromIterator<T> for Cells {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let mut text = String::new();
        let ends = cells.into_iter().map(|cell| {
            text.push_str(cell.as_ref());
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        });
        Self {
            ends: ends.collect(),
            text: text.into(),
        }
    }
}

/// A header and the rows below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

impl Sheet {
    /// Adds a row: the first that is not blank is the header. A row that begins with `#` is a comment.
    pub fn push(sheet: &mut Option<Self>, row: Row) -> Result<(), Error> {
        if row.cells.len() > MOST_COLUMNS {
            return Err(too_many_columns(row.number));
        }
        if let Some(long) = row.cells.iter().find(|cell| cell.len() > 4 * LONGEST_CELL) {
            return Err(too_long(row.number, long));
        }
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let Some(sheet) = sheet else {
            let header = row.cells.iter().map(|name| name.trim().to_owned()).collect();
            *sheet = Some(Self {
                header,
                rows: Vec::new(),
            });
            return Ok(());
        };
        if row.cells.get(0).starts_with('#') {
            return Ok(());
        }
        if sheet.rows.len() == MOST_ROWS {
            return Err(too_many_rows());
        }
        sheet.rows.push(row);
        Ok(())
    }
}

fn too_many_rows() -> Error {
    Error::new(Code::TooExpensive).detail(
        format!("Paling banyak {MOST_ROWS} baris sekali kirim. Bagi berkasnya."),
        format!("At most {MOST_ROWS} rows at a time. Split the file."),
    )
}

pub fn too_many_columns(row: u32) -> Error {
    Error::new(Code::TooExpensive).detail(
        format!("Baris {row} mempunyai lebih dari {MOST_COLUMNS} kolom."),
        format!("Row {row} has more than {MOST_COLUMNS} columns."),
    )
}

fn too_long(row: u32, cell: &str) -> Error {
    let bytes = cell.len();
    Error::new(Code::TooExpensive).detail(
        format!("Satu sel di baris {row} terlalu panjang ({bytes} bita)."),
        format!("A cell in row {row} is too long ({bytes} bytes)."),
    )
}

/// 400 for a file that is no table.
pub fn unreadable(id: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(Code::BadRequest).detail(id.into(), en.into())
}

/// 400 for a file without a header.
pub fn empty() -> Error {
    unreadable("Berkas ini kosong.", "The file is empty.")
}
