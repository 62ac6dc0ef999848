//! From a question to its realisations.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::dto::{AllFilter, Explanation, ObjectiveAchievement, Realisation, RealisationSheet, SeriesFilter};
use super::explanation;
use super::facts::{Facts, Scope};
use super::ground::{Ground, Kept, Promised};
use super::plan::{InForce, Plan, Which};
use super::realisation::measured;
use crate::access::Actor;
use crate::core::achievement;
use crate::core::decimal::Hundredths;
use crate::core::formula::Frame;
use crate::core::period::{Period, SeriesError};
use crate::plan::indicators::service::not_in_force;
use crate::platform::db::stamps;
use crate::platform::error::Error;
use crate::platform::http::page::PageRequest;
use crate::platform::http::{DistrictCode, Page, Paging, Slug};
use crate::platform::text::Lang;

/// Who asks, when, in which language, and about what instant.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
    pub as_of: Option<DateTime<Utc>>,
    pub lang: Lang,
    /// On a later page of a list: the instant of its first page, so that all pages show one state.
    pub snapshot_at: Option<DateTime<Utc>>,
    /// What was read before, and how far it still holds; `None`: nothing is kept.
    pub kept: Option<Kept<'a>>,
}

impl Question<'_> {
    fn on_page(self, wanted: &PageRequest) -> Self {
        Self {
            snapshot_at: wanted.snapshot_at(),
            ..self
        }
    }

    /// What was known then; `None`: now. Shipped data counts as always known.
    pub fn known(&self) -> Option<DateTime<Utc>> {
        self.as_of.or(self.snapshot_at).map(|t| t.max(DateTime::UNIX_EPOCH))
    }

    pub fn frame(&self, period: Period) -> Frame {
        Frame {
            window: period.window(),
            as_of: self.as_of.or(self.snapshot_at).unwrap_or(self.now),
        }
    }
}

/// What was loaded for a question.
pub struct Loaded {
    pub ground: Arc<Ground>,
    pub facts: Facts,
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
    let question = question.on_page(&wanted);
    let which = Which::Code(code.as_str());
    let promised = Promised::of(conn, question, which).await?;
    ensure_can_see(question.actor, promised.plan(), code.as_str())?;
    let in_force = periods
        .into_iter()
        .filter(|p| !promised.plan().in_force(which, p.year()).is_empty())
        .collect();
    let page = wanted.slice::<Period>(in_force, wanted.at(question.now))?;
    let loaded = load_for(conn, question, promised, which, &page.rows).await?;
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
        .actor
        .scope_district(filter.district.as_ref().map(DistrictCode::as_str))?;
    if let Some(code) = &district
        && !exists(conn, question, code).await?
    {
        return Err(Error::not_found());
    }
    let wanted = paging.open(&("realisations", &district, filter, question.as_of))?;
    let question = question.on_page(&wanted);
    let which = district.as_deref().map_or(Which::All, Which::District);
    let loaded = load(conn, question, which, &[filter.period]).await?;
    let in_force = loaded.ground.plan.in_force(which, filter.period.year());
    let at = wanted.at(question.now);
    let value = |f: &InForce<'_>| measured(&loaded, question, f, filter.period).map(|m| m.0);
    let (page, objectives) = if district.is_some() {
        // The objectives need every value of the district, also those on other pages.
        let values = in_force.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        let objectives = objectives(&in_force, &values);
        (wanted.paginate_in_memory(values, at)?.map(|value| value), objectives)
    } else {
        (
            wanted.paginate_in_memory(in_force, at)?.try_map(|f| value(&f))?,
            Vec::new(),
        )
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

/// Sasaran in the decree's order; several indicators may share one. `values` are those of `in_force`.
fn objectives(in_force: &[InForce<'_>], values: &[Realisation]) -> Vec<ObjectiveAchievement> {
    let mut groups: Vec<(&str, Vec<Option<Hundredths>>)> = Vec::new();
    for (f, value) in in_force.iter().zip(values) {
        let achievement = value.achievement.map(Hundredths::from);
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
    groups.into_iter().map(mean).collect()
}

async fn load(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    which: Which<'_>,
    periods: &[Period],
) -> Result<Loaded, Error> {
    let promised = Promised::of(conn, question, which).await?;
    if let Which::Code(code) = which {
        ensure_can_see(question.actor, promised.plan(), code)?;
    }
    load_for(conn, question, promised, which, periods).await
}

async fn load_for(
    conn: &impl ConnectionTrait,
    question: Question<'_>,
    promised: Promised,
    which: Which<'_>,
    periods: &[Period],
) -> Result<Loaded, Error> {
    let years: BTreeSet<i32> = periods.iter().map(|p| p.year()).collect();
    let plan = promised.plan();
    let in_force: Vec<_> = years.iter().flat_map(|year| plan.in_force(which, *year)).collect();
    let scope = Scope {
        districts: in_force.iter().map(|f| f.indicator.district_code.clone()).collect(),
        formulas: in_force.iter().map(|f| f.indicator.formula_kind.clone()).collect(),
        years: years.first().copied().unwrap_or(2000)..=years.last().copied().unwrap_or(2000),
        as_of: question.known(),
    };
    let ground = promised.ground(conn, which, periods, &scope).await?;
    let facts = Facts::load(conn, &scope, ground.setting.clone(), question.kept).await?;
    Ok(Loaded { ground, facts })
}

async fn exists(conn: &impl ConnectionTrait, question: Question<'_>, district: &str) -> Result<bool, Error> {
    Ok(match question.kept {
        Some(kept) => kept.stamp(district).is_some(),
        None => stamps::get(conn, district).await?.is_some(),
    })
}

/// 404 for an unknown indicator and for another district's.
fn ensure_can_see(actor: &Actor, plan: &Plan, code: &str) -> Result<(), Error> {
    actor.ensure_can_see(plan.district_of(code).ok_or_else(Error::not_found)?)
}

fn governing<'a>(loaded: &'a Loaded, code: &Slug, period: Period) -> Result<InForce<'a>, Error> {
    let which = Which::Code(code.as_str());
    let in_force = loaded.ground.plan.in_force(which, period.year());
    in_force.into_iter().next().ok_or_else(|| not_in_force(period.year()))
}
