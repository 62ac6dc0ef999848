//! From a question to its realisations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use ::entity::stamp;

use super::dto::{
    AllFilter, AppliedFormula, Explanation, GradeOfIndex, InformationItem, MeasuredIndicator, ObjectiveAchievement,
    Realisation, RealisationSheet, SeriesFilter,
};
use super::explanation;
use super::facts::{Facts, Scope};
use super::measurement::{self, Measurement};
use super::plan::{InForce, Plan, PlannedTargets, Which};
use super::words;
use crate::access::Actor;
use crate::core::achievement::{self, Category};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::{Figure, Frame};
use crate::core::grade::Grade;
use crate::core::period::{Period, SeriesError};
use crate::platform::db::{Stream, stamps, stored};
use crate::platform::error::{Code, Error};
use crate::platform::http::page::Listing;
use crate::platform::http::{DistrictCode, Page, Paging, Slug};
use crate::platform::text::Lang;

/// Who asks, when, in which language, and about what instant.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub who: &'a Actor,
    pub now: DateTime<Utc>,
    pub as_of: Option<DateTime<Utc>>,
    pub lang: Lang,
}

impl Question<'_> {
    fn frame(&self, period: Period) -> Frame {
        Frame {
            window: period.window(),
            as_of: self.as_of.unwrap_or(self.now),
        }
    }
}

/// What was loaded for a question.
struct Loaded {
    plan: Plan,
    targets: PlannedTargets,
    facts: Facts,
    stamps: Vec<stamp::Model>,
}

/// One indicator in one period.
pub async fn one(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    code: &Slug,
    period: Period,
) -> Result<Realisation, Error> {
    let loaded = load(conn, question, Which::Code(code.as_str()), &[period]).await?;
    Ok(measured(&loaded, question, &governing(&loaded, code, period)?, period)?.0)
}

/// The same with the decree's words, our choices and what was counted.
pub async fn explain(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    code: &Slug,
    period: Period,
) -> Result<Explanation, Error> {
    let loaded = load(conn, question, Which::Code(code.as_str()), &[period]).await?;
    let in_force = governing(&loaded, code, period)?;
    let (realisation, measurement) = measured(&loaded, question, &in_force, period)?;
    explanation::of(question.lang, &in_force, realisation, measurement)
}

/// One indicator from one period to another; years in which it is not in force are left out.
pub async fn series(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
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
    let wanted = paging.open(&("series", code, filter, question.as_of))?;
    let which = Which::Code(code.as_str());
    let plan = Plan::load(conn, which, question.as_of).await?;
    must_see_plan(question.who, &plan)?;
    let in_force = periods
        .into_iter()
        .filter(|p| !plan.in_force(p.year()).is_empty())
        .collect();
    let page = wanted.slice::<Period>(in_force, question.now)?;
    let loaded = load_for(conn, question, plan, which, &page.rows).await?;
    page.try_map(|period| Ok(measured(&loaded, question, &governing(&loaded, code, period)?, period)?.0))
}

/// All indicators of a district, or of every district that the actor sees, in one period.
pub async fn all(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    filter: &AllFilter,
    paging: &Paging,
) -> Result<RealisationSheet, Error> {
    let district = question
        .who
        .within(filter.district.as_ref().map(DistrictCode::as_str))?;
    if let Some(code) = &district
        && stamps::of(conn, code).await?.is_none()
    {
        return Err(Error::not_found());
    }
    let wanted = paging.open(&("realisations", &district, filter, question.as_of))?;
    let which = district.as_deref().map_or(Which::All, Which::District);
    let loaded = load(conn, question, which, &[filter.period]).await?;
    let in_force = loaded.plan.in_force(filter.period.year());
    let page = wanted.slice(in_force.clone(), question.now)?;
    let value = |f: &InForce<'_>| measured(&loaded, question, f, filter.period).map(|m| m.0);
    let objectives = match district {
        Some(_) => objectives(&in_force, value)?,
        None => Vec::new(),
    };
    let Listing {
        rows,
        next_cursor,
        total,
    } = page;
    let items = rows.iter().map(value).collect::<Result<_, _>>()?;
    Ok(RealisationSheet {
        items,
        next_cursor,
        total,
        objectives,
    })
}

