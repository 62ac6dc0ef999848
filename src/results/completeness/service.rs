//! The matrix of obligations and deliveries, as it stands today.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use ::entity::village;

use super::dto::{Completeness, CompletenessCell, CompletenessCounts, CompletenessFilter, VillageCompleteness};
use crate::access::Actor;
use crate::core::civil;
use crate::core::formula::Formula;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::obligation::{self, Obligation, ReportGroup};
use crate::core::place;
use crate::platform::db::stamps;
use crate::platform::db::versions::known_at;
use crate::platform::error::{Code, Error};
use crate::platform::http::{DistrictCode, Slug, VillageCode};
use crate::results::realisations::facts::{Facts, Scope, Setting, governing_kinds};
use crate::results::realisations::ground::Kept;

pub async fn get(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
    filter: &CompletenessFilter,
    kept: Option<Kept<'_>>,
) -> Result<Completeness, Error> {
    let district = the_district(conn, actor, filter.district.as_ref()).await?;
    let today = civil::date_of(now);
    let year = filter.year.unwrap_or_else(|| today.year());
    let scope = Scope {
        districts: BTreeSet::from([district.to_string()]),
        years: year..=year,
        as_of: None,
        formulas: vec![Formula::ReportDelivery {
            group: ReportGroup::Administration,
        }],
    };
    let facts = Facts::load(conn, &scope, Setting::load(conn, &scope).await?, kept).await?;
    let names = names(conn, district.as_str()).await?;
    let mut kinds = governing_kinds(&facts.setting.kinds, year);
    kinds.retain(|k| filter.group.is_none_or(|group| k.group == group));
    let owed = obligation::obligations(year, &kinds);
    let reports = facts.reports.of(district.as_str()).iter();
    let reports: BTreeMap<_, _> = reports
        .map(|r| ((r.village_code.as_str(), r.kind.as_str(), r.fiscal_year), r))
        .collect();

    let villages = facts.setting.villages.of(district.as_str());
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
            village_code: VillageCode::try_from(desa.code.clone()).map_err(Error::internal)?,
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

/// A report that came after its year still shows as late: the matrix says what is still to be done.
fn cell(owed: &Obligation<'_>, report: Option<&ReportFact>, today: NaiveDate) -> Result<CompletenessCell, Error> {
    let delivered_on = report.and_then(|r| obligation::delivered_on(r.status, r.delivered_on));
    Ok(CompletenessCell {
        kind: Slug::try_from(owed.kind.code.clone()).map_err(Error::internal)?,
        fiscal_year: owed.fiscal_year,
        due_on: owed.due_on,
        state: obligation::punctuality(owed.due_on, delivered_on, today),
        report_id: report.map(|r| r.id),
        delivered_on,
    })
}

/// The asked district, the actor's own, or the only one there is.
async fn the_district(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    asked: Option<&DistrictCode>,
) -> Result<DistrictCode, Error> {
    let named = actor.scope_district(asked.map(DistrictCode::as_str))?;
    let mut known = stamps::list(conn, named.as_deref())
        .await?
        .into_iter()
        .map(|s| s.district_code);
    match (known.next(), known.next()) {
        (Some(only), None) => DistrictCode::try_from(only).map_err(Error::internal),
        (None, _) => Err(Error::not_found()),
        (Some(_), Some(_)) => Err(Error::new(Code::RuleBroken)
            .detail(
                "Sebutkan kecamatannya: ?district=63.11.06.",
                "Name the district: ?district=63.11.06.",
            )
            .at("query:district")),
    }
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
