//! The register of village reports.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::report::{Column as C, Entity as Reports};

use super::dto::ReportsFilter;
use super::table::{Row, Table, word, words};
use super::walk::walk;
use super::{Export, Register, Source};
use crate::facts::reports::dto::Report;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;

const COLUMNS: [&str; 11] = [
    "id",
    "village_code",
    "village_name",
    "kind",
    "fiscal_year",
    "delivered_on",
    "status",
    "note",
    "flags",
    "recorded_at",
    "recorded_by",
];

pub async fn export(source: &Source<'_>, filter: &ReportsFilter) -> Result<Export, Error> {
    let Register { district, at, names } = source.register(filter.district_code.as_ref()).await?;
    let query = Reports::find()
        .filter(known_at::<Reports>(Some(at)))
        .filter(C::DistrictCode.eq(district.as_str()))
        .apply_if(filter.fiscal_year, |q, v| q.filter(C::FiscalYear.eq(v)));
    let keyset = Keyset::ascending(vec![C::VillageCode, C::FiscalYear, C::Kind, C::Id]);
    let parts = walk(source.db.clone(), query, keyset, async move |_, rows| {
        let row = |row| {
            let report = Report::try_from(row)?;
            let name = names.get(report.village_code.as_str()).cloned();
            cells(report, name)
        };
        rows.into_iter().map(row).collect()
    });
    Ok(Export {
        name: format!("laporan-{district}"),
        at,
        tables: vec![Table::new("Laporan", COLUMNS, parts)],
    })
}

fn cells(report: Report, village_name: Option<String>) -> Result<Row, Error> {
    let Report {
        id,
        village_code,
        kind,
        fiscal_year,
        delivered_on,
        status,
        note,
        flags,
        recorded_at,
        recorded_by,
        deletion: _,
    } = report;
    Ok(vec![
        id.into(),
        village_code.as_str().into(),
        village_name.into(),
        kind.as_str().into(),
        fiscal_year.into(),
        delivered_on.into(),
        word(status)?,
        note.into(),
        words(flags)?,
        recorded_at.into(),
        recorded_by.into(),
    ])
}
