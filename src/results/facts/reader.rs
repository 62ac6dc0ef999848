//! The reader of facts: it takes them from the caches or the database, and records what a result depends on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::cache::{FactCaches, Insert, StreamCache};
use super::inputs::{Facts, streams};
use super::plan::{self, Plan};
use super::records::{ByDistrict, Recorded, Records, Scope, Years};
use super::{cases, institutions, reports, surveys, villages};
use crate::core::formula::Formula;
use crate::platform::db::{ReadTx, Stamps, Stream};
use crate::platform::error::Error;

/// The years of rows that belong to no year.
const EVERY_YEAR: Years = 0..=9999;

/// The streams that a result was computed from: while they stay the same, so does the result. Each read depends only on
/// the reads before it, so the same stamps lead to the same reads.
#[derive(Debug, Default)]
pub struct Dependencies {
    streams: Vec<(String, Vec<Stream>)>,
    /// Whether the result also depends on the list of districts.
    districts: bool,
}

impl Dependencies {
    fn add(&mut self, district: &str, streams: &[Stream]) {
        let at = self.streams.iter().position(|(code, _)| code == district);
        let at = at.unwrap_or_else(|| {
            self.streams.push((district.to_owned(), Vec::new()));
            self.streams.len() - 1
        });
        if let Some((_, known)) = self.streams.get_mut(at) {
            let new: Vec<_> = streams.iter().filter(|s| !known.contains(s)).copied().collect();
            known.extend(new);
        }
    }

    /// Passes all dependencies and their stamps to `digest`.
    pub fn for_each(&self, stamps: &Stamps, mut digest: impl FnMut(&[u8])) {
        for (district, streams) in &self.streams {
            digest(district.as_bytes());
            digest(&[0]);
            for stream in streams {
                digest(&[*stream as u8]);
                digest(&stamps.changed_at(district, *stream).unwrap_or(-1).to_be_bytes());
            }
        }
        for district in stamps.districts().filter(|_| self.districts) {
            digest(district.as_bytes());
            digest(&[0]);
        }
    }
}

/// The reads of one computation.
#[derive(Default)]
pub struct Recorder {
    dependencies: RefCell<Dependencies>,
    loaded: RefCell<Vec<Insert>>,
}

impl Recorder {
    /// Returns the dependencies, and the inserts of the loaded rows.
    pub fn finish(self) -> (Dependencies, Vec<Insert>) {
        (self.dependencies.into_inner(), self.loaded.into_inner())
    }
}

/// Reads facts as known at one instant, of one state of the database.
#[derive(Clone, Copy)]
pub struct FactReader<'a> {
    tx: &'a ReadTx,
    /// The stamps of all districts that the actor sees, in this state.
    stamps: &'a Stamps,
    caches: &'a FactCaches,
    /// `None`: now. The past is not cached.
    known_at: Option<DateTime<Utc>>,
    recorder: &'a Recorder,
}

impl<'a> FactReader<'a> {
    pub fn new(
        tx: &'a ReadTx,
        stamps: &'a Stamps,
        caches: &'a FactCaches,
        known_at: Option<DateTime<Utc>>,
        recorder: &'a Recorder,
    ) -> Self {
        Self {
            tx,
            stamps,
            caches,
            known_at,
            recorder,
        }
    }

    /// The same state as known at an instant.
    pub fn known_at(self, known_at: Option<DateTime<Utc>>) -> Self {
        Self { known_at, ..self }
    }

