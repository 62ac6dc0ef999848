//! Computes realisations in three steps: the window, the facts, and their measure.

use std::collections::BTreeSet;

use super::dto::{
    AllFilter, AppliedFormula, Explanation, GradeOfIndex, InformationItem, MeasuredIndicator, ObjectiveAchievement,
    Realisation, RealisationSheet, SeriesFilter,
};
use super::{explanation, text};
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::{Figure, Frame, Measured, Unit};
use crate::core::grade::Grade;
use crate::core::period::{Period, SeriesError};
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, Page, Paging, Slug};
use crate::results::facts::{FactReader, Facts, PlannedIndicator};
use crate::results::query::Query;

/// One indicator in one period.
pub async fn one(reader: FactReader<'_>, query: &Query<'_>, code: &Slug, period: Period) -> Result<Realisation, Error> {
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let facts = reader.facts([indicator.reads()], [period.year()]).await?;
    Ok(measure(query, indicator, period, &facts)?.0)
}

/// One indicator in one period, with the decree's words, our choices and the breakdown.
pub async fn explain(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
) -> Result<Explanation, Error> {
    let plan = reader.plan_of(code.as_str()).await?;
    let indicator = plan.indicator(code.as_str(), period.year())?;
    let facts = reader.facts([indicator.reads()], [period.year()]).await?;
    let (realisation, measured) = measure(query, indicator, period, &facts)?;
    explanation::of(query, indicator, realisation, measured.breakdown)
}

/// One indicator from one period to another; years in which it is not in force are left out.
pub async fn series(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    filter: &SeriesFilter,
    paging: &Paging,
) -> Result<Page<Realisation>, Error> {
    let periods = Period::series(filter.from, filter.to).map_err(|e| match e {
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
    })?;
    let wanted = paging.open(&("series", code, filter, query.as_of))?;
    let query = &query.on_page(&wanted);
    let reader = reader.known_at(query.known_at());
    let plan = reader.plan_of(code.as_str()).await?;
    let in_force = periods.into_iter().filter_map(|period| {
        let indicator = plan.indicator(code.as_str(), period.year()).ok()?;
        Some((indicator, period))
    });
    let page = wanted.paginate_in_memory(in_force.collect(), wanted.at(query.now))?;
    let reads = page.rows.iter().map(|(indicator, _)| indicator.reads());
    let years = page.rows.iter().map(|(_, period)| period.year());
    let facts = reader.facts(reads, years).await?;
    page.try_map(|(indicator, period)| Ok(measure(query, indicator, period, &facts)?.0))
}

/// All indicators of a district, or of every district that the actor sees, in one period.
pub async fn all(
    reader: FactReader<'_>,
    query: &Query<'_>,
    filter: &AllFilter,
    paging: &Paging,
) -> Result<RealisationSheet, Error> {
    let district = filter.district.as_ref().map(DistrictCode::as_str);
    let district = query.actor.scope_district(district)?;
    if district.as_ref().is_some_and(|code| !reader.has_district(code)) {
        return Err(Error::not_found());
    }
    let wanted = paging.open(&("realisations", &district, filter, query.as_of))?;
    let query = &query.on_page(&wanted);
    let reader = reader.known_at(query.known_at());
    let one_district = district.is_some();
    let districts = district.map_or_else(|| reader.districts(), |code| BTreeSet::from([code]));
    let plan = reader.plan(districts).await?;
    let in_force = plan.in_force(filter.period.year());
    let reads = in_force.iter().map(|indicator| indicator.reads());
    let facts = reader.facts(reads, [filter.period.year()]).await?;
    let value = |indicator: &PlannedIndicator| Ok(measure(query, indicator, filter.period, &facts)?.0);
    let at = wanted.at(query.now);
    let (page, objectives) = if one_district {
        // The objectives need every value of the district, also those on other pages.
        let values = in_force.iter().map(|i| value(i)).collect::<Result<Vec<_>, Error>>()?;
        let objectives = objectives(&in_force, &values);
        (wanted.paginate_in_memory(values, at)?.map(|value| value), objectives)
    } else {
        (wanted.paginate_in_memory(in_force, at)?.try_map(value)?, Vec::new())
    };
    let Page {
        items,
        next_cursor,
        total,
    } = page;
    Ok(RealisationSheet {
        items,
        next_cursor,
        total,
        objectives,
    })
}

/// Sasaran in the decree's order; several indicators may share one. `values` belong to `in_force` one by one.
fn objectives(in_force: &[&PlannedIndicator], values: &[Realisation]) -> Vec<ObjectiveAchievement> {
    let mut groups: Vec<(&str, Vec<Option<Hundredths>>)> = Vec::new();
    for (indicator, value) in in_force.iter().zip(values) {
        let achievement = value.achievement.map(Hundredths::from);
        match groups
            .iter_mut()
            .find(|(objective, _)| *objective == indicator.row.objective)
        {
            Some((_, achievements)) => achievements.push(achievement),
            None => groups.push((&indicator.row.objective, vec![achievement])),
        }
    }
    let mean = |(objective, achievements): (&str, Vec<_>)| ObjectiveAchievement {
        objective: objective.to_owned(),
        achievement: achievement::objective(achievements).map(Into::into),
    };
    groups.into_iter().map(mean).collect()
}

/// Returns the realisation, and the measure that it shows.
fn measure(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    period: Period,
    facts: &Facts,
) -> Result<(Realisation, Measured), Error> {
    let (row, formula) = (&indicator.row, indicator.formula);
    let frame = Frame {
        window: period.window(),
        as_of: query.as_of.or(query.snapshot_at).unwrap_or(query.now),
    };
    let inputs = facts.inputs(formula, &row.district_code, period.year());
    let measured = formula.measure(&frame, &inputs);
    let target = indicator.target(period);
    let achieved = achievement::achievement(measured.value.as_ref(), target, indicator.polarity);
    let rounded = measured.rounded();
    let realisation = Realisation {
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
        reason_text: measured.reason.map(|reason| query.translate(&text::reason(reason))),
        value: rounded.map(Into::into),
        numerator: measured.numerator,
        denominator: measured.denominator,
        exact: measured.fraction.as_ref().map(Exact::to_fraction_string),
        target: target.map(Into::into),
        achievement: achieved.ok().map(Into::into),
        achievement_category: achieved.ok().map(Category::of),
        achievement_reason: achieved.err(),
        grade: rounded
            .filter(|_| formula.unit() == Unit::Index)
            .map(grade)
            .transpose()?,
        formula: AppliedFormula {
            kind: formula.kind().to_owned(),
            text: query.translate(&text::formula(&measured, &frame)),
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
    };
    Ok((realisation, measured))
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
