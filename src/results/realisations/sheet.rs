//! The realisations of all indicators: of every district in a period, or of a district in several periods.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use ::entity::indicator;

use super::closed::Closed;
use super::dto::{DistrictNotInForce, ObjectiveAchievement, Realisation, RealisationFilter, RealisationSheet};
use super::service::{between, measure};
use crate::core::achievement;
use crate::core::decimal::Hundredths;
use crate::core::period::{Period, PeriodKind};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::page::PageRequest;
use crate::platform::http::{DistrictCode, Page, Paging};
use crate::results::facts::{FactReader, PlannedIndicator};
use crate::results::query::Query;

/// The most calendar years of a list of several periods: at most sixty periods.
const MOST_YEARS: i32 = 5;

/// Returns the periods of a list: `period`, or those from `from` to `to`, or the year of `today`.
fn periods(filter: &RealisationFilter, today: NaiveDate) -> Result<Vec<Period>, Error> {
    let needed = |name| {
        Error::rule(
            name,
            "`from` dan `to` harus dikirim bersama.",
            "Send `from` and `to` together.",
        )
    };
    match (filter.period, filter.from, filter.to) {
        (None, None, None) => Ok(Period::new(today.year(), PeriodKind::Year, 1).into_iter().collect()),
        (Some(period), None, None) => Ok(vec![period]),
        (Some(_), _, _) => Err(Error::rule(
            "query:period",
            "Kirim `period` saja, atau `from` dan `to` saja.",
            "Send either `period`, or `from` and `to`.",
        )),
        (None, Some(_), None) => Err(needed("query:to")),
        (None, None, Some(_)) => Err(needed("query:from")),
        (None, Some(from), Some(to)) => match between(from, to)? {
            _ if to.year() - from.year() >= MOST_YEARS => Err(Error::rule(
                "query:to",
                format!(
                    "`from` sampai `to` paling banyak {MOST_YEARS} tahun kalender. Bagi menjadi beberapa permintaan."
                ),
                format!("`from` to `to` may span at most {MOST_YEARS} calendar years. Send several requests."),
            )),
            periods => Ok(periods),
        },
    }
}

/// Returns all indicators of a district, or of every district that the actor sees, in one period; or all indicators of one
/// district in several periods.
pub async fn all(
    reader: FactReader<'_>,
    query: &Query<'_>,
    filter: &RealisationFilter,
    paging: &Paging,
) -> Result<RealisationSheet, Error> {
    let periods = periods(filter, query.day())?;
    let asked = filter.district_code.as_ref().map(DistrictCode::as_str);
    let district = query.actor.scope_district(asked)?;
    let request = paging.open(&("realisations", &district, filter, &periods, query.as_of))?;
    let query = &query.on_page(&request);
    let reader = reader.known_at(query.known_at());
    let &[period] = periods.as_slice() else {
        let district = query.one_district(&reader, asked).await?;
        return of_periods(
            reader,
            query,
            (district.as_str(), filter.changed_since),
            &periods,
            &request,
        )
        .await;
    };
    let Some(district) = district else {
        return of_all_districts(reader, query, period, filter.changed_since, &request).await;
    };
    if !reader.has_district(&district).await? {
        return Err(Error::not_found());
    }
    let now = of_district(reader, query, &district, period).await?;
    // Only a district in which no indicator is in force is named.
    let none = match now.is_empty() && request.snapshot_at().is_none() {
        true => not_in_force(&reader, Some(&district), period.year()).await?,
        false => Vec::new(),
    };
    let closed = Closed::load(&reader, query, [district.as_str()], [period]).await?;
    // The objectives need every value of the district, also the values on other pages.
    let values = closed.sheet(query, &district, period, now);
    let objectives = objectives(&values);
    let at = match request.is_one_page(values.len()) {
        true => query.now,
        false => reader.page_instant(&request, query.now).await?,
    };
    let mut shown = values;
    if let Some(since) = filter.changed_since {
        let moved = reader.moved_since(&district, since, period.year()).await?;
        shown.retain(|(_, value)| moved.contains(value.indicator.code.as_str()));
    }
    let page = request.paginate_in_memory(shown, at)?;
    Ok(sheet(page.map(|(_, value)| value), objectives, none))
}

/// Returns the values of all indicators of a district in force, computed, each with its objective.
pub async fn of_district(
    reader: FactReader<'_>,
    query: &Query<'_>,
    district: &str,
    period: Period,
) -> Result<Vec<(String, Realisation)>, Error> {
    let plan = reader.plan(BTreeSet::from([district.to_owned()])).await?;
    let in_force = plan.in_force(period.year());
    let reads = in_force.iter().map(|indicator| indicator.reads());
    let facts = reader.facts(reads, [period.year()]).await?;
    let value = |indicator: &&PlannedIndicator| {
        let objective = indicator.row.objective.clone();
        Ok((objective, measure(query, indicator, period, &facts)?))
    };
    in_force.iter().map(value).collect()
}