    /// The connection, for rows that no cache has. The caller must name their streams ([`FactReader::depends_on`]).
    pub fn tx(&self) -> &'a ReadTx {
        self.tx
    }

    /// Records that the result depends on these streams of a district, and returns their last change in microseconds.
    pub fn depends_on(&self, district: &str, streams: &[Stream]) -> i64 {
        self.recorder.dependencies.borrow_mut().add(district, streams);
        let instants = streams.iter().filter_map(|s| self.stamps.changed_at(district, *s));
        instants.max().unwrap_or(0)
    }

    /// The districts that the actor sees.
    pub fn districts(&self) -> BTreeSet<String> {
        self.recorder.dependencies.borrow_mut().districts = true;
        self.stamps.districts().map(str::to_owned).collect()
    }

    pub fn has_district(&self, district: &str) -> bool {
        self.stamps.districts().any(|code| code == district)
    }

    /// The indicators of some districts.
    pub async fn plan(&self, districts: BTreeSet<String>) -> Result<Plan, Error> {
        let plan = self.read(&self.caches.plan, districts, EVERY_YEAR, plan::load).await?;
        Ok(Plan(plan))
    }

    /// The indicators of the district that has an indicator of this code; 404 if the actor cannot see it.
    pub async fn plan_of(&self, code: &str) -> Result<Plan, Error> {
        let district = match self.caches.districts.get(code) {
            Some(district) => district,
            None => {
                let district = plan::district_of(self.tx, code).await?.ok_or_else(Error::not_found)?;
                self.caches.districts.insert(code.to_owned(), district.clone());
                district
            }
        };
        if !self.has_district(&district) {
            return Err(Error::not_found());
        }
        let plan = self.plan(BTreeSet::from([district])).await?;
        // At an instant before its first version, or after its deletion, the district has no such indicator.
        let is_known = plan.0.iter().any(|(_, indicator)| indicator.row.code == code);
        is_known.then_some(plan).ok_or_else(Error::not_found)
    }

    /// Returns the facts that formulas read in their districts, from the first of the years to the last: at most two
    /// statements for each kind of fact.
    pub async fn facts<'f>(
        &self,
        formulas: impl IntoIterator<Item = (&'f str, Formula)>,
        years: impl IntoIterator<Item = i32>,
    ) -> Result<Facts, Error> {
        let years: BTreeSet<i32> = years.into_iter().collect();
        let years = years.first().copied().unwrap_or(0)..=years.last().copied().unwrap_or(0);
        let formulas: Vec<_> = formulas.into_iter().collect();
        let reading = |stream| -> BTreeSet<String> {
            let reading = formulas.iter().filter(|(_, f)| streams(*f).contains(&stream));
            reading.map(|(district, _)| (*district).to_owned()).collect()
        };
        let caches = self.caches;
        let (places, kinds) = (reading(Stream::Places), reading(Stream::ReportKinds));
        let (reports_of, cases_of) = (reading(Stream::Reports), reading(Stream::Cases));
        let institutions_of = reading(Stream::Institutions);
        Ok(Facts {
            villages: self.read(&caches.villages, places, EVERY_YEAR, villages::load).await?,
            report_kinds: self
                .read(&caches.report_kinds, kinds, EVERY_YEAR, reports::kinds)
                .await?,
            reports: self
                .read(&caches.reports, reports_of, years.clone(), reports::load)
                .await?,
            institutions: self
                .read(&caches.institutions, institutions_of, EVERY_YEAR, institutions::load)
                .await?,
            cases: self.read(&caches.cases, cases_of, years.clone(), cases::load).await?,
            surveys: self.surveys(reading(Stream::Surveys), years).await?,
        })
    }

    async fn surveys(
        &self,
        districts: BTreeSet<String>,
        years: Years,
    ) -> Result<ByDistrict<surveys::SectionSurvey>, Error> {
        if districts.is_empty() {
            return Ok(ByDistrict::default());
        }
        for district in &districts {
            self.depends_on(district, &[Stream::Surveys]);
        }
        let as_of = self.known_at;
        let scope = Scope {
            districts,
            years,
            as_of,
        };
        Ok(surveys::load(self.tx, &scope).await?.into_iter().collect())
    }

    /// Returns the rows of some districts, which the result depends on: the cached rows, and the others with one `load`.
    async fn read<T: 'static>(
        &self,
        cache: &StreamCache<T>,
        districts: BTreeSet<String>,
        years: Years,
        load: impl AsyncFnOnce(&ReadTx, &Scope) -> Result<Vec<Recorded<T>>, Error>,
    ) -> Result<ByDistrict<T>, Error> {
        for district in &districts {
            self.depends_on(district, cache.streams);
        }
        let (stamps, as_of) = (self.stamps, self.known_at);
        let (mut found, mut missing) = (ByDistrict::default(), BTreeSet::new());
        for district in districts {
            match cache.get(stamps, &district, &years).filter(|_| as_of.is_none()) {
                Some(records) => found.insert(district, records),
                None => drop(missing.insert(district)),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let scope = Scope {
            districts: missing,
            years,
            as_of,
        };
        let mut loaded: ByDistrict<T> = load(self.tx, &scope).await?.into_iter().collect();
        for district in scope.districts {
            let records: Arc<Records<T>> = loaded.take(&district);
            if as_of.is_none() {
                let insert = cache.insert(stamps, &district, &scope.years, &records);
                self.recorder.loaded.borrow_mut().extend(insert);
            }
            found.insert(district, records);
        }
        Ok(found)
    }
}
