//! IKU 4 and 5: report kinds and the reports that can meet their obligations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use ::entity::report::{Column as C, Entity as Reports};
use ::entity::report_kind::{Column as K, Entity as Kinds};

use super::records::{Recorded, Scope};
use crate::core::formula::report_delivery::ReportFact;
use crate::core::obligation::{ReportGroup, ReportKind};
use crate::platform::db::versions::known_at;
use crate::platform::error::{Error, OrInternal};

/// A kind and the first year that this row of it governs.
#[derive(Clone, Debug)]
pub struct KindRow {
    pub from_year: i32,
    pub kind: ReportKind,
}

/// Loads all rows of all kinds for each of the districts, which share the kinds.
pub async fn kinds(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<KindRow>>, Error> {
    let rows = Kinds::find()
        .filter(known_at::<Kinds>(scope.as_of))
        .order_by_asc(K::Code)
        .order_by_asc(K::FromYear)
        .all(conn)
        .await?;
    let mut kinds = Vec::with_capacity(rows.len() * scope.districts.len());
    for row in rows {
        let kind = ReportKind {
            code: row.code,
            group: row.group_code.parse()?,
            due_month: u32::try_from(row.due_month).or_internal()?,
            due_day: u32::try_from(row.due_day).or_internal()?,
            fiscal_year_offset: row.fiscal_year_offset,
            valid_from_year: row.valid_from_year,
            valid_to_year: row.valid_to_year,
            confirmed: row.confirmed,
        };
        let from_year = row.from_year;
        kinds.extend(scope.districts.iter().map(|district| {
            let kind = kind.clone();
            Recorded::new(
                district.clone(),
                row.version,
                row.recorded_at,
                KindRow { from_year, kind },
            )
        }));
    }
    Ok(kinds)
}

/// A kind and a fiscal year of which a report is recorded.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RecordedReport {
    district_code: String,
    kind: String,
    fiscal_year: i32,
    recorded_at: DateTime<Utc>,
}

/// Loads the kinds and fiscal years of all reports of the districts, whatever their year.
pub async fn recorded(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<RecordedReport>>, Error> {
    let rows = Reports::find()
        .select_only()
        .columns([C::DistrictCode, C::Kind, C::FiscalYear])
        .column_as(C::RecordedAt.max(), "recorded_at")
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Reports>(scope.as_of))
        .group_by(C::DistrictCode)
        .group_by(C::Kind)
        .group_by(C::FiscalYear)
        .into_model::<RecordedReport>()
        .all(conn)
        .await?;
    let recorded = |row: RecordedReport| Recorded::new(row.district_code.clone(), 0, row.recorded_at, row);
    Ok(rows.into_iter().map(recorded).collect())
}

/// Returns the first year in which a recorded report of a group falls due.
pub fn first_year(reports: &[RecordedReport], kinds: &[KindRow], group: ReportGroup) -> Option<i32> {
    let falls_due = |report: &RecordedReport, year: i32| {
        let of_kind = kinds
            .iter()
            .filter(|k| k.kind.code == report.kind && k.from_year <= year);
        let governing = of_kind.max_by_key(|k| k.from_year).map(|k| &k.kind);
        governing.is_some_and(|k| k.group == group && k.is_owed_in(year) && k.fiscal_year(year) == report.fiscal_year)
    };
    // A report falls due in its fiscal year or in the next.
    let years = reports
        .iter()
        .flat_map(|r| [r.fiscal_year, r.fiscal_year + 1].map(|year| (r, year)));
    years
        .filter(|(r, year)| falls_due(r, *year))
        .map(|(_, year)| year)
        .min()
}

/// Returns the kinds that govern a year: the row of each code that began last.
pub fn governing(rows: &[KindRow], year: i32) -> Vec<ReportKind> {
    let mut newest = BTreeMap::<&str, &KindRow>::new();
    for row in rows.iter().filter(|row| row.from_year <= year) {
        let seen = newest.entry(&row.kind.code).or_insert(row);
        if row.from_year > seen.from_year {
            *seen = row;
        }
    }
    newest.into_values().map(|row| row.kind.clone()).collect()
}

/// Loads the reports whose fiscal year can belong to an obligation of the years: the same year or the year before.
pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<ReportFact>>, Error> {
    let rows = Reports::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(C::FiscalYear.between(scope.years.start() - 1, *scope.years.end()))
        .filter(scope.known::<Reports>())
        .order_by_asc(C::Id)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let fact = ReportFact {
                id: row.id,
                village_code: row.village_code,
                kind: row.kind,
                fiscal_year: row.fiscal_year,
                delivered_on: row.delivered_on,
                status: row.status.parse()?,
                deleted: row.deleted,
            };
            Ok(Recorded::new(row.district_code, row.version, row.recorded_at, fact))
        })
        .collect()
}
