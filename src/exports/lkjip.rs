//! The comparison tables of the performance report (LKjIP): this year, earlier years, the end of the plan, the objectives, and
//! causes and remedies (Permen PANRB 53/2014).

use super::dto::YearFilter;
use super::indicators::{Measured, Value, category, remark, status, unit, whole};
use super::table::{Cell, Row, Table};
use super::{Export, Source};
use crate::core::achievement::Category;
use crate::core::decimal::Hundredths;
use crate::platform::error::Error;
use crate::results::facts::{FactReader, PlannedIndicator};
use crate::results::realisations::dto::ObjectiveAchievement;
use crate::results::realisations::service::objectives;

/// The years before the year of the report that the second table shows.
const EARLIER: i32 = 4;

const OF_YEAR: [&str; 8] = [
    "sasaran",
    "indikator",
    "satuan",
    "target",
    "realisasi",
    "capaian",
    "kategori",
    "status",
];
const OF_END: [&str; 7] = [
    "sasaran",
    "indikator",
    "satuan",
    "realisasi",
    "tahun_akhir_rencana",
    "target_akhir_rencana",
    "tingkat_kemajuan",
];
const OF_OBJECTIVES: [&str; 4] = ["sasaran", "jumlah_indikator", "capaian", "kategori"];
const OF_CAUSES: [&str; 7] = [
    "sasaran",
    "indikator",
    "capaian",
    "keterangan",
    "kendala",
    "tindak_lanjut",
    "bukti",
];

pub async fn export(source: &Source<'_>, filter: &YearFilter) -> Result<Export, Error> {
    let query = &source.query();
    let at = query.as_of.unwrap_or(query.now);
    let tables = async |reader: FactReader<'_>| {
        let measured = Measured::load(query, &reader, filter, EARLIER).await?;
        let in_force = measured.indicators();
        let mut values = Vec::new();
        for indicator in &in_force {
            let year = whole(measured.year).ok_or_else(Error::not_found)?;
            values.push(measured.value(indicator, year)?);
        }
        let name = format!("lkjip-{}-{}", measured.district, measured.year);
        let rows = |row: fn(&PlannedIndicator, &Value) -> Row| {
            let pairs = in_force.iter().zip(&values);
            pairs.map(|(indicator, value)| row(indicator, value)).collect()
        };
        let (columns, earlier) = earlier_years(&measured, &in_force)?;
        let sheets: [Sheet; 5] = [
            ("1 Target dan realisasi", named(&OF_YEAR), rows(of_year)),
            ("2 Tahun sebelumnya", columns, earlier),
            ("3 Akhir rencana", named(&OF_END), rows(of_end)),
            (
                "4 Capaian sasaran",
                named(&OF_OBJECTIVES),
                of_objectives(&in_force, &values),
            ),
            ("5 Kendala dan tindak lanjut", named(&OF_CAUSES), rows(of_causes)),
        ];
        Ok((name, sheets))
    };
    let (name, sheets) = source.cache.compute(query, tables).await?;
    let table = |(title, columns, rows): Sheet| Table::of_rows(title, columns, rows);
    Ok(Export {
        name,
        at,
        tables: sheets.into_iter().map(table).collect(),
    })
}

/// The title, the columns and the rows of a sheet.
type Sheet = (&'static str, Vec<String>, Vec<Row>);

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|name| (*name).to_owned()).collect()
}

fn of_objectives(in_force: &[&PlannedIndicator], values: &[Value]) -> Vec<Row> {
    let realisations: Vec<_> = in_force
        .iter()
        .zip(values)
        .map(|(indicator, value)| (indicator.row.objective.clone(), value.realisation.clone()))
        .collect();
    let row = |objective: ObjectiveAchievement| {
        let own = in_force.iter().filter(|i| i.row.objective == objective.objective);
        let number = u64::try_from(own.count()).unwrap_or(u64::MAX);
        let reached = objective.achievement.map(Hundredths::from);
        vec![
            objective.objective.into(),
            number.into(),
            reached.into(),
            reached.map(|reached| category(Category::of(reached))).into(),
        ]
    };
    objectives(&realisations).into_iter().map(row).collect()
}

fn head(indicator: &PlannedIndicator) -> [Cell; 2] {
    let row = &indicator.row;
    [row.objective.as_str().into(), row.name.as_str().into()]
}

fn of_year(indicator: &PlannedIndicator, value: &Value) -> Row {
    let realisation = &value.realisation;
    let rest: [Cell; 6] = [
        unit(indicator.formula).into(),
        realisation.target.into(),
        realisation.value.into(),
        realisation.achievement.into(),
        realisation.achievement_category.map(category).into(),
        status(realisation.status).into(),
    ];
    head(indicator).into_iter().chain(rest).collect()
}

/// Returns the columns of the years up to that of the report in which an indicator is in force, and a row for each indicator.
fn earlier_years(measured: &Measured<'_>, in_force: &[&PlannedIndicator]) -> Result<(Vec<String>, Vec<Row>), Error> {
    let years = measured.year - EARLIER..=measured.year;
    let years: Vec<i32> = years.filter(|year| !measured.plan.in_force(*year).is_empty()).collect();
    let mut columns = ["sasaran", "indikator", "satuan"].map(str::to_owned).to_vec();
    columns.extend(
        years
            .iter()
            .flat_map(|year| [format!("realisasi_{year}"), format!("capaian_{year}")]),
    );
    let mut rows = Vec::new();
    for indicator in in_force {
        let mut row: Row = head(indicator)
            .into_iter()
            .chain([unit(indicator.formula).into()])
            .collect();
        for year in &years {
            // Of a year in which it was not in force it has no value.
            let governing = measured
                .plan
                .indicator(&indicator.row.code, *year)
                .ok()
                .zip(whole(*year));
            let value = governing
                .map(|(indicator, year)| measured.value(indicator, year))
                .transpose()?;
            let realisation = value.map(|value| value.realisation);
            row.push(realisation.as_ref().and_then(|r| r.value).into());
            row.push(realisation.and_then(|r| r.achievement).into());
        }
        rows.push(row);
    }
    Ok((columns, rows))
}

/// The realisation against the target of the plan's last year.
fn of_end(indicator: &PlannedIndicator, value: &Value) -> Row {
    let last = indicator.decree.last_year;
    let target = indicator.year_target(last);
    let rest: [Cell; 5] = [
        unit(indicator.formula).into(),
        value.realisation.value.into(),
        last.into(),
        target.into(),
        value.against(target).into(),
    ];
    head(indicator).into_iter().chain(rest).collect()
}

fn of_causes(indicator: &PlannedIndicator, value: &Value) -> Row {
    let rest: [Cell; 5] = [
        value.realisation.achievement.into(),
        remark(&value.realisation).into(),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
    ];
    head(indicator).into_iter().chain(rest).collect()
}
