//! The ground that facts stand on: what was promised (decrees, indicators, targets), where (villages) and what is owed
//! (report kinds). It changes a few times a year, so what was read of it is kept, and with it the instants of its
//! streams: it is good as long as the asking snapshot has the same ones (docs/adr/0007).

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sea_orm::ConnectionTrait;

use super::facts::{Scope, Setting, Shelves};
use super::plan::{Plan, PlannedTargets, Which};
use super::service::Question;
use crate::core::formula::Formula;
use crate::core::obligation::ReportGroup;
use crate::core::period::Period;
use crate::platform::db::{ReadTx, Stamps, Stream};
use crate::platform::error::Error;

/// What is kept for at most so many districts at once: who asks about more of them reads what he needs.
const DISTRICTS: usize = 16;
/// Rows that are kept in all; about 600 bytes each.
const ROWS: u64 = 10_000;
/// A formula that reads the villages and the report kinds.
const FORMULA: Formula = Formula::ReportDelivery {
    group: ReportGroup::Administration,
};

/// All that is promised in a district or in several, or the part of it that one answer needs.
#[derive(Debug)]
pub struct Ground {
    pub plan: Plan,
    pub targets: PlannedTargets,
    pub setting: Setting,
}

/// The instants of the streams that a ground is made of, by district.
type Instants = Vec<(String, [i64; 5])>;

/// A ground and the instants that it belongs to.
type Dated = Arc<(Instants, Arc<Ground>)>;

/// What was read before: grounds by district (`None`: all districts together), and facts.
#[derive(Debug)]
pub struct Grounds {
    grounds: Cache<Option<String>, Dated, ByRows>,
    pub shelves: Shelves,
}

#[derive(Clone, Debug)]
struct ByRows;

impl Weighter<Option<String>, Dated> for ByRows {
    fn weight(&self, _: &Option<String>, kept: &Dated) -> u64 {
        let Ground { plan, targets, setting } = &*kept.1;
        let rows = 1 + plan.rows() + targets.rows() + setting.rows();
        u64::try_from(rows).unwrap_or(u64::MAX)
    }
}

impl Default for Grounds {
    fn default() -> Self {
        Self {
            grounds: Cache::with_weighter(DISTRICTS, ROWS, ByRows),
            shelves: Shelves::default(),
        }
    }
}

/// What was kept, and the state in which the question is answered.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub grounds: &'a Grounds,
    /// Of all districts that the actor sees.
    pub stamps: &'a Stamps,
    /// The view that is read; `None`: one that is consistent in any case.
    pub tx: Option<&'a ReadTx>,
}

impl Kept<'_> {
    /// Returns whether all rows that were read so far belong to one state.
    pub fn is_consistent(&self) -> bool {
        self.tx.is_none_or(ReadTx::is_consistent)
    }

    /// The district (`None`: all that the actor sees) whose ground answers the question, and its instants.
    fn place(&self, question: Question<'_>, which: Which<'_>) -> (Option<String>, Instants) {
        let district = match which {
            Which::District(district) => Some(district),
            Which::Code(_) | Which::All => question.actor.district.as_deref(),
        };
        let instants = |code: &str| {
            let streams = [
                Stream::Places,
                Stream::Decrees,
                Stream::Indicators,
                Stream::Targets,
                Stream::ReportKinds,
            ];
            let changed_at = |stream| self.stamps.changed_at(code, stream).unwrap_or(0);
            (code.to_owned(), streams.map(changed_at))
        };
        let codes = self.stamps.districts();
        let instants = codes
            .filter(|code| district.is_none_or(|d| d == *code))
            .map(instants)
            .collect();
        (district.map(str::to_owned), instants)
    }

    async fn ground(
        &self,
        conn: &impl ConnectionTrait,
        question: Question<'_>,
        which: Which<'_>,
    ) -> Result<Option<Arc<Ground>>, Error> {
        let (place, instants) = self.place(question, which);
        if question.known().is_some() || instants.len() > DISTRICTS {
            return Ok(None);
        }
        if let Some(kept) = self.grounds.grounds.get(&place)
            && kept.0 == instants
        {
            return Ok(Some(Arc::clone(&kept.1)));
        }
        let all = place.as_deref().map_or(Which::All, Which::District);
        let scope = Scope {
            districts: instants.iter().map(|(district, _)| district.clone()).collect(),
            formulas: vec![FORMULA],
            years: 2000..=2000,
            as_of: None,
        };
        let ground = Arc::new(Ground {
            plan: Plan::load(conn, all, None).await?,
            targets: PlannedTargets::load(conn, all, None, None).await?,
            setting: Setting::load(conn, &scope).await?,
        });
        if self.is_consistent() {
            let dated = Arc::new((instants, Arc::clone(&ground)));
            self.grounds.grounds.insert(place, dated);
        }
        Ok(Some(ground))
    }
}

/// What was promised to a question: the kept ground, or so far only the plan.
#[derive(Debug)]
pub enum Promised {
    Ground(Arc<Ground>),
    Plan(Plan),
}

impl Promised {
    pub async fn of(conn: &impl ConnectionTrait, question: Question<'_>, which: Which<'_>) -> Result<Self, Error> {
        if let Some(kept) = question.kept
            && let Some(ground) = kept.ground(conn, question, which).await?
        {
            return Ok(Self::Ground(ground));
        }
        Ok(Self::Plan(Plan::load(conn, which, question.known()).await?))
    }

    pub fn plan(&self) -> &Plan {
        match self {
            Self::Ground(ground) => &ground.plan,
            Self::Plan(plan) => plan,
        }
    }

    /// With all that the periods and the scope ask for.
    pub async fn ground(
        self,
        conn: &impl ConnectionTrait,
        which: Which<'_>,
        periods: &[Period],
        scope: &Scope,
    ) -> Result<Arc<Ground>, Error> {
        match self {
            Self::Ground(ground) => Ok(ground),
            Self::Plan(plan) => Ok(Arc::new(Ground {
                plan,
                targets: PlannedTargets::load(conn, which, Some(periods), scope.as_of).await?,
                setting: Setting::load(conn, scope).await?,
            })),
        }
    }
}
