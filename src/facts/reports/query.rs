//! Reading reports.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::report::{Column as C, Entity as Reports, Model};

use super::dto::{ReportFilter, ReportSort};
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns the current report of a village, kind and fiscal year, if there is one.
pub async fn same_report(
    conn: &impl ConnectionTrait,
    village: &str,
    kind: &str,
    fiscal_year: i32,
) -> Result<Option<Model>, Error> {
    let key = Condition::all()
        .add(C::VillageCode.eq(village))
        .add(C::Kind.eq(kind))
        .add(C::FiscalYear.eq(fiscal_year));
    versions::find::<Reports>(conn, key, None).await
}

/// Returns one page of the reports that pass a filter, as they were at `at`.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &ReportFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Reports::find()
        .filter(known_at::<Reports>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village.as_ref(), |q, v| q.filter(C::VillageCode.eq(v.as_str())))
        .apply_if(filter.kind.as_ref(), |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.fiscal_year, |q, v| q.filter(C::FiscalYear.eq(v)))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.delivered_from, |q, v| q.filter(C::DeliveredOn.gte(v)))
        .apply_if(filter.delivered_to, |q, v| q.filter(C::DeliveredOn.lte(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        ReportSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::FiscalYear, C::Kind, C::Id]),
        ReportSort::DeliveredOn => Keyset::ascending(vec![C::DeliveredOn, C::Id]),
        ReportSort::DeliveredOnDescending => Keyset::descending(vec![C::DeliveredOn, C::Id]),
    };
    wanted.fetch(conn, query, &keyset, at).await
}