/// Sasaran in the decree's order; several indicators may share one.
fn objectives(
    in_force: &[InForce<'_>],
    value: impl Fn(&InForce<'_>) -> Result<Realisation, Error>,
) -> Result<Vec<ObjectiveAchievement>, Error> {
    let mut groups: Vec<(&str, Vec<Option<Hundredths>>)> = Vec::new();
    for f in in_force {
        let achievement = value(f)?.achievement.map(Hundredths::from);
        match groups
            .iter_mut()
            .find(|(objective, _)| *objective == f.indicator.objective)
        {
            Some((_, achievements)) => achievements.push(achievement),
            None => groups.push((&f.indicator.objective, vec![achievement])),
        }
    }
    let mean = |(objective, achievements): (&str, Vec<_>)| ObjectiveAchievement {
        objective: objective.to_owned(),
        achievement: achievement::objective(achievements).map(Into::into),
    };
    Ok(groups.into_iter().map(mean).collect())
}

async fn load(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    which: Which<'_>,
    periods: &[Period],
) -> Result<Loaded, Error> {
    let plan = Plan::load(conn, which, question.as_of).await?;
    if let Which::Code(_) = which {
        must_see_plan(question.who, &plan)?;
    }
    load_for(conn, question, plan, which, periods).await
}

async fn load_for(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    plan: Plan,
    which: Which<'_>,
    periods: &[Period],
) -> Result<Loaded, Error> {
    let targets = PlannedTargets::load(conn, which, periods, question.as_of).await?;
    let years: BTreeSet<i32> = periods.iter().map(|p| p.year()).collect();
    let in_force: Vec<_> = years.iter().flat_map(|year| plan.in_force(*year)).collect();
    let scope = Scope {
        districts: in_force.iter().map(|f| f.indicator.district_code.clone()).collect(),
        formulas: in_force.iter().map(|f| f.indicator.formula_kind.clone()).collect(),
        years: years.first().copied().unwrap_or(2000)..=years.last().copied().unwrap_or(2000),
        as_of: question.as_of,
    };
    let facts = Facts::load(conn, &scope).await?;
    let stamps = match which {
        Which::All => stamps::all(conn, None).await?,
        Which::District(_) | Which::Code(_) => stamps::all(conn, plan.district()).await?,
    };
    Ok(Loaded {
        plan,
        targets,
        facts,
        stamps,
    })
}

/// 404 for an unknown indicator and for another district's.
fn must_see_plan(who: &Actor, plan: &Plan) -> Result<(), Error> {
    who.must_see(plan.district().ok_or_else(Error::not_found)?)
}

fn governing<'a>(loaded: &'a Loaded, code: &Slug, period: Period) -> Result<InForce<'a>, Error> {
    let in_force = loaded
        .plan
        .in_force(period.year())
        .into_iter()
        .find(|f| f.indicator.code == code.as_str());
    in_force.ok_or_else(|| {
        let year = period.year();
        Error::new(Code::IndicatorNotInForce).detail(
            format!("{code} tidak berlaku pada tahun {year}."),
            format!("{code} is not in force in {year}."),
        )
    })
}

/// The realisation, and the measurement it shows.
fn measured(
    loaded: &Loaded,
    question: Question<'_>,
    in_force: &InForce<'_>,
    period: Period,
) -> Result<(Realisation, Measurement), Error> {
    let InForce { indicator, decree } = *in_force;
    let frame = question.frame(period);
    let said = measurement::measure(indicator, &frame, &loaded.facts)?;
    let polarity = stored::parse(&indicator.polarity)?;
    let target = loaded.targets.of(&indicator.code, period);
    let achieved = achievement::achievement(said.value.as_ref(), target, polarity);
    let rounded = said.value.as_ref().map(Exact::to_hundredths);
    let realisation = Realisation {
        indicator: MeasuredIndicator {
            code: Slug::try_from(indicator.code.clone()).map_err(Error::internal)?,
            number: indicator.number,
            name: indicator.name.clone(),
            unit: indicator.unit.clone(),
            polarity,
            external_code: indicator.external_code.clone(),
        },
        district_code: DistrictCode::try_from(indicator.district_code.clone()).map_err(Error::internal)?,
        period,
        window: frame.window,
        as_of: question.as_of,
        facts_recorded_at: facts_recorded_at(loaded, question, in_force),
        status: said.status,
        reason: said.reason,
        reason_text: said.reason.map(|r| words::reason(r).in_lang(question.lang).to_owned()),
        value: rounded.map(Into::into),
        numerator: said.numerator,
        denominator: said.denominator,
        exact: said.fraction.as_ref().map(Exact::to_fraction_string),
        target: target.map(Into::into),
        achievement: achieved.ok().map(Into::into),
        achievement_category: achieved.ok().map(Category::of),
        achievement_reason: achieved.err(),
        grade: rounded.filter(|_| indicator.unit == "index").map(grade).transpose()?,
        formula: AppliedFormula {
            kind: indicator.formula_kind.clone(),
            text: words::formula(&said, &frame).in_lang(question.lang).to_owned(),
            decree: decree.number.clone(),
        },
        information: said
            .information
            .iter()
            .map(|i| InformationItem {
                code: i.code,
                value: figure(i.value),
            })
            .collect(),
        closing: None,
    };
    Ok((realisation, said))
}

fn grade(index: Hundredths) -> Result<GradeOfIndex, Error> {
    let grade = Grade::of(index).map_err(Error::internal)?;
    Ok(GradeOfIndex {
        letter: stored::code(grade)?,
        label: grade.label().to_owned(),
    })
}

fn figure(figure: Figure) -> crate::platform::decimal_json::Decimal2 {
    match figure {
        Figure::Count(n) => Hundredths(i64::try_from(n).unwrap_or(i64::MAX / 100).saturating_mul(100)).into(),
        Figure::Decimal(d) => d.into(),
    }
}

/// The last change of the formula's stream (deletions included); about a past instant, the newest fact known then.
fn facts_recorded_at(loaded: &Loaded, question: Question<'_>, in_force: &InForce<'_>) -> Option<DateTime<Utc>> {
    let indicator = in_force.indicator;
    let stream: Stream = measurement::stream(indicator);
    let row = loaded
        .stamps
        .iter()
        .find(|s| s.district_code == indicator.district_code)?;
    let changed = DateTime::from_timestamp_micros(stream.changed_at(row)).filter(|t| t.timestamp_micros() > 0);
    match question.as_of {
        Some(t) if changed.is_some_and(|c| c > t) => measurement::newest_fact(indicator, &loaded.facts),
        _ => changed,
    }
}
