//! The reader of facts: it takes them from the caches or the database, and records what a result depends on.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use ::entity::indicator;

use super::cache::{FactCaches, StreamCache};
use super::dependencies::Recorder;
use super::events::{self, Recordings, Span};
use super::inputs::{Facts, streams};
use super::plan::{self, Plan, PlannedIndicator, YearNotInForce};
use super::records::{ByDistrict, Recorded, Records, Scope, Years};
use super::{cases, institutions, record_starts, replacements, reports, surveys, villages};
use crate::core::formula::Formula;
use crate::platform::db::{ReadConnection, StampView, Stamps, Stream};
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};
use crate::results::changes::selection::moved_since;

/// The years of rows that belong to no year.
const EVERY_YEAR: Years = 0..=9999;

/// Reads facts as known at one instant, of one state of the database.
#[derive(Clone, Copy)]
pub struct FactReader<'a> {
    tx: ReadConnection<'a>,
    /// The stamps of this state.
    stamps: &'a StampView<'a>,
    /// The only district that the actor sees; `None`: all.
    scope: Option<&'a str>,
    caches: &'a FactCaches,
    /// `None`: now. The past is not cached.
    known_at: Option<DateTime<Utc>>,
    /// Whether deletions are read instead of what is known.
    deletions: bool,
    recorder: &'a Recorder,
}

impl<'a> FactReader<'a> {
    pub fn new(
        tx: ReadConnection<'a>,
        stamps: &'a StampView<'a>,
        scope: Option<&'a str>,
        caches: &'a FactCaches,
        known_at: Option<DateTime<Utc>>,
        recorder: &'a Recorder,
    ) -> Self {
        Self {
            tx,
            stamps,
            scope,
            caches,
            known_at,
            deletions: false,
            recorder,
        }
    }

    /// Returns a reader of the same state as known at an instant.
    pub fn known_at(self, known_at: Option<DateTime<Utc>>) -> Self {
        Self { known_at, ..self }
    }

