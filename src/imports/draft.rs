//! From the rows of a sheet to records, and from the errors of a record to cells.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::columns::{Column, Place, set};
use super::sheet::{Cells, Sheet};
use crate::platform::error::{Code, Error, FieldCode, FieldError, FieldErrorCode};
use crate::platform::text::Text;

/// The columns of a resource, and how its rows become records.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub columns: &'static [Column],
    /// The member with the parts of a record. Rows of one record have the same id, or the same cells in the columns of `key`.
    pub parts: Option<&'static str>,
    /// Whether an export has a further column of this name, which is not read.
    pub is_exported: fn(&str) -> bool,
    /// The names of the columns that say which record is meant, where there is no id.
    pub key: &'static [&'static str],
}

/// No export has further columns.
pub fn no_others(_: &str) -> bool {
    false
}

/// The members that the cells of a row fill. A cell is read when it is asked for: a sheet has thousands of rows in memory, and
/// objects of JSON would take several times as much.
#[derive(Clone, Debug)]
pub struct Members {
    columns: Rc<[Option<&'static Column>]>,
    cells: Rc<Cells>,
    place: Place,
}

impl Members {
    /// The columns of the place, and the texts of their cells.
    fn cells(&self) -> impl Iterator<Item = (&'static Column, &str)> {
        let columns = self.columns.iter().enumerate();
        let columns = columns.filter_map(|(index, column)| Some((index, (*column)?)));
        let of_place = columns.filter(|(_, column)| column.place == self.place);
        of_place.map(|(index, column)| (column, self.cells.get(index)))
    }

    pub fn get(&self, member: &str) -> Option<Value> {
        let mut cells = self.cells();
        let found = cells.find(|(column, _)| column.key() == member);
        found.map(|(column, cell)| column.read(cell))
    }

    pub fn contains(&self, member: &str) -> bool {
        self.cells().any(|(column, _)| column.key() == member)
    }

    fn are_empty(&self) -> bool {
        self.cells().all(|(column, cell)| column.read(cell).is_null())
    }

    /// Returns the object; a slash in the name of a member leads into another object.
    pub fn to_object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        for (column, cell) in self.cells() {
            set(&mut object, column.key(), column.read(cell));
        }
        object
    }
}

/// A part of a record, and its row.
#[derive(Clone, Debug)]
pub struct Part {
    pub row: u32,
    pub members: Members,
}

/// A record as its rows describe it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The first row is that of the record.
    pub rows: Vec<u32>,
    /// The members of the columns that the sheet has; null: an empty cell.
    pub members: Members,
    pub parts: Vec<Part>,
    /// The cells beside the record, by column.
    pub beside: Members,
    pub errors: Vec<CellError>,
}

/// An error of a cell; without a column: of the whole row.
#[derive(Clone, Debug, PartialEq)]
pub struct CellError {
    pub row: u32,
    pub column: Option<String>,
    pub code: FieldErrorCode,
    pub detail: Text,
}

impl Draft {
    pub fn row(&self) -> u32 {
        self.rows.first().copied().unwrap_or_default()
    }

    /// Returns a cell beside the record.
    pub fn word(&self, column: &str) -> Option<String> {
        match self.beside.get(column) {
            Some(Value::String(word)) => Some(word),
            _ => None,
        }
    }

    /// The reason for a change.
    pub fn reason(&self) -> Option<String> {
        self.word("reason").or_else(|| self.word("change_reason"))
    }

    /// The id that the record has or gets, if the sheet names one.
    pub fn id(&self) -> Option<Uuid> {
        self.members.get("id")?.as_str()?.parse().ok()
    }
}

impl Table {
    /// Returns the records of a sheet. An error is one of the whole sheet; those of single rows are in the drafts.
    pub fn drafts(&self, sheet: Sheet) -> Result<Vec<Draft>, Error> {
        let columns: Rc<[_]> = self.columns_of(&sheet.header)?.into();
        let mut drafts: Vec<Draft> = Vec::with_capacity(sheet.rows.len());
        let mut known: HashMap<Vec<String>, usize> = HashMap::new();
        for row in sheet.rows {
            let cells = Rc::new(row.cells);
            let members = |place| Members {
                columns: Rc::clone(&columns),
                cells: Rc::clone(&cells),
                place,
            };
            let part = members(Place::Part);
            let mut draft = Draft {
                rows: vec![row.number],
                members: members(Place::Record),
                parts: Vec::new(),
                beside: members(Place::Beside),
                errors: Vec::new(),
            };
            let is_named = |index: usize| sheet.header.get(index).is_some_and(|name| !name.is_empty());
            let mut beyond = cells.iter().enumerate().filter(|(index, _)| !is_named(*index));
            if let Some((_, beyond)) = beyond.find(|(_, cell)| !cell.trim().is_empty()) {
                draft.errors.push(beyond_the_header(row.number, beyond));
            }
            if !part.are_empty() {
                draft.parts.push(Part {
                    row: row.number,
                    members: part,
                });
            }
            match self.key_of(&draft).map(|key| known.entry(key).or_insert(drafts.len())) {
                Some(&mut first) if first < drafts.len() => self.join(&mut drafts, first, draft),
                _ => drafts.push(draft),
            }
        }
        Ok(drafts)
    }

    /// Returns what says which record is meant; `None`: each row is another record.
    fn key_of(&self, draft: &Draft) -> Option<Vec<String>> {
        if let Some(id) = draft.members.get("id").filter(|id| !id.is_null()) {
            return Some(vec![id.to_string()]);
        }
        let cells = self.key.iter().map(|name| {
            let cell = draft.members.get(name).or_else(|| draft.beside.get(name));
            cell.map(|cell| cell.to_string()).unwrap_or_default()
        });
        Some(cells.collect::<Vec<_>>()).filter(|key| !key.is_empty())
    }

