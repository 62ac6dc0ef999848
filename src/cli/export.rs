//! `iku export`: the files under `/v1/exports`, written by the same code.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::progress::Progress;
use crate::access::Actor;
use crate::exports::csv::Separator;
use crate::exports::dto::{AnswersFilter, CasesFilter, DistrictFilter, Format, ReportsFilter, YearFilter};
use crate::exports::{Choice, Source, open};
use crate::maintenance::files;
use crate::platform::db::Db;
use crate::platform::db::lock::beside;
use crate::platform::http::{DistrictCode, past};
use crate::results::response_cache::ResponseCache;
use crate::server::sentence;

#[derive(Debug, Args)]
pub struct ExportCommand {
    /// What to export: realisations, completeness, reports, institutions, cases, surveys, responses, ms-ind (each .csv or
    /// .xlsx), or lkjip.xlsx
    #[arg(value_name = "NAME")]
    name: String,
    /// The district; needed if there are several
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// The year; of reports the fiscal year
    #[arg(long, value_parser = clap::value_parser!(i32).range(2000..=2100))]
    year: Option<i32>,
    /// The facts as they were known at this instant, such as 2026-01-31T23:59:59+08:00; default: now
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<DateTime<Utc>>,
    /// Of responses: the survey
    #[arg(long, value_name = "ID")]
    survey: Option<Uuid>,
    /// Of responses: the comments, too
    #[arg(long)]
    comments: bool,
    /// Of CSV: comma, semicolon (with a decimal comma, for spreadsheets in Indonesian) or tab
    #[arg(long, default_value = "comma")]
    separator: Separator,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    force: bool,
}

impl ExportCommand {
    fn choice(&self) -> Result<(Choice, Format), String> {
        let unknown = || format!("There is no export {}; see `iku export --help`.", self.name);
        let (table, ending) = self.name.rsplit_once('.').ok_or_else(unknown)?;
        let format: Format = ending.parse().map_err(|_| unknown())?;
        let district = self.district.clone().map(DistrictCode::try_from).transpose();
        let district_code = district.map_err(|_| "The district needs a code such as 63.11.06.".to_owned())?;
        let of_year = YearFilter {
            district_code: district_code.clone(),
            year: self.year,
        };
        let choice = match (table, format) {
            ("realisations", _) => Choice::Realisations(of_year),
            ("lkjip", Format::Xlsx) => Choice::Lkjip(of_year),
            ("completeness", _) => Choice::Completeness(of_year),
            ("surveys", _) => Choice::Surveys(of_year),
            ("ms-ind", _) => Choice::MsInd(of_year),
            ("institutions", _) => Choice::Institutions(DistrictFilter { district_code }),
            ("reports", _) => Choice::Reports(ReportsFilter {
                district_code,
                fiscal_year: self.year,
            }),
            ("cases", _) => Choice::Cases(CasesFilter {
                district_code,
                year: self.year,
            }),
            ("responses", _) => Choice::Answers(AnswersFilter {
                survey_id: self.survey.ok_or("Name the survey: --survey ID.")?,
                comments: Some(self.comments),
            }),
            _ => return Err(unknown()),
        };
        Ok((choice, format))
    }
}

/// Writes an export. It only reads, also while `iku serve` runs: everything is read as known at one instant.
pub async fn run(db: &Db, command: &ExportCommand) -> Result<(), String> {
    let (choice, format) = command.choice()?;
    let Some(file) = &command.output else {
        return write(
            db,
            command,
            &choice,
            format,
            std::io::stdout().lock(),
            "standard output",
        )
        .await;
    };
    let cannot = |e: std::io::Error| format!("{} cannot be written: {e}.", file.display());
    if file.symlink_metadata().is_ok() && !command.force {
        return Err(format!(
            "{} exists already; choose another name or use --force.",
            file.display()
        ));
    }
    // In the same folder, so that the rename is one step.
    let partial = beside(file, &format!(".partial-{}", std::process::id()));
    let made = async {
        let opened: File = files::create(&partial).map_err(cannot)?;
        write(db, command, &choice, format, opened, &shown(file)).await?;
        files::sync(&partial).map_err(cannot)?;
        files::name(&partial, file, command.force).map_err(cannot)
    };
    let made = made.await;
    if made.is_err() {
        files::discard(&partial);
    }
    made
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

async fn write(
    db: &Db,
    command: &ExportCommand,
    choice: &Choice,
    format: Format,
    mut out: impl Write,
    place: &str,
) -> Result<(), String> {
    let cannot = |e: std::io::Error| format!("Cannot write to {place}: {e}.");
    let cache = ResponseCache::new(db.clone(), 0);
    let now = db.clock().now();
    let as_of = past(command.as_of, now, "--as-of").map_err(|_| "--as-of lies in the future.".to_owned())?;
    let source = Source {
        db,
        cache: &cache,
        actor: &Actor::operator(),
        as_of: Some(as_of.unwrap_or(now)),
    };
    // On a terminal that also gets the table, it would be in the way.
    let progress = command.output.as_ref().map(|_| Progress::new());
    let failed = |e| format!("{}.", sentence(&e));
    let export = open(&source, choice).await.map_err(failed)?;
    match format {
        Format::Xlsx => out.write_all(&export.xlsx().await.map_err(failed)?).map_err(cannot)?,
        Format::Csv => {
            let (first, mut rest) = export.csv(command.separator).await.map_err(failed)?;
            out.write_all(&first).map_err(cannot)?;
            let mut written = first.len();
            while let Some(part) = rest.try_next().await.map_err(failed)? {
                out.write_all(&part).map_err(cannot)?;
                written += part.len();
                progress.iter().for_each(|progress| progress.written(written));
            }
        }
    }
    out.flush().map_err(cannot)
}
