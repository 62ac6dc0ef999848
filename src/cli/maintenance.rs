//! `iku verify`, `recount`, `backup` and `restore`: what they say.

use std::path::Path;

use super::Failure;
use crate::facts::responses::Totals;
use crate::maintenance::checks::{Depth, Findings};
use crate::maintenance::recount::Recounted;
use crate::maintenance::restore::Restored;
use crate::maintenance::{self, backup::Backup};
use crate::platform::console::print;
use crate::platform::db::Db;

pub async fn verify(url: &str, quick: bool) -> Result<(), Failure> {
    let depth = if quick { Depth::Quick } else { Depth::Full };
    let Findings { faults, checked } = maintenance::verify::verify(url, depth).await?;
    for fault in &faults {
        print(&format!("differs  {fault}\n"))?;
    }
    for line in &checked {
        print(&format!("checked  {line}\n"))?;
    }
    match faults.len() {
        0 => print("The database is sound.\n").map_err(Failure::from),
        n => Err(Failure::Differs(format!(
            "{n} differences were found; `iku recount` makes tallies anew, a backup helps with the rest."
        ))),
    }
}

pub async fn recount(db: &Db) -> Result<(), String> {
    let Recounted { surveys, corrected } = maintenance::recount::recount(db).await?;
    for difference in &corrected {
        let respondents = |totals: Option<Totals>| totals.unwrap_or_default().respondents;
        print(&format!(
            "survey {}: respondents {} -> {}, {} figures changed\n",
            difference.survey_id,
            respondents(difference.tally),
            respondents(difference.answers),
            difference.figures().len()
        ))?;
    }
    print(&format!("{surveys} surveys, {} tallies changed.\n", corrected.len()))
}

pub async fn backup(url: &str, file: &Path, force: bool) -> Result<(), String> {
    let Backup { bytes, contents } = maintenance::backup::backup(url, file, force).await?;
    let shown = file.display();
    let newest = contents
        .newest
        .map_or("its schema is an earlier version's".to_owned(), |at| {
            format!("its newest record is of {at:?}")
        });
    print(&format!("{shown}: {bytes} bytes, verified; {newest}.\n"))?;
    match contents.findings.faults.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{shown} is made, but it contradicts itself as the database does, and `iku restore` would refuse it: {first}. See `iku verify`."
        )),
    }
}

pub async fn restore(url: &str, file: &Path) -> Result<(), String> {
    let Restored { newest, former } = maintenance::restore::restore(url, file).await?;
    let former = former.map_or(String::new(), |f| format!(" The former database is {}.", f.display()));
    print(&format!(
        "{} is restored; its newest record is of {newest:?}.{former}\n",
        file.display()
    ))
}