    /// Adds a row to the record that an earlier row began.
    fn join(&self, drafts: &mut Vec<Draft>, first: usize, mut row: Draft) {
        let record = &mut drafts[first];
        if self.parts.is_none() || row.parts.is_empty() {
            row.errors.push(same_record(row.row(), record.row()));
            drafts.push(row);
            return;
        }
        let other = self.columns.iter().find(|column| {
            let of = |draft: &Draft| match column.place {
                Place::Record => draft.members.get(column.key()),
                Place::Beside => draft.beside.get(column.key()),
                Place::Part | Place::Nowhere => None,
            };
            of(record) != of(&row)
        });
        if let Some(column) = other {
            record.errors.push(contradiction(row.row(), record.row(), column.name));
        }
        record.rows.append(&mut row.rows);
        record.parts.append(&mut row.parts);
        record.errors.append(&mut row.errors);
    }

    /// Returns the columns of a header; `None` for one without a name, which must be empty.
    fn columns_of(&self, header: &[String]) -> Result<Vec<Option<&'static Column>>, Error> {
        let mut errors = Vec::new();
        let mut found: Vec<Option<&'static Column>> = Vec::new();
        // The last columns of a sheet may have no names.
        let named = header
            .iter()
            .rposition(|name| !name.is_empty())
            .map_or(0, |last| last + 1);
        for name in &header[..named] {
            let column = self.columns.iter().find(|column| column.name == name);
            let is_repeated = column.is_some() && found.iter().flatten().any(|other| other.name == name);
            match column {
                None if name.is_empty() || (self.is_exported)(name) => {}
                None => errors.push(self.unknown(name)),
                Some(_) if is_repeated => errors.push(FieldError::new(
                    pointer(1, Some(name)),
                    FieldCode::Repeated,
                    Text::new("Kolom ini ada dua kali.", "The column occurs twice."),
                )),
                Some(_) => {}
            }
            found.push(column);
        }
        match errors.is_empty() {
            true => Ok(found),
            false => Err(Error::fields(Code::RuleBroken, errors)),
        }
    }

    fn unknown(&self, name: &str) -> FieldError {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let names = names.join(", ");
        FieldError::new(
            pointer(1, Some(name)),
            FieldCode::UnknownField,
            Text::new(
                format!("Kolom ini tidak dikenal. Yang ada: {names}."),
                format!("The column is not known. There are: {names}."),
            ),
        )
    }

    /// Returns the errors of a record at the cells that caused them.
    pub fn located(&self, draft: &Draft, error: &Error) -> Vec<CellError> {
        if error.errors.is_empty() {
            let detail = error.detail.clone().unwrap_or_else(|| error.code.remedy());
            return vec![CellError {
                row: draft.row(),
                column: None,
                code: FieldErrorCode::Problem(error.code),
                detail,
            }];
        }
        let located = |field: &FieldError| {
            let (row, column) = self.place_of(draft, &field.pointer);
            CellError {
                row,
                column,
                code: field.code,
                detail: field.detail.clone(),
            }
        };
        error.errors.iter().map(located).collect()
    }

    fn place_of(&self, draft: &Draft, pointer: &str) -> (u32, Option<String>) {
        let path = pointer.trim_start_matches("#/");
        let path = path.split_once(':').map_or(path, |(_, parameter)| parameter);
        let of_part = self.parts.and_then(|name| path.strip_prefix(name)?.strip_prefix('/'));
        let (row, path, place) = match of_part {
            None => (draft.row(), path, Place::Record),
            Some(rest) => {
                let (index, member) = rest.split_once('/').unwrap_or((rest, ""));
                let part = index.parse().ok().and_then(|index: usize| draft.parts.get(index));
                (part.map_or(draft.row(), |part| part.row), member, Place::Part)
            }
        };
        let fits = |column: &&Column| {
            let is_part = column.place == Place::Part;
            let rest = path.strip_prefix(column.member);
            is_part == (place == Place::Part) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let column = self.columns.iter().find(fits).map(|column| column.name.to_owned());
        (row, column)
    }
}

/// Returns the pointer of a cell in a problem: the row as spreadsheets show it, and the name of the column.
pub fn pointer(row: u32, column: Option<&str>) -> String {
    let column = column.map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")));
    format!("#/{row}{}", column.unwrap_or_default())
}

fn beyond_the_header(row: u32, cell: &str) -> CellError {
    let cell: String = cell.chars().take(50).collect();
    CellError {
        row,
        column: None,
        code: FieldErrorCode::Field(FieldCode::UnknownField),
        detail: Text::new(
            format!("\"{cell}\" berada di kolom tanpa nama."),
            format!("\"{cell}\" is in a column without a name."),
        ),
    }
}

fn same_record(row: u32, first: u32) -> CellError {
    CellError {
        row,
        column: None,
        code: FieldErrorCode::Field(FieldCode::Repeated),
        detail: Text::new(
            format!("Baris ini menyebut catatan yang sama dengan baris {first}."),
            format!("The row is about the same record as row {first}."),
        ),
    }
}

fn contradiction(row: u32, first: u32, column: &str) -> CellError {
    CellError {
        row,
        column: Some(column.to_owned()),
        code: FieldErrorCode::Problem(Code::RuleBroken),
        detail: Text::new(
            format!("Baris {first} tentang catatan yang sama berbeda di kolom ini."),
            format!("Row {first}, about the same record, differs in this column."),
        ),
    }
}
