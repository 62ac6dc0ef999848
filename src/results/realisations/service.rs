//! Computes realisations in three steps: the window, the facts, and their measure.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use ::entity::indicator;

use super::closed::Closed;
use super::dto::{
    AppliedFormula, DistrictNotInForce, Explanation, Gap, GapTarget, GradeOfIndex, InformationItem, JudgedRecord,
    JudgedRecordFilter, MeasuredIndicator, ObjectiveAchievement, Realisation, RealisationFilter, RealisationSheet,
    SeriesFilter,
};
use super::explanation::Beside;
use super::{records, text};
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::{Breakdown, Figure, Frame, Measured, Unit, gap};
use crate::core::grade::Grade;
use crate::core::period::{Period, PeriodKind, SeriesError};
use crate::facts::responses;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::http::page::PageRequest;
use crate::platform::http::{DistrictCode, Page, Paging, Slug};
use crate::results::facts::{FactReader, Facts, PlannedIndicator};
use crate::results::query::Query;

/// Returns one indicator in one period, closed or computed.
pub async fn one(reader: FactReader<'_>, query: &Query<'_>, code: &Slug, period: Period) -> Result<Realisation, Error> {
    let district = reader.district_of(code.as_str()).await?;
    let closed = Closed::load(&reader, query, [district.as_str()], [period]).await?;
    match computed(reader, query, code, period).await {
        Ok(now) => Ok(closed.shown(query, now)),
        Err(error) if matches!(error.code, Code::NotFound | Code::IndicatorNotInForce) => {
            let alone = closed.alone(query, &district, code.as_str(), period);
            alone.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

async fn computed(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
) -> Result<Realisation, Error> {
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let facts = reader.facts([indicator.reads()], [period.year()]).await?;
    measure(query, indicator, period, &facts)
}

/// Returns one indicator in one period, with the decree's words, our choices and the breakdown. It is always computed, as are the
/// records, the gap and the difference.
pub async fn explain(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
) -> Result<Explanation, Error> {
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let facts = reader.facts_with_deleted(indicator.reads(), period.year()).await?;
    let measured = explained(query, indicator, period, &facts);
    explanation(reader, query, indicator, period, &facts, measured).await
}

/// Returns the explanation of a measure.
pub async fn explanation(
    reader: FactReader<'_>,
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    period: Period,
    facts: &Facts,
    measured: Measured,
) -> Result<Explanation, Error> {
    let realisation = realisation(query, indicator, period, facts, &measured)?;
    let (mut names, mut aside) = (HashMap::new(), HashMap::new());
    match &measured.breakdown {
        Breakdown::Surveys(counted) => {
            let ids: Vec<_> = counted.iter().map(|survey| survey.survey).collect();
            aside = responses::tally::aside(&reader.tx(), &ids, query.known_at()).await?;
        }
        Breakdown::Institutions(_) | Breakdown::Cases(_) | Breakdown::Obligations(_) => {
            let date = frame(query, period).measuring_date();
            names = reader.village_names(&indicator.row.district_code, date).await?;
        }
    }
    super::explanation::of(query, indicator, realisation, measured, &Beside { names, aside })
}

/// Returns one page of the records and obligations behind a value, each with its verdict.
pub async fn records(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
    filter: &JudgedRecordFilter,
    paging: &Paging,
) -> Result<Page<JudgedRecord>, Error> {
    let request = paging.open(&("judged records", code, period, filter, query.as_of))?;
    let query = &query.on_page(&request);
    let reader = reader.known_at(query.known_at());
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let facts = reader.facts_with_deleted(indicator.reads(), period.year()).await?;
    let measured = explained(query, indicator, period, &facts);
    let judged = records::of(query, indicator, &facts, &frame(query, period), &measured, filter)?;
    let at = match request.is_one_page(judged.len()) {
        true => query.now,
        false => reader.page_instant(&request, query.now).await?,
    };
    request.paginate_in_memory(judged, at)?.try_map(Ok)
}

/// Returns what would bring a value to a target, and one page of the candidates whose verdict can still change.
pub async fn gap(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
    wanted: &GapTarget,
    paging: &Paging,
) -> Result<Gap, Error> {
    let request = paging.open(&("gap", code, period, wanted, query.as_of))?;
    let query = &query.on_page(&request);
    let reader = reader.known_at(query.known_at());
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let target = Hundredths::from(wanted.target);
    let facts = reader.facts_with_deleted(indicator.reads(), period.year()).await?;
    let measured = explained(query, indicator, period, &facts);
    let found = gap::gap(&measured, target, indicator.polarity);
    let everything = JudgedRecordFilter::default();
    let judged = records::of(query, indicator, &facts, &frame(query, period), &measured, &everything)?;
    let open: BTreeSet<usize> = found.open.iter().copied().collect();
    let items: Vec<_> = judged
        .into_iter()
        .enumerate()
        .filter(|(n, _)| open.contains(n))
        .collect();
    let at = match request.is_one_page(items.len()) {
        true => query.now,
        false => reader.page_instant(&request, query.now).await?,
    };
    let page = request.paginate_in_memory(items, at)?.map(|(_, item)| item);
    let realisation = realisation(query, indicator, period, &facts, &measured)?;
    let text = query.translate(&text::gap(indicator.formula, indicator.polarity, &found));
    Ok(Gap::new(realisation, target, indicator.polarity, &found, text, page))
}

/// Returns one indicator from one period to another, without years in which it is not in force.
pub async fn series(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    filter: &SeriesFilter,
    paging: &Paging,
) -> Result<Page<Realisation>, Error> {
    let periods = between(filter.from, filter.to)?;
    let request = paging.open(&("series", code, filter, query.as_of))?;
    let query = &query.on_page(&request);
    let reader = reader.known_at(query.known_at());
    let plan = reader.plan_of(code.as_str()).await?;
    let in_force = periods.into_iter().filter_map(|period| {
        let indicator = plan.indicator(code.as_str(), period.year()).ok()?;
        Some((indicator, period))
    });
    let in_force: Vec<_> = in_force.collect();
    let at = match request.is_one_page(in_force.len()) {
        true => query.now,
        false => reader.page_instant(&request, query.now).await?,
    };
    let page = request.paginate_in_memory(in_force, at)?;
    let reads = page.rows.iter().map(|(indicator, _)| indicator.reads());
    let years = page.rows.iter().map(|(_, period)| period.year());
    let facts = reader.facts(reads, years).await?;
    let district = page
        .rows
        .first()
        .map(|(indicator, _)| indicator.row.district_code.as_str());
    let periods = page.rows.iter().map(|(_, period)| *period);
    let closed = Closed::load(&reader, query, district, periods).await?;
    page.try_map(|(indicator, period)| Ok(closed.shown(query, measure(query, indicator, period, &facts)?)))
}

/// Returns the periods from the first to the last; 422 if they are not of one kind, or in the wrong order.
fn between(from: Period, to: Period) -> Result<Vec<Period>, Error> {
    Period::series(from, to).map_err(|e| match e {
        SeriesError::MixedKinds => Error::rule(
            "query:to",
            "`from` dan `to` harus periode yang sejenis.",
            "`from` and `to` must be periods of one kind.",
        ),
        SeriesError::Reversed => Error::rule(
            "query:to",
            "`to` tidak boleh mendahului `from`.",
            "`to` must not come before `from`.",
        ),
    })
}

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

pub fn frame(query: &Query<'_>, period: Period) -> Frame {
    Frame {
        window: period.window(),
        as_of: query.as_of.or(query.snapshot_at).unwrap_or(query.now),
    }
}

fn measure(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    period: Period,
    facts: &Facts,
) -> Result<Realisation, Error> {
    let (district, formula) = indicator.reads();
    let inputs = facts.inputs(formula, district, period.year());
    let measured = formula.measure(&frame(query, period), &inputs);
    realisation(query, indicator, period, facts, &measured)
}

/// Measures with all candidates.
pub fn explained(query: &Query<'_>, indicator: &PlannedIndicator, period: Period, facts: &Facts) -> Measured {
    let (district, formula) = indicator.reads();
    let inputs = facts.inputs(formula, district, period.year());
    formula.explain(&frame(query, period), &inputs)
}

pub fn realisation(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    period: Period,
    facts: &Facts,
    measured: &Measured,
) -> Result<Realisation, Error> {
    let (row, formula) = (&indicator.row, indicator.formula);
    let frame = frame(query, period);
    let (target, agreement) = (indicator.target(period), indicator.agreement(period));
    let year_target = indicator.year_target(period.year());
    let against = |target| achievement::achievement(measured.value.as_ref(), target, indicator.polarity);
    let (achieved, of_year) = (against(target), against(year_target));
    let rounded = measured.rounded();
    Ok(Realisation {
        indicator: MeasuredIndicator {
            code: Slug::try_from(row.code.clone()).or_internal()?,
            number: row.number,
            name: row.name.clone(),
            unit: formula.unit().as_str().to_owned(),
            polarity: indicator.polarity,
            external_code: row.external_code.clone(),
        },
        district_code: DistrictCode::try_from(row.district_code.clone()).or_internal()?,
        period,
        window: frame.window,
        as_of: query.as_of,
        facts_recorded_at: facts.recorded_at(formula, &row.district_code, period.year()),
        status: measured.status,
        reason: measured.reason,
        reason_text: measured
            .reason
            .map(|reason| query.translate(&text::reason(reason, formula))),
        value: rounded.map(Into::into),
        numerator: measured.numerator,
        denominator: measured.denominator,
        exact: measured.fraction.as_ref().map(Exact::to_fraction_string),
        target: target.map(Into::into),
        target_agreement: agreement.map(Into::into),
        achievement: achieved.ok().map(Into::into),
        achievement_category: achieved.ok().map(Category::of),
        achievement_reason: achieved.err(),
        year_target: year_target.map(Into::into),
        year_achievement: of_year.ok().map(Into::into),
        year_achievement_reason: of_year.err(),
        grade: rounded
            .filter(|_| formula.unit() == Unit::Index)
            .map(grade)
            .transpose()?,
        formula: AppliedFormula {
            kind: formula.kind().to_owned(),
            text: query.translate(&text::formula(measured, &frame)),
            decree: indicator.decree.number.clone(),
        },
        information: measured
            .information
            .iter()
            .map(|i| InformationItem {
                code: i.code,
                value: figure(i.value),
            })
            .collect(),
        closing: None,
        note: None,
    })
}

fn grade(index: Hundredths) -> Result<GradeOfIndex, Error> {
    GradeOfIndex::new(Grade::of(index).or_internal()?)
}

fn figure(figure: Figure) -> Decimal2 {
    match figure {
        Figure::Count(n) => Hundredths(i64::try_from(n).unwrap_or(i64::MAX / 100).saturating_mul(100)).into(),
        Figure::Decimal(d) => d.into(),
    }
}
