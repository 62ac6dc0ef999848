//! Runs `iku verify`, `recount`, `backup` and `restore`, and prints their results.

use std::path::Path;

use super::Failure;
use crate::facts::responses::Totals;
use crate::maintenance::checks::{Depth, Findings};
use crate::maintenance::recount::RecountResult;
use crate::maintenance::restore::RestoreResult;
use crate::maintenance::{self, backup::Backup};
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::text::quantity;

pub async fn verify(url: &str, evidence: &Path, quick: bool) -> Result<(), Failure> {
    let depth = if quick { Depth::Quick } else { Depth::Full };
    let Findings { errors, checked } = maintenance::verify::verify(url, evidence, depth).await?;
    for error in &errors {
        print(&format!("differs  {error}\n"))?;
    }
    for line in &checked {
        print(&format!("checked  {line}\n"))?;
    }
    match errors.len() {
        0 => print("The database is sound.\n").map_err(Failure::from),
        n => Err(Failure::Differs(format!(
            "Found {}. `iku recount` corrects tallies; for other differences restore a backup. A file of evidence that is sent again is whole again.",
            quantity(n, "difference")
        ))),
    }
}

pub async fn recount(db: &Db) -> Result<(), String> {
    let RecountResult {
        surveys,
        corrected,
        held,
    } = maintenance::recount::recount(db).await?;
    for difference in &corrected {
        let respondents = |totals: Option<&Totals>| totals.map_or(0, |totals| totals.respondents);
        print(&format!(
            "survey {}: respondents {} -> {}, {} changed\n",
            difference.survey_id,
            respondents(difference.tally.as_ref()),
            respondents(difference.answers.as_ref()),
            quantity(difference.figures().len(), "figure")
        ))?;
    }
    for difference in &held {
        let (phone, before) = (difference.device_id, difference.counted);
        print(&format!(
            "phone {phone}: held answers {before} -> {}\n",
            difference.held
        ))?;
    }
    let tallies = match corrected.len() {
        1 => "1 tally".to_owned(),
        n => format!("{n} tallies"),
    };
    print(&format!("{}, {tallies} changed.\n", quantity(surveys, "survey")))
}

pub async fn backup(url: &str, evidence: &Path, file: &Path, force: bool) -> Result<(), String> {
    let Backup { bytes, contents } = maintenance::backup::backup(url, evidence, file, force).await?;
    let path = file.display();
    let newest = contents
        .newest
        .map_or("it has the schema of an earlier version".to_owned(), |at| {
            format!("its newest record is of {at:?}")
        });
    print(&format!("{path}: {bytes} bytes, verified; {newest}.\n"))?;
    match contents.findings.errors.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{path} was made, but it has the differences of the database, and `iku restore` would refuse it: {first}. See `iku verify`."
        )),
    }
}

pub async fn restore(url: &str, evidence: &Path, file: &Path, whole: bool) -> Result<(), String> {
    let RestoreResult {
        newest,
        former,
        missing,
    } = maintenance::restore::restore(url, evidence, file, whole).await?;
    for line in &missing {
        print(&format!("differs  {line}\n"))?;
    }
    let former = former.map_or(String::new(), |f| format!(" The former database is {}.", f.display()));
    print(&format!(
        "{} is restored; its newest record is of {newest:?}.{former}\n",
        file.display()
    ))
}
