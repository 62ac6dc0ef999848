//! Templates: a header, a line that says what to write, and an example.

use bytes::Bytes;

use super::columns::Place;
use super::draft::Table;
use crate::exports::csv::{BOM, Separator, header, lines};
use crate::exports::table::Cell;
use crate::platform::error::Error;

/// Returns the template of a table as CSV. It can be imported as it is: the second line is a comment.
pub fn of(table: &Table, separator: Separator) -> Result<Bytes, Error> {
    let columns = || table.columns.iter().filter(|column| column.place != Place::Nowhere);
    let names: Vec<String> = columns().map(|column| column.name.to_owned()).collect();
    let mut about: Vec<Cell> = columns().map(|column| Cell::text(column.about)).collect();
    if let Some(first) = columns().next() {
        about[0] = Cell::text(format!("# {}", first.about));
    }
    let example = columns().map(|column| Cell::text(column.example)).collect();
    let parts = [BOM, header(&names, separator)?, lines(&[about, example], separator)?];
    Ok(parts.concat().into())
}
