//! The comparison tables of the performance report (LKjIP): this year, earlier years, the end of the plan, the objectives, and
//! causes and remedies (Permen PANRB 53/2014).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use ::entity::past_value::{self, Column as P};

use super::dto::YearFilter;
use super::indicators::{Measured, Value, category, note_cells, remark, status, unit, whole};
use super::table::{Cell, Row, Table};
use super::{Export, Source};
use crate::core::achievement::Category;
use crate::core::decimal::Hundredths;
use crate::plan::agreements::dto::AgreementKind;
use crate::platform::db::Stream;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::results::facts::{FactReader, PlannedIndicator};
use crate::results::query::Query;
use crate::results::realisations::dto::{ObjectiveAchievement, TargetAgreement};
use crate::results::realisations::sheet::objectives;

/// The years before the year of the report that the second table shows.
const EARLIER: i32 = 4;

const OF_YEAR: [&str; 9] = [
    "sasaran",
    "indikator",
    "satuan",
    "target",
    "realisasi",
    "capaian",
    "kategori",
    "status",
    "perjanjian_kinerja",
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
        let pairs = in_force.iter().zip(&values);
        let causes = pairs
            .map(|(indicator, value)| of_causes(&measured, indicator, value))
            .collect();
        let past = past_values(&reader, query, &measured).await?;
        let (columns, earlier) = earlier_years(&measured, &in_force, &past)?;
        let sheets: [Sheet; 5] = [
            ("1 Target dan realisasi", named(&OF_YEAR), rows(of_year)),
            ("2 Tahun sebelumnya", columns, earlier),
            ("3 Akhir rencana", named(&OF_END), rows(of_end)),
            (
                "4 Capaian sasaran",
                named(&OF_OBJECTIVES),
                of_objectives(&in_force, &values),
            ),
            ("5 Kendala dan tindak lanjut", named(&OF_CAUSES), causes),
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
    let rest: [Cell; 7] = [
        unit(indicator.formula).into(),
        realisation.target.into(),
        realisation.value.into(),
        realisation.achievement.into(),
        realisation.achievement_category.map(category).into(),
        status(realisation.status).into(),
        realisation.target_agreement.as_ref().map(named_agreement).into(),
    ];
    head(indicator).into_iter().chain(rest).collect()
}

/// Returns the agreement of a target as a report names it.
fn named_agreement(agreement: &TargetAgreement) -> String {
    let TargetAgreement {
        id: _,
        number,
        signed_on,
        kind,
    } = agreement;
    let title = match kind {
        AgreementKind::Murni => "Perjanjian Kinerja",
        AgreementKind::Perubahan => "Perjanjian Kinerja Perubahan",
    };
    format!("{title} {number}, {signed_on}")
}

/// Returns the columns of the years up to that of the report in which an indicator is in force, and a row for each indicator.
/// Behind them stand the values that the office reported before it used the service, with their sources: of the years that have
/// one.
fn earlier_years(
    measured: &Measured<'_>,
    in_force: &[&PlannedIndicator],
    past: &PastValues,
) -> Result<(Vec<String>, Vec<Row>), Error> {
    let years = measured.year - EARLIER..=measured.year;
    let years: Vec<i32> = years.filter(|year| !measured.plan.in_force(*year).is_empty()).collect();
    let mut columns = ["sasaran", "indikator", "satuan"].map(str::to_owned).to_vec();
    columns.extend(
        years
            .iter()
            .flat_map(|year| [format!("realisasi_{year}"), format!("capaian_{year}")]),
    );
    let past_years: BTreeSet<i32> = past.keys().map(|(_, year)| *year).collect();
    columns.extend(
        past_years
            .iter()
            .flat_map(|year| [format!("nilai_lampau_{year}"), format!("sumber_{year}")]),
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
        for year in &past_years {
            let value = past.get(&(indicator.row.code.clone(), *year));
            row.push(value.map(|value| Hundredths(value.value_hundredths)).into());
            row.push(value.map(|value| value.source.as_str()).into());
        }
        rows.push(row);
    }
    Ok((columns, rows))
}

/// By the code of the indicator and the year.
type PastValues = BTreeMap<(String, i32), past_value::Model>;

/// Reads the past values of the years before that of the report.
async fn past_values(reader: &FactReader<'_>, query: &Query<'_>, measured: &Measured<'_>) -> Result<PastValues, Error> {
    let district = measured.district.as_str();
    if reader.depends_on(district, &[Stream::Notes]).await? == 0 {
        return Ok(PastValues::new());
    }
    let rows = past_value::Entity::find()
        .filter(P::DistrictCode.eq(district))
        .filter(P::Year.between(measured.year - EARLIER, measured.year - 1))
        .filter(known_at::<past_value::Entity>(query.known_at()))
        .all(&reader.tx())
        .await?;
    let keyed = rows
        .into_iter()
        .map(|row| ((row.indicator_code.clone(), row.year), row));
    Ok(keyed.collect())
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

fn of_causes(measured: &Measured<'_>, indicator: &PlannedIndicator, value: &Value) -> Row {
    let [obstacles, follow_up] = note_cells(measured.note_of_year(indicator));
    let rest: [Cell; 5] = [
        value.realisation.achievement.into(),
        remark(&value.realisation).into(),
        obstacles,
        follow_up,
        Cell::Empty,
    ];
    head(indicator).into_iter().chain(rest).collect()
}
