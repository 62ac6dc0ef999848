//! The completeness of reports: a row for each report that a desa owes in a year.

use super::dto::YearFilter;
use super::table::{Row, Table, word};
use super::{Export, Source};
use crate::platform::error::Error;
use crate::results::completeness::dto::{CompletenessCell, CompletenessFilter};
use crate::results::completeness::service;
use crate::results::facts::FactReader;

const COLUMNS: [&str; 10] = [
    "district_code",
    "year",
    "village_code",
    "village_name",
    "kind",
    "fiscal_year",
    "due_on",
    "state",
    "delivered_on",
    "report_id",
];

pub async fn export(source: &Source<'_>, filter: &YearFilter) -> Result<Export, Error> {
    let query = source.query();
    let filter = CompletenessFilter {
        district_code: filter.district_code.clone(),
        village_code: None,
        year: filter.year,
        group: None,
    };
    let matrix = async |reader: FactReader<'_>| service::get(reader, &query, &filter).await;
    let matrix = source.cache.compute(&query, matrix).await?;
    let (district, year) = (matrix.district_code, matrix.year);
    let mut rows: Vec<Row> = Vec::new();
    for village in matrix.villages {
        for cell in village.cells {
            let CompletenessCell {
                kind,
                fiscal_year,
                due_on,
                state,
                report_id,
                delivered_on,
            } = cell;
            rows.push(vec![
                district.as_str().into(),
                year.into(),
                village.village_code.as_str().into(),
                village.name.as_str().into(),
                kind.as_str().into(),
                fiscal_year.into(),
                due_on.into(),
                word(state)?,
                delivered_on.into(),
                report_id.into(),
            ]);
        }
    }
    Ok(Export {
        name: format!("kelengkapan-{district}-{year}"),
        at: query.as_of.unwrap_or(query.now),
        tables: vec![Table::of_rows("Kelengkapan", COLUMNS, rows)],
    })
}
