//! The indicators that a change hides although they have targets or facts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use ::entity as tables;

use super::in_force::Hidden;
use crate::core::civil;
use crate::core::formula::Formula;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// Returns the codes of the hidden indicators that have targets or facts in the years in which they are hidden.
pub async fn with_data(
    conn: &impl ConnectionTrait,
    district: &str,
    hidden: &BTreeMap<String, Hidden>,
) -> Result<Vec<String>, Error> {
    if hidden.is_empty() {
        return Ok(Vec::new());
    }
    let planned = years_with_targets(conn, hidden.keys()).await?;
    // Indicators of one formula and the same years share their facts.
    let mut counted: Vec<(&Hidden, bool)> = Vec::new();
    let mut with_data = Vec::new();
    for (code, hidden) in hidden {
        let has_targets = hidden.years.iter().any(|year| planned.contains(&(code.clone(), *year)));
        let known = counted
            .iter()
            .find(|(other, _)| *other == hidden)
            .map(|(_, known)| *known);
        let has_facts = match known {
            Some(known) => known,
            None => has_facts(conn, district, hidden).await?,
        };
        counted.push((hidden, has_facts));
        if has_targets || has_facts {
            with_data.push(code.clone());
        }
    }
    Ok(with_data)
}

/// Returns the codes and years that have targets.
async fn years_with_targets(
    conn: &impl ConnectionTrait,
    codes: impl Iterator<Item = &String>,
) -> Result<BTreeSet<(String, i32)>, Error> {
    use tables::target::{Column as T, Entity as Targets};
    let found: Vec<(String, String)> = Targets::find()
        .select_only()
        .columns([T::IndicatorCode, T::Period])
        .filter(T::IndicatorCode.is_in(codes))
        .filter(known_at::<Targets>(None))
        .into_tuple()
        .all(conn)
        .await?;
    let year = |period: String| period.split('-').next().and_then(|year| year.parse().ok());
    Ok(found
        .into_iter()
        .filter_map(|(code, period)| Some((code, year(period)?)))
        .collect())
}

/// Returns whether there is a fact of the formula in the years, from the first to the last.
async fn has_facts(conn: &impl ConnectionTrait, district: &str, hidden: &Hidden) -> Result<bool, Error> {
    let (Some(first), Some(last)) = (hidden.years.first(), hidden.years.last()) else {
        return Ok(false);
    };
    let days = (civil::day(*first, 1, 1), civil::day(*last, 12, 31));
    match hidden.formula {
        Formula::SurveyIndex { section, .. } => has_surveys(conn, district, section.as_str(), days).await,
        Formula::CaseHandling {} => has_cases(conn, district, days).await,
        Formula::InstitutionCount {} => has_institutions(conn, district, days).await,
        Formula::ReportDelivery { group, .. } => has_reports(conn, district, group.as_str(), (*first, *last)).await,
    }
}

type Days = (NaiveDate, NaiveDate);

async fn has_surveys(conn: &impl ConnectionTrait, district: &str, section: &str, days: Days) -> Result<bool, Error> {
    use tables::survey::{Column as C, Entity as Surveys};
    let of_years = Surveys::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::Section.eq(section))
        .filter(C::EndsOn.between(days.0, days.1))
        .filter(known_at::<Surveys>(None));
    Ok(of_years.count(conn).await? > 0)
}

async fn has_cases(conn: &impl ConnectionTrait, district: &str, days: Days) -> Result<bool, Error> {
    use tables::public_case::{Column as C, Entity as Cases};
    let of_years = Cases::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::OccurredOn.between(days.0, days.1))
        .filter(known_at::<Cases>(None));
    Ok(of_years.count(conn).await? > 0)
}

async fn has_institutions(conn: &impl ConnectionTrait, district: &str, days: Days) -> Result<bool, Error> {
    use tables::institution::{Column as C, Entity as Institutions};
    use tables::institution_decree::{Column as D, Entity as Terms};
    let current = Query::select()
        .columns([C::Id, C::Version])
        .from(Institutions)
        .and_where(C::DistrictCode.eq(district))
        .cond_where(known_at::<Institutions>(None))
        .take();
    let key = Expr::tuple([D::InstitutionId, D::Version].map(|c| Expr::col(c.as_column_ref())));
    let of_years = Terms::find()
        .filter(D::StartsOn.lte(days.1))
        .filter(D::EndsOn.gte(days.0))
        .filter(key.in_subquery(current));
    Ok(of_years.count(conn).await? > 0)
}

/// A report belongs to the year in which it falls due.
async fn has_reports(
    conn: &impl ConnectionTrait,
    district: &str,
    group: &str,
    (first, last): (i32, i32),
) -> Result<bool, Error> {
    use tables::report::{Column as C, Entity as Reports};
    use tables::report_kind::{Column as K, Entity as Kinds};
    let offsets: Vec<(String, i32)> = Kinds::find()
        .select_only()
        .columns([K::Code, K::FiscalYearOffset])
        .filter(K::GroupCode.eq(group))
        .filter(known_at::<Kinds>(None))
        .into_tuple()
        .all(conn)
        .await?;
    let due = offsets.into_iter().map(|(code, offset)| {
        let years = C::FiscalYear.between(first.saturating_add(offset), last.saturating_add(offset));
        C::Kind.eq(code).and(years)
    });
    let Some(due) = due.reduce(ExprTrait::or) else {
        return Ok(false);
    };
    let of_years = Reports::find()
        .filter(C::DistrictCode.eq(district))
        .filter(due)
        .filter(known_at::<Reports>(None));
    Ok(of_years.count(conn).await? > 0)
}