/// Returns the indicators of a district in several periods: by year, then by indicator, then by period.
async fn of_periods(
    reader: FactReader<'_>,
    query: &Query<'_>,
    (district, changed_since): (&str, Option<DateTime<Utc>>),
    periods: &[Period],
    request: &PageRequest,
) -> Result<RealisationSheet, Error> {
    let plan = reader.plan(BTreeSet::from([district.to_owned()])).await?;
    let (mut rows, mut none) = (Vec::new(), Vec::new());
    for of_year in periods.chunk_by(|one, next| one.year() == next.year()) {
        let Some(year) = of_year.first().map(|period| period.year()) else {
            continue;
        };
        let mut in_force = plan.in_force(year);
        if in_force.is_empty() && request.snapshot_at().is_none() {
            none.extend(not_in_force(&reader, Some(district), year).await?);
        }
        if let Some(since) = changed_since {
            let moved = reader.moved_since(district, since, year).await?;
            in_force.retain(|indicator| moved.contains(indicator.row.code.as_str()));
        }
        let pairs = in_force.into_iter();
        rows.extend(pairs.flat_map(|indicator| of_year.iter().map(move |period| (indicator, *period))));
    }
    let at = match request.is_one_page(rows.len()) {
        true => query.now,
        false => reader.page_instant(request, query.now).await?,
    };
    let page = request.paginate_in_memory(rows, at)?;
    let reads = page.rows.iter().map(|(indicator, _)| indicator.reads());
    let years = page.rows.iter().map(|(_, period)| period.year());
    let facts = reader.facts(reads, years).await?;
    let of_page = page.rows.iter().map(|(_, period)| *period);
    let closed = Closed::load(&reader, query, [district], of_page).await?;
    let page =
        page.try_map(|(indicator, period)| Ok(closed.shown(query, measure(query, indicator, period, &facts)?)))?;
    Ok(sheet(page, Vec::new(), none))
}

async fn not_in_force(
    reader: &FactReader<'_>,
    district: Option<&str>,
    year: i32,
) -> Result<Vec<DistrictNotInForce>, Error> {
    let found = reader.not_in_force(district, year).await?.into_iter();
    let shown = found.map(|row| {
        Ok(DistrictNotInForce {
            district_code: DistrictCode::try_from(row.district_code).or_internal()?,
            year,
            last_year: row.last_year,
        })
    });
    shown.collect()
}

/// Returns a page over all districts. The rows on the page are decided first, and only their districts are read.
async fn of_all_districts(
    reader: FactReader<'_>,
    query: &Query<'_>,
    period: Period,
    changed_since: Option<DateTime<Utc>>,
    request: &PageRequest,
) -> Result<RealisationSheet, Error> {
    if request.snapshot_at().is_some() {
        // Its cursor has the instant of the reader's first page.
        reader.is_asked_once();
    }
    let page = reader
        .page_in_force(period.year(), changed_since, request, query.now)
        .await?;
    let none = match request.snapshot_at() {
        Some(_) => Vec::new(),
        None => not_in_force(&reader, None, period.year()).await?,
    };
    let districts = page.rows.iter().map(|row| row.district_code.clone());
    let plan = reader.plan(districts.collect()).await?;
    let in_force = plan.in_force(period.year()).into_iter();
    let in_force: HashMap<&str, &PlannedIndicator> = in_force.map(|i| (i.row.code.as_str(), i)).collect();
    let of_row = |row: &indicator::Model| in_force.get(row.code.as_str()).copied();
    let reads = page.rows.iter().filter_map(of_row).map(PlannedIndicator::reads);
    let facts = reader.facts(reads, [period.year()]).await?;
    let districts = page.rows.iter().map(|row| row.district_code.as_str());
    let closed = Closed::load(&reader, query, districts, [period]).await?;
    let page = page.try_map(|row| {
        let indicator =
            of_row(&row).ok_or_else(|| Error::internal(format!("indicator {} is not in force", row.code)))?;
        Ok(closed.shown(query, measure(query, indicator, period, &facts)?))
    })?;
    Ok(sheet(page, Vec::new(), none))
}

fn sheet(
    page: Page<Realisation>,
    objectives: Vec<ObjectiveAchievement>,
    not_in_force: Vec<DistrictNotInForce>,
) -> RealisationSheet {
    let Page {
        items,
        next_cursor,
        total,
    } = page;
    RealisationSheet {
        items,
        next_cursor,
        total,
        objectives,
        not_in_force,
    }
}

/// Returns the objectives in the decree's order; several indicators may share an objective.
pub fn objectives(values: &[(String, Realisation)]) -> Vec<ObjectiveAchievement> {
    let mut groups: Vec<(&str, Vec<Option<Hundredths>>)> = Vec::new();
    for (objective, value) in values {
        let achievement = value.achievement.map(Hundredths::from);
        match groups.iter_mut().find(|(known, _)| known == objective) {
            Some((_, achievements)) => achievements.push(achievement),
            None => groups.push((objective, vec![achievement])),
        }
    }
    let mean = |(objective, achievements): (&str, Vec<_>)| ObjectiveAchievement {
        objective: objective.to_owned(),
        achievement: achievement::objective(achievements).map(Into::into),
    };
    groups.into_iter().map(mean).collect()
}
