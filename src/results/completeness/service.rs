//! The matrix of obligations and deliveries on the present day.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use ::entity::village;

use super::dto::{Completeness, CompletenessCell, CompletenessCounts, CompletenessFilter, VillageCompleteness};
use crate::core::civil;
use crate::core::formula::Formula;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::obligation::{self, Obligation, ReportGroup};
use crate::core::place;
use crate::platform::db::versions::known_at;
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::http::{DistrictCode, Slug, VillageCode};
use crate::results::facts::FactReader;
use crate::results::query::Query;

pub async fn get(
    reader: FactReader<'_>,
    query: &Query<'_>,
    filter: &CompletenessFilter,
) -> Result<Completeness, Error> {
    let district = the_district(&reader, query, filter.district.as_ref())?;
    let today = civil::date_of(query.now);
    let year = filter.year.unwrap_or_else(|| today.year());
    // Both groups read the same streams.
    let formula = Formula::ReportDelivery {
        group: ReportGroup::Administration,
    };
    let facts = reader.facts([(district.as_str(), formula)], [year]).await?;
    let names = names(reader.tx(), district.as_str()).await?;
    let kinds = facts.kinds(district.as_str(), filter.group, year);
    let owed = obligation::obligations(year, &kinds);
    let reports = facts.reports.of(district.as_str()).iter();
    let reports: BTreeMap<_, _> = reports
        .map(|r| ((r.village_code.as_str(), r.kind.as_str(), r.fiscal_year), r))
        .collect();

    let villages = facts.villages.of(district.as_str());
    let mut counts = CompletenessCounts::default();
    let mut rows = Vec::new();
    for desa in place::desa_on(villages, place::measuring_date(civil::day(year, 12, 31), today)) {
        let mut cells = Vec::with_capacity(owed.len());
        for obligation in &owed {
            let key = (
                desa.code.as_str(),
                obligation.kind.code.as_str(),
                obligation.fiscal_year,
            );
            let cell = cell(obligation, reports.get(&key).copied(), today)?;
            counts.add(cell.state);
            cells.push(cell);
        }
        rows.push(VillageCompleteness {
            village_code: VillageCode::try_from(desa.code.clone()).or_internal()?,
            name: names.get(&desa.code).cloned().unwrap_or_default(),
            cells,
        });
    }
    Ok(Completeness {
        district_code: district,
        year,
        villages: rows,
        counts,
    })
}

/// A report that came after its year shows as late, not as missing: the village need not send it any more.
fn cell(owed: &Obligation<'_>, report: Option<&ReportFact>, today: NaiveDate) -> Result<CompletenessCell, Error> {
    let delivered_on = report.and_then(|r| obligation::delivered_on(r.status, r.delivered_on));
    Ok(CompletenessCell {
        kind: Slug::try_from(owed.kind.code.clone()).or_internal()?,
        fiscal_year: owed.fiscal_year,
        due_on: owed.due_on,
        state: obligation::punctuality(owed.due_on, delivered_on, today),
        report_id: report.map(|r| r.id),
        delivered_on,
    })
}

/// The district that the filter names, the actor's own, or the only district there is.
fn the_district(
    reader: &FactReader<'_>,
    query: &Query<'_>,
    asked: Option<&DistrictCode>,
) -> Result<DistrictCode, Error> {
    let district = match query.actor.scope_district(asked.map(DistrictCode::as_str))? {
        Some(named) => reader.has_district(&named).then_some(named),
        None => {
            let mut districts = reader.districts();
            if districts.len() > 1 {
                return Err(Error::new(Code::RuleBroken)
                    .detail(
                        "Sebutkan kecamatannya: ?district=63.11.06.",
                        "Name the district: ?district=63.11.06.",
                    )
                    .at("query:district"));
            }
            districts.pop_first()
        }
    };
    DistrictCode::try_from(district.ok_or_else(Error::not_found)?).or_internal()
}

async fn names(conn: &impl ConnectionTrait, district: &str) -> Result<HashMap<String, String>, Error> {
    let rows: Vec<(String, String)> = village::Entity::find()
        .select_only()
        .columns([village::Column::Code, village::Column::Name])
        .filter(village::Column::DistrictCode.eq(district))
        .filter(known_at::<village::Entity>(None))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
