//! Computes realisations in three steps: the window, the facts, and their measure.

use std::collections::{BTreeSet, HashMap};

use super::closed::Closed;
use super::dto::{
    AppliedFormula, Explanation, Gap, GapTarget, GradeOfIndex, InformationItem, JudgedRecord, JudgedRecordFilter,
    MeasuredIndicator, Realisation, SeriesFilter,
};
use super::explanation::Beside;
use super::{records, text};
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::gap;
use crate::core::formula::{Breakdown, Figure, Frame, Measured, Unit};
use crate::core::grade::Grade;
use crate::core::period::{Period, SeriesError};
use crate::facts::responses;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Code, Error, OrInternal};
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
pub fn between(from: Period, to: Period) -> Result<Vec<Period>, Error> {
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

pub fn frame(query: &Query<'_>, period: Period) -> Frame {
    Frame {
        window: period.window(),
        as_of: query.as_of.or(query.snapshot_at).unwrap_or(query.now),
    }
}

pub fn measure(
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
