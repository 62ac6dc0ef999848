//! *What are the facts*: loaded for any number of districts and years in a constant number of statements, one room
//! per formula, and handed to the core as plain values.

mod cases;
mod institutions;
mod places;
mod records;
mod reports;
mod surveys;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::ConnectionTrait;

use crate::core::civil;
use crate::core::formula::case_handling::CaseFact;
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::formula::{Formula, Inputs};
use crate::core::obligation::{ReportGroup, ReportKind};
use crate::core::place::Village;
use crate::core::section::Section;
use crate::platform::db::Stream;
use crate::platform::error::Error;
use crate::results::realisations::ground::Kept;

pub use records::{ByDistrict, Shelf};
pub use reports::{KindRow, governing as governing_kinds};
pub use surveys::SectionSurvey;

/// Which facts a request needs.
#[derive(Clone, Debug)]
pub struct Scope {
    pub districts: BTreeSet<String>,
    pub years: RangeInclusive<i32>,
    /// What was known at this instant; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// The formulas whose facts are read.
    pub formulas: Vec<Formula>,
}

impl Scope {
    fn first_day(&self) -> NaiveDate {
        civil::day(*self.years.start(), 1, 1)
    }

    fn last_day(&self) -> NaiveDate {
        civil::day(*self.years.end(), 12, 31)
    }

    fn reads(&self, stream: Stream) -> bool {
        self.formulas.iter().any(|f| streams(*f).contains(&stream))
    }
}

/// The streams of facts that a formula reads.
pub fn streams(formula: Formula) -> &'static [Stream] {
    match formula {
        Formula::SurveyIndex { .. } => &[Stream::Surveys],
        Formula::InstitutionCount => &[Stream::Places, Stream::Institutions],
        Formula::CaseHandling => &[Stream::Cases],
        Formula::ReportDelivery { .. } => &[Stream::Places, Stream::ReportKinds, Stream::Reports],
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
    pub villages: Arc<ByDistrict<Village>>,
    pub kinds: Arc<[Recorded<KindRow>]>,
}

impl Setting {
    /// Its rows.
    pub fn rows(&self) -> usize {
        self.villages.rows() + self.kinds.len()
    }

    /// As far as the formulas of the scope ask for it.
    pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Self, Error> {
        let mut setting = Setting::default();
        if scope.reads(Stream::Places) {
            setting.villages = Arc::new(places::load(conn, scope).await?.into_iter().collect());
        }
        if scope.reads(Stream::ReportKinds) {
            setting.kinds = reports::kinds(conn, scope).await?.into();
        }
        Ok(setting)
    }
}

/// Everything the formulas asked about can depend on, as known at one instant.
#[derive(Debug, Default)]
pub struct Facts {
    pub setting: Setting,
    pub reports: ByDistrict<ReportFact>,
    pub institutions: ByDistrict<InstitutionFact>,
    pub cases: ByDistrict<CaseFact>,
    pub surveys: ByDistrict<SectionSurvey>,
}

/// Facts that were read before. Surveys are not among them: they change with every answer, and are read in one go.
#[derive(Debug, Default)]
pub struct Shelves {
    reports: Shelf<ReportFact>,
    institutions: Shelf<InstitutionFact>,
    cases: Shelf<CaseFact>,
}

impl Facts {
    /// At most six statements, whatever is asked for; fewer when some of it is kept (which is good for now only).
    pub async fn load(
        conn: &impl ConnectionTrait,
        scope: &Scope,
        setting: Setting,
        kept: Option<Kept<'_>>,
    ) -> Result<Self, Error> {
        let kept = kept.filter(|_| scope.as_of.is_none());
        let mut facts = Facts {
            setting,
            ..Facts::default()
        };
        if scope.reads(Stream::Surveys) {
            facts.surveys = surveys::load(conn, scope).await?.into_iter().collect();
        }
        macro_rules! load {
            ($kind:ident, $stream:ident) => {
                facts.$kind = match kept {
                    None => $kind::load(conn, scope).await?.into_iter().collect(),
                    Some(kept) => {
                        let shelf = &kept.grounds.shelves.$kind;
                        let load = async |scope: &Scope| $kind::load(conn, scope).await;
                        shelf.facts(kept, Stream::$stream, scope, load).await?
                    }
                }
            };
        }
        if scope.reads(Stream::Cases) {
            load!(cases, Cases);
        }
        if scope.reads(Stream::Institutions) {
            load!(institutions, Institutions);
        }
        if scope.reads(Stream::Reports) {
            load!(reports, Reports);
        }
        Ok(facts)
    }

    /// What a formula reads of a district, for a window in this year.
    pub fn inputs(&self, formula: Formula, district: &str, year: i32) -> Inputs<'_> {
        match formula {
            Formula::SurveyIndex { section } => Inputs {
                surveys: self.section_surveys(section, district).map(|s| s.fact).collect(),
                ..Inputs::default()
            },
            Formula::InstitutionCount => Inputs {
                villages: self.setting.villages.of(district),
                institutions: self.institutions.of(district),
                ..Inputs::default()
            },
            Formula::CaseHandling => Inputs {
                cases: self.cases.of(district),
                ..Inputs::default()
            },
            Formula::ReportDelivery { group } => Inputs {
                villages: self.setting.villages.of(district),
                report_kinds: self.kinds(group, year),
                reports: self.reports.of(district),
                ..Inputs::default()
            },
        }
    }

    /// Returns when the newest fact that a formula reads in a year was recorded, in the version that is known.
    pub fn recorded_at(&self, formula: Formula, district: &str, year: i32) -> Option<DateTime<Utc>> {
        match formula {
            Formula::SurveyIndex { section } => self.surveys.newest(district, |s| {
                s.section == section.as_str() && s.fact.ends_on.year() == year
            }),
            Formula::InstitutionCount => self.institutions.newest(district, |_| true),
            Formula::CaseHandling => self
                .cases
                .newest(district, |c| civil::date_of(c.occurred_at).year() == year),
            Formula::ReportDelivery { group } => {
                let kinds = self.kinds(group, year);
                let owed = |r: &ReportFact| {
                    let mut kinds = kinds.iter();
                    kinds.any(|k| k.code == r.kind && k.fiscal_year(year) == r.fiscal_year)
                };
                self.reports.newest(district, owed)
            }
        }
    }

    fn section_surveys(&self, section: Section, district: &str) -> impl Iterator<Item = &SectionSurvey> {
        let surveys = self.surveys.of(district).iter();
        surveys.filter(move |s| s.section == section.as_str())
    }

    /// The kinds of a group, as they govern a year.
    fn kinds(&self, group: ReportGroup, year: i32) -> Vec<ReportKind> {
        let mut kinds = governing_kinds(&self.setting.kinds, year);
        kinds.retain(|kind| kind.group == group);
        kinds
    }
}

/// Children by the key of their parent, so that loading them needs one statement for all.
fn grouped<K: Ord, C>(children: impl IntoIterator<Item = C>, key: impl Fn(&C) -> K) -> BTreeMap<K, Vec<C>> {
    let mut groups = BTreeMap::<K, Vec<C>>::new();
    for child in children {
        groups.entry(key(&child)).or_default().push(child);
    }
    groups
}
