//! The next decree with the indicators of another one (`copy_of`).
//!
//! An indicator keeps its code: it gets a row that begins with the new decree. Earlier years keep their rows and their decree.

use ::entity::{decree, indicator};

use crate::plan::by_year;
use crate::plan::indicators::rules::{Row, ensure_own_number};
use crate::platform::db::journal::Author;
use crate::platform::db::versions;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Code, Error};

/// Continues the indicators of `source` under `next`. `rows`: all rows of the district before, by code and first year.
pub async fn continue_indicators(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    rows: &[Row],
    source: &decree::Model,
    next: &decree::Model,
) -> Result<(), Error> {
    let others: Vec<Row> = rows
        .iter()
        .filter(|(row, _)| !is_of(rows, &row.code, source))
        .cloned()
        .collect();
    for of_code in rows.chunk_by(|(a, _), (b, _)| a.code == b.code) {
        let own: Vec<&indicator::Model> = of_code.iter().map(|(row, _)| row).collect();
        let Some(begin) = row_that_governs(&own, source, next.first_year) else {
            continue;
        };
        ensure_free(&own, source, next)?;
        let first = indicator::Model {
            from_year: next.first_year,
            decree_id: next.id,
            ..begin.clone()
        };
        ensure_own_number(&others, &first, next).map_err(|taken| taken.at("#/copy_of"))?;
        let reason = next.change_reason.clone();
        by_year::correct::<indicator::Entity>(tx, author, stamp, begin, first, reason.clone()).await?;
        // Wordings of the source that begin in years of the new decree are its wordings from now on.
        for later in own
            .iter()
            .filter(|row| (next.first_year + 1..=next.last_year).contains(&row.from_year))
        {
            let moved = indicator::Model {
                decree_id: next.id,
                ..(*later).clone()
            };
            versions::amend::<indicator::Entity>(tx, author, stamp, later, moved, reason.clone()).await?;
        }
    }
    Ok(())
}

fn is_of(rows: &[Row], code: &str, decree: &decree::Model) -> bool {
    rows.iter()
        .any(|(row, _)| row.code == code && row.decree_id == decree.id)
}

/// Returns the row of a decree that governs a year, or its first row if all begin later.
fn row_that_governs<'a>(
    own: &[&'a indicator::Model],
    decree: &decree::Model,
    year: i32,
) -> Option<&'a indicator::Model> {
    let of_decree = || own.iter().copied().filter(|row| row.decree_id == decree.id);
    let governing = of_decree().rfind(|row| row.from_year <= year);
    governing.or_else(|| of_decree().next())
}

/// 409 when the code has a row of a third decree in the years of the new one, or in a later one.
fn ensure_free(own: &[&indicator::Model], source: &decree::Model, next: &decree::Model) -> Result<(), Error> {
    let taken = own
        .iter()
        .find(|row| row.from_year >= next.first_year && row.decree_id != source.id);
    match taken {
        None => Ok(()),
        Some(row) => {
            let (code, year, decree) = (&row.code, row.from_year, row.decree_id);
            Err(Error::new(Code::Conflict)
                .detail(
                    format!("{code} sejak {year} sudah berlaku menurut keputusan {decree}."),
                    format!("From {year} on {code} is in force under the decree {decree}."),
                )
                .at("#/copy_of"))
        }
    }
}
