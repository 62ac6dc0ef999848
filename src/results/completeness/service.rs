//! The matrix of obligations and deliveries on the day of the query.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::dto::{Completeness, CompletenessCell, CompletenessCounts, CompletenessFilter, VillageCompleteness};
use crate::core::civil;
use crate::core::formula::Formula;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::obligation::{self, Obligation, Punctuality, ReportGroup};
use crate::core::place::{self, Village};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, Slug, VillageCode};
use crate::results::facts::FactReader;
use crate::results::query::Query;

pub async fn get(
    reader: FactReader<'_>,
    query: &Query<'_>,
    filter: &CompletenessFilter,
) -> Result<Completeness, Error> {
    let of_village = filter.village_code.as_ref().map(VillageCode::district);
    let asked = filter.district_code.as_ref().map(DistrictCode::as_str).or(of_village);
    let district = query.one_district(&reader, asked).await?;
    let today = query.day();
    let year = filter.year.unwrap_or_else(|| today.year());
    // Both groups read the same streams.
    let formula = Formula::ReportDelivery {
        group: ReportGroup::Administration,
        per_village: None,
    };
    let facts = reader.facts([(district.as_str(), formula)], [year]).await?;
    let date = place::measuring_date(civil::day(year, 12, 31), today);
    let names = reader.village_names(district.as_str(), date).await?;
    let kinds = facts.kinds(district.as_str(), filter.group, year);
    let owed = obligation::obligations(year, &kinds);
    let reports = facts.reports.of(district.as_str()).iter();
    let reports: BTreeMap<_, _> = reports
        .map(|r| ((r.village_code.as_str(), r.kind.as_str(), r.fiscal_year), r))
        .collect();

    let villages = facts.villages.of(district.as_str());
    let mut counts = CompletenessCounts::default();
    let mut rows = Vec::new();
    let is_asked = |desa: &&Village| filter.village_code.as_ref().is_none_or(|v| v.as_str() == desa.code);
    for desa in place::desa_on(villages, date).filter(is_asked) {
        let mut cells = Vec::with_capacity(owed.len());
        for obligation in &owed {
            let key = (
                desa.code.as_str(),
                obligation.kind.code.as_str(),
                obligation.fiscal_year,
            );
            let cell = cell(obligation, desa, reports.get(&key).copied(), today)?;
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

/// A report that was delivered after its year is late, not missing: the village need not deliver it again. A report that fell
/// due before the village existed is not due.
fn cell(
    owed: &Obligation<'_>,
    desa: &Village,
    report: Option<&ReportFact>,
    today: NaiveDate,
) -> Result<CompletenessCell, Error> {
    let delivered_on = report.and_then(|r| obligation::delivered_on(r.status, r.delivered_on));
    let state = match owed.is_owed_by(desa) {
        true => obligation::punctuality(owed.due_on, delivered_on, today),
        false => Punctuality::NotDue,
    };
    Ok(CompletenessCell {
        kind: Slug::try_from(owed.kind.code.clone()).or_internal()?,
        fiscal_year: owed.fiscal_year,
        due_on: owed.due_on,
        state,
        report_id: report.map(|r| r.id),
        delivered_on,
    })
}
