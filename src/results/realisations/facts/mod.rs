//! *What are the facts*: loaded for any number of districts and years in a constant number of statements, one room
//! per formula, and handed to the core as plain values.

mod cases;
mod institutions;
mod places;
mod reports;
mod surveys;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;

use crate::core::civil;
use crate::core::formula::case_handling::CaseFact;
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::place::Village;
use crate::platform::error::Error;

pub use reports::{KindRow, governing as governing_kinds};
pub use surveys::SectionSurvey;

/// Which facts a request needs.
#[derive(Clone, Debug)]
pub struct Scope {
    pub districts: BTreeSet<String>,
    pub years: RangeInclusive<i32>,
    /// What was known at this instant; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Only the facts of these formulas (`formula_kind` of the indicators asked about).
    pub formulas: BTreeSet<String>,
}

impl Scope {
    fn first_day(&self) -> NaiveDate {
        civil::day(*self.years.start(), 1, 1)
    }

    fn last_day(&self) -> NaiveDate {
        civil::day(*self.years.end(), 12, 31)
    }

    fn wants(&self, formula: &str) -> bool {
        self.formulas.contains(formula)
    }
}

/// A fact with its district and the instant at which this version was recorded.
#[derive(Clone, Debug)]
pub struct Recorded<F> {
    pub district: String,
    pub at: DateTime<Utc>,
    pub fact: F,
}

/// What the facts are held against: the villages, and which reports they owe. Changes seldom, so it can be kept.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    pub villages: Arc<[Recorded<Village>]>,
    pub kinds: Arc<[Recorded<KindRow>]>,
}

impl Setting {
    /// As far as the formulas of the scope ask for it.
    pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Self, Error> {
        let mut setting = Setting::default();
        if scope.wants("institution_count") || scope.wants("report_delivery") {
            setting.villages = places::load(conn, scope).await?.into();
        }
        if scope.wants("report_delivery") {
            setting.kinds = reports::kinds(conn, scope).await?.into();
        }
        Ok(setting)
    }
}

/// Everything the formulas asked about can depend on, as known at one instant.
#[derive(Debug, Default)]
pub struct Facts {
    pub setting: Setting,
    pub reports: Vec<Recorded<ReportFact>>,
    pub institutions: Vec<Recorded<InstitutionFact>>,
    pub cases: Vec<Recorded<CaseFact>>,
    pub surveys: Vec<Recorded<SectionSurvey>>,
}

impl Facts {
    /// At most seven statements, whatever is asked for.
    pub async fn load(conn: &impl ConnectionTrait, scope: &Scope, setting: Setting) -> Result<Self, Error> {
        let mut facts = Facts {
            setting,
            ..Facts::default()
        };
        if scope.wants("survey_index") {
            facts.surveys = surveys::load(conn, scope).await?;
        }
        if scope.wants("case_handling") {
            facts.cases = cases::load(conn, scope).await?;
        }
        if scope.wants("institution_count") {
            facts.institutions = institutions::load(conn, scope).await?;
        }
        if scope.wants("report_delivery") {
            facts.reports = reports::load(conn, scope).await?;
        }
        Ok(facts)
    }
}

/// The plain values of one district.
pub fn of<F: Clone>(facts: &[Recorded<F>], district: &str) -> Vec<F> {
    facts
        .iter()
        .filter(|r| r.district == district)
        .map(|r| r.fact.clone())
        .collect()
}

/// Children by the key of their parent, so that loading them needs one statement for all.
fn grouped<K: Ord, C>(children: impl IntoIterator<Item = C>, key: impl Fn(&C) -> K) -> BTreeMap<K, Vec<C>> {
    let mut groups = BTreeMap::<K, Vec<C>>::new();
    for child in children {
        groups.entry(key(&child)).or_default().push(child);
    }
    groups
}