    /// Returns the connection, for rows that no cache has. The caller must name their streams
    /// ([`FactReader::depends_on`]).
    pub fn tx(&self) -> ReadConnection<'a> {
        self.tx
    }

    /// Records that the result depends on these streams of a district, and returns their last change in microseconds.
    pub async fn depends_on(&self, district: &str, streams: &[Stream]) -> Result<i64, Error> {
        self.record(district, streams);
        let stamps = self.stamps_of([district]).await?;
        let instants = streams.iter().filter_map(|s| stamps.changed_at(district, *s));
        Ok(instants.max().unwrap_or(0))
    }

    fn record(&self, district: &str, streams: &[Stream]) {
        self.recorder.dependencies.borrow_mut().add(district, streams);
    }

    /// Records that no other request will have the same query, so that its response takes no room in the caches.
    pub fn is_asked_once(&self) {
        self.recorder.is_asked_once.set(true);
    }

    /// Returns at least the stamps of these districts; each is read once.
    async fn stamps_of(&self, districts: impl IntoIterator<Item = &str>) -> Result<Arc<Stamps>, Error> {
        let known = Arc::clone(&self.recorder.stamps.borrow());
        let missing: Vec<&str> = districts.into_iter().filter(|code| !known.has(code)).collect();
        if missing.is_empty() {
            return Ok(known);
        }
        let found = self.stamps.of(missing).await?;
        let all = match self.stamps {
            StampView::Memory(_) => found,
            StampView::Database(_) | StampView::Current(_) => Arc::new(known.with(&found)),
        };
        *self.recorder.stamps.borrow_mut() = Arc::clone(&all);
        Ok(all)
    }

    async fn depends_on_plans(&self) -> Result<(), Error> {
        self.recorder.dependencies.borrow_mut().plans = true;
        self.recorder.plans.set(Some(self.stamps.plans().await?));
        Ok(())
    }

    /// Returns the only district that the actor sees; `None` if there are several.
    pub async fn only_district(&self) -> Result<Option<String>, Error> {
        if let Some(own) = self.scope {
            return Ok(Some(own.to_owned()));
        }
        self.depends_on_plans().await?;
        self.stamps.only_district().await
    }

    /// Returns whether the district exists and the actor sees it.
    pub async fn has_district(&self, district: &str) -> Result<bool, Error> {
        Ok(self.scope.is_none_or(|own| own == district) && self.stamps_of([district]).await?.has(district))
    }

    /// Returns the instant at which all pages of a list are read: that of its first page. A fact can have a later instant
    /// than `now`, because stamps only grow and PostgreSQL has a clock of its own, so the newest fact decides too.
    pub async fn page_instant(&self, request: &PageRequest, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        match request.snapshot_at() {
            Some(at) => Ok(at),
            None => Ok(now.max(self.tx.latest(self.scope).await?)),
        }
    }

    /// Returns one page of the indicators of all districts that are in force in a year, by district and number.
    pub async fn page_in_force(
        &self,
        year: i32,
        changed_since: Option<DateTime<Utc>>,
        request: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<PageRows<indicator::Model>, Error> {
        use indicator::Column as I;
        let at = self.page_instant(request, now).await?;
        self.depends_on_plans().await?;
        let keyset = Keyset::ascending(vec![I::DistrictCode, I::Number, I::Code]);
        let mut rows = plan::in_force(year, self.known_at);
        if let Some(since) = changed_since {
            // A change in any district can add a row.
            self.is_asked_once();
            rows = rows.filter(moved_since(since, year));
        }
        request.fetch(&self.tx, rows, &keyset, at).await
    }

    /// Returns the codes of the indicators of a district whose values of a year may have moved at an instant or later.
    pub async fn moved_since(&self, district: &str, since: DateTime<Utc>, year: i32) -> Result<HashSet<String>, Error> {
        use indicator::Column as I;
        self.is_asked_once();
        let codes = indicator::Entity::find()
            .select_only()
            .column(I::Code)
            .filter(I::DistrictCode.eq(district))
            .filter(moved_since(since, year));
        let codes: Vec<String> = codes.into_tuple().all(&self.tx).await?;
        Ok(codes.into_iter().collect())
    }

    /// Returns the districts (`None`: of all) in which no indicator is in force in a year. It depends on their decrees and
    /// indicators, so the caller has read their plans, or a page of all districts.
    pub async fn not_in_force(&self, district: Option<&str>, year: i32) -> Result<Vec<YearNotInForce>, Error> {
        plan::districts_not_in_force(&self.tx, district, year, self.known_at).await
    }

    /// Returns the indicators of some districts.
    pub async fn plan(&self, districts: BTreeSet<String>) -> Result<Plan, Error> {
        let plan = self.read(&self.caches.plan, districts, EVERY_YEAR, plan::load).await?;
        Ok(Plan(plan))
    }

    /// Returns the district that has, or had, an indicator of this code; 404 if the actor cannot see it.
    pub async fn district_of(&self, code: &str) -> Result<String, Error> {
        let district = match self.caches.districts.get(code) {
            Some(district) => district,
            None => {
                let district = plan::district_of(&self.tx, code).await?.ok_or_else(Error::not_found)?;
                self.caches.districts.insert(code.to_owned(), district.clone());
                district
            }
        };
        match self.has_district(&district).await? {
            true => Ok(district),
            false => Err(Error::not_found()),
        }
    }

    /// Returns the indicators of the district that has an indicator of this code; 404 if the actor cannot see it.
    pub async fn plan_of(&self, code: &str) -> Result<Plan, Error> {
        let district = self.district_of(code).await?;
        let plan = self.plan(BTreeSet::from([district])).await?;
        // At an instant before its first version, or after its deletion, the district has no such indicator.
        let is_known = plan.0.iter().any(|(_, indicator)| indicator.row.code == code);
        is_known.then_some(plan).ok_or_else(Error::not_found)
    }

    /// Returns the facts that formulas read in their districts, from the first of the years to the last: at most three
    /// statements for each kind of fact, and four for institutions if one was transferred.
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
        let (starts_of, recorded_of) = (reports_of.clone(), reports_of.clone());
        let institutions_of = reading(Stream::Institutions);
        let surveys_of = reading(Stream::Surveys);
        Ok(Facts {
            villages: self.read(&caches.villages, places, EVERY_YEAR, villages::load).await?,
            report_kinds: self
                .read(&caches.report_kinds, kinds, EVERY_YEAR, reports::kinds)
                .await?,
            reports: self
                .read(&caches.reports, reports_of, years.clone(), reports::load)
                .await?,
            record_starts: self
                .read(&caches.record_starts, starts_of, EVERY_YEAR, record_starts::load)
                .await?,
            recorded_reports: self
                .read(&caches.recorded_reports, recorded_of, EVERY_YEAR, reports::recorded)
                .await?,
            institutions: self
                .read(&caches.institutions, institutions_of, EVERY_YEAR, institutions::load)
                .await?,
            replaced_reports: self
                .read(
                    &caches.replaced_reports,
                    reading(Stream::Reports),
                    years.clone(),
                    replacements::of_reports,
                )
                .await?,
            replaced_institutions: self
                .read(
                    &caches.replaced_institutions,
                    reading(Stream::Institutions),
                    EVERY_YEAR,
                    replacements::of_institutions,
                )
                .await?,
            replaced_cases: self
                .read(
                    &caches.replaced_cases,
                    cases_of.clone(),
                    years.clone(),
                    replacements::of_cases,
                )
                .await?,
            cases: self.read(&caches.cases, cases_of, years.clone(), cases::load).await?,
            replaced_surveys: self
                .uncached(surveys_of.clone(), years.clone(), replacements::of_surveys)
                .await?,
            surveys: self.uncached(surveys_of, years, surveys::load).await?,
        })
    }

    /// Returns the facts of a formula and a year, deleted records among them, for an explanation.
    pub async fn facts_with_deleted(&self, (district, formula): (&str, Formula), year: i32) -> Result<Facts, Error> {
        let mut facts = self.facts([(district, formula)], [year]).await?;
        let (caches, years) = (self.caches, year..=year);
        let reader = Self {
            deletions: true,
            ..*self
        };
        let of = || BTreeSet::from([district.to_owned()]);
        match formula {
            Formula::SurveyIndex { .. } => {
                let deleted = reader.uncached(of(), years, surveys::load).await?;
                facts.surveys.join(deleted);
            }
            Formula::InstitutionCount {} => {
                let cache = &caches.deleted_institutions;
                let deleted = reader.read(cache, of(), EVERY_YEAR, institutions::load).await?;
                // Of a district without institutions the deleted ones are known already.
                if facts
                    .institutions
                    .of(district)
                    .iter()
                    .all(|institution| !institution.deleted)
                {
                    facts.institutions.join(deleted);
                }
            }
            Formula::CaseHandling {} => {
                let deleted = reader.read(&caches.deleted_cases, of(), years, cases::load).await?;
                facts.cases.join(deleted);
            }
            Formula::ReportDelivery { .. } => {
                let deleted = reader.read(&caches.deleted_reports, of(), years, reports::load).await?;
                facts.reports.join(deleted);
            }
        }
        Ok(facts)
    }

    /// Returns the recordings about an indicator and a year in a span of time.
    pub async fn recordings(&self, indicator: &PlannedIndicator, year: i32, span: Span) -> Result<Recordings, Error> {
        let (district, formula) = indicator.reads();
        let of_plan = [Stream::Places, Stream::Decrees, Stream::Indicators, Stream::Targets];
        self.record(district, &of_plan);
        self.record(district, streams(formula));
        self.stamps_of([district]).await?;
        let scope = self.scope(BTreeSet::from([district.to_owned()]), year..=year);
        events::load(&self.tx, &scope, (&indicator.row.code, formula), span).await
    }

    /// Returns the names that the villages of a district have on a day, by code.
    pub async fn village_names(&self, district: &str, day: NaiveDate) -> Result<HashMap<String, String>, Error> {
        let districts = BTreeSet::from([district.to_owned()]);
        let cache = &self.caches.village_names;
        let villages = self.read(cache, districts, EVERY_YEAR, villages::names).await?;
        let of_day = villages.of(district).iter();
        Ok(of_day.map(|v| (v.code.clone(), v.names.on(day).to_owned())).collect())
    }

    fn scope(&self, districts: BTreeSet<String>, years: Years) -> Scope {
        Scope {
            districts,
            years,
            as_of: self.known_at,
            deletions: self.deletions,
        }
    }

    /// Loads rows of surveys, which change with every answer.
    async fn uncached<T>(
        &self,
        districts: BTreeSet<String>,
        years: Years,
        load: impl AsyncFnOnce(&ReadConnection<'a>, &Scope) -> Result<Vec<Recorded<T>>, Error>,
    ) -> Result<ByDistrict<T>, Error> {
        if districts.is_empty() {
            return Ok(ByDistrict::default());
        }
        for district in &districts {
            self.record(district, &[Stream::Surveys]);
        }
        self.stamps_of(districts.iter().map(String::as_str)).await?;
        let scope = self.scope(districts, years);
        Ok(load(&self.tx, &scope).await?.into_iter().collect())
    }

    /// Returns the rows of some districts, which the result depends on: the cached rows, and the others with one `load`.
    async fn read<T: 'static>(
        &self,
        cache: &StreamCache<T>,
        districts: BTreeSet<String>,
        years: Years,
        load: impl AsyncFnOnce(&ReadConnection<'a>, &Scope) -> Result<Vec<Recorded<T>>, Error>,
    ) -> Result<ByDistrict<T>, Error> {
        for district in &districts {
            self.record(district, cache.streams);
        }
        let stamps = &*self.stamps_of(districts.iter().map(String::as_str)).await?;
        let is_cached = self.known_at.is_none();
        let (mut found, mut missing) = (ByDistrict::default(), BTreeSet::new());
        for district in districts {
            match cache.get(stamps, &district, &years).filter(|_| is_cached) {
                Some(records) => found.insert(district, records),
                None => drop(missing.insert(district)),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let scope = self.scope(missing, years);
        let mut loaded: ByDistrict<T> = load(&self.tx, &scope).await?.into_iter().collect();
        for district in scope.districts {
            let records: Arc<Records<T>> = loaded.take(&district);
            if is_cached {
                let insert = cache.insert(stamps, &district, &scope.years, &records);
                self.recorder.loaded.borrow_mut().extend(insert);
            }
            found.insert(district, records);
        }
        Ok(found)
    }
}
