//! `iku import`: the sheets of `/v1/imports`, recorded by the same code.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;

use super::progress::Progress;
use crate::access::Actor;
use crate::app;
use crate::imports::dto::{Judged, Mode, Outcome, Resource};
use crate::imports::{Importer, import};
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;
use crate::platform::http::upload::Bounds;
use crate::platform::text::quantity;
use crate::server::sentence;

#[derive(Debug, Args)]
pub struct ImportCommand {
    /// What the rows are: reports, institutions, cases, surveys, responses, targets or villages
    #[arg(value_name = "RESOURCE")]
    resource: Resource,
    /// A CSV in UTF-8 or a workbook; GET /v1/imports/RESOURCE/template.csv has its columns
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Record nothing: say what each row would do
    #[arg(long)]
    dry_run: bool,
    /// Take rows of this district alone; without it, of the whole regency
    #[arg(long, value_name = "CODE")]
    district: Option<DistrictCode>,
}

/// Judges a sheet, and records it unless it is a dry run or a row is wrong.
pub async fn run(db: &Db, command: &ImportCommand) -> Result<(), String> {
    let ImportCommand {
        resource,
        file,
        dry_run,
        district,
    } = command;
    let sheet = read(file)?;
    let actor = Actor {
        district: district.clone().map(String::from),
        ..Actor::operator()
    };
    let contract = app::contract()?;
    let progress = Progress::new();
    let importer = Importer {
        db,
        actor: &actor,
        contract: &contract,
        progress: &|done, all| progress.of(done, all),
    };
    let mode = if *dry_run { Mode::DryRun } else { Mode::Apply };
    let judged = import(&importer, *resource, mode, sheet).await;
    drop(progress);
    match judged {
        Ok(judged) => report(&judged, mode),
        Err(error) => {
            print(&faults(error.errors.iter().map(|field| {
                let (row, column) = place(&field.pointer);
                (row, column, field.detail.en.as_ref())
            })))?;
            Err(format!("{}.", refusal(&error)))
        }
    }
}

/// Reads a file that is no larger than a request may be.
fn read(file: &Path) -> Result<Bytes, String> {
    let cannot = |e: std::io::Error| format!("{} cannot be read: {e}.", file.display());
    let most = Bounds::OF_SHEETS.largest;
    let length = fs::metadata(file).map_err(cannot)?.len();
    if usize::try_from(length).map_or(true, |length| length > most) {
        return Err(format!("{} is too large: at most {} KiB.", file.display(), most / 1024));
    }
    fs::read(file).map(Bytes::from).map_err(cannot)
}

/// Prints the wrong rows and the number of rows by outcome. A dry run with a wrong row fails, as the import would.
fn report(judged: &Judged, mode: Mode) -> Result<(), String> {
    print(&faults(judged.errors.iter().map(|error| {
        let column = error.column.clone().unwrap_or_default();
        (error.row.to_string(), column, error.detail.en.as_ref())
    })))?;
    let count = |outcome: Outcome| judged.rows.iter().filter(|(_, of_row)| *of_row == outcome).count();
    let table = Outcome::ALL.map(|outcome| format!("{:8}{:6}\n", outcome.as_str(), count(outcome)));
    print(&table.concat())?;
    match (mode, count(Outcome::Error)) {
        (Mode::DryRun, 0) => print("Nothing was recorded: this was a dry run.\n"),
        (Mode::Apply, 0) => print(&format!("{} recorded.\n", quantity(judged.rows.len(), "row"))),
        (_, wrong) => Err(format!("Wrong rows: {wrong}; nothing was recorded.")),
    }
}

/// Returns a line for each error of a cell or a row.
fn faults<'a>(errors: impl Iterator<Item = (String, String, &'a str)>) -> String {
    let line = |(row, column, detail): (String, String, &str)| match column.as_str() {
        "" => format!("row {row}: {detail}\n"),
        column => format!("row {row}, {column}: {detail}\n"),
    };
    errors.map(line).collect()
}

/// Returns the row and the column of a pointer such as `#/5/delivered_on`.
fn place(pointer: &str) -> (String, String) {
    let path = pointer.trim_start_matches("#/");
    let (row, column) = path.split_once('/').unwrap_or((path, ""));
    (row.to_owned(), column.replace("~1", "/").replace("~0", "~"))
}

/// Returns what a refused import says to the operator.
fn refusal(error: &Error) -> String {
    match (&error.detail, error.errors.is_empty()) {
        (None, false) => "The sheet is wrong; nothing was recorded".to_owned(),
        _ => sentence(error),
    }
}
