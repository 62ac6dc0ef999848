//! The read-through cache of facts: one key, one rule (docs/adr/0008).

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::plan::PlannedIndicator;
use super::record_starts::RecordStart;
use super::records::{Records, Years};
use super::replacements::Replacement;
use super::reports::{KindRow, RecordedReport};
use super::villages::NamedVillage;
use crate::core::formula::case_handling::CaseFact;
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::place::Village;
use crate::platform::db::{Stamps, Stream};

/// Districts and spans of years that each cache expects.
const ENTRIES: usize = 64;
/// Rows of each kind of fact, at about 250 bytes each.
const FACTS: u64 = 20_000;
/// Rows of indicators, with their texts and targets at about 4 KiB each and seldom at more than 10 KiB.
const INDICATORS: u64 = 1_000;
/// Codes of indicators with their districts, at about 100 bytes each.
const CODES: usize = 10_000;

/// Puts loaded rows into their cache. It may only run if all reads of the request belong to one state of the database.
pub type Insert = Box<dyn FnOnce()>;

/// The rows of one or more streams of a district in some years. They are valid as long as none of these streams has
/// changed in the district.
#[derive(Debug)]
pub struct StreamCache<T> {
    pub streams: &'static [Stream],
    entries: Arc<Cache<(String, Years), Entry<T>, ByRows>>,
}

#[derive(Debug)]
struct Entry<T> {
    changed_at: i64,
    records: Arc<Records<T>>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self {
            changed_at: self.changed_at,
            records: Arc::clone(&self.records),
        }
    }
}

#[derive(Clone, Debug)]
struct ByRows;

impl<T> Weighter<(String, Years), Entry<T>> for ByRows {
    fn weight(&self, _: &(String, Years), entry: &Entry<T>) -> u64 {
        u64::try_from(1 + entry.records.facts.len()).unwrap_or(u64::MAX)
    }
}

impl<T: 'static> StreamCache<T> {
    /// Returns a cache of at most this many rows.
    fn new(streams: &'static [Stream], rows: u64) -> Self {
        Self {
            streams,
            entries: Arc::new(Cache::with_weighter(ENTRIES, rows, ByRows)),
        }
    }

    pub fn get(&self, stamps: &Stamps, district: &str, years: &Years) -> Option<Arc<Records<T>>> {
        let entry = self.entries.get(&(district.to_owned(), years.clone()))?;
        (self.changed_at(stamps, district) == Some(entry.changed_at)).then_some(entry.records)
    }

    /// Returns the insert of a district's rows; `None` for a district without stamps.
    pub fn insert(&self, stamps: &Stamps, district: &str, years: &Years, records: &Arc<Records<T>>) -> Option<Insert> {
        let entry = Entry {
            changed_at: self.changed_at(stamps, district)?,
            records: Arc::clone(records),
        };
        let (entries, key) = (Arc::clone(&self.entries), (district.to_owned(), years.clone()));
        Some(Box::new(move || entries.insert(key, entry)))
    }

    /// Returns the last change of the streams. In a district each stamp is later than all earlier stamps, so this
    /// instant changes with every change of a stream.
    fn changed_at(&self, stamps: &Stamps, district: &str) -> Option<i64> {
        let instants = self.streams.iter().filter_map(|s| stamps.changed_at(district, *s));
        instants.max()
    }
}

/// The caches of all facts except surveys, which change with every answer, and which one statement reads.
#[derive(Debug)]
pub struct FactCaches {
    /// The district of each indicator by its code. A code never moves to another district, so no entry becomes stale.
    pub districts: Cache<String, String>,
    pub plan: StreamCache<PlannedIndicator>,
    pub villages: StreamCache<Village>,
    pub village_names: StreamCache<NamedVillage>,
    pub report_kinds: StreamCache<KindRow>,
    pub reports: StreamCache<ReportFact>,
    pub record_starts: StreamCache<RecordStart>,
    pub recorded_reports: StreamCache<RecordedReport>,
    pub institutions: StreamCache<InstitutionFact>,
    pub cases: StreamCache<CaseFact>,
    pub deleted_reports: StreamCache<ReportFact>,
    pub deleted_institutions: StreamCache<InstitutionFact>,
    pub deleted_cases: StreamCache<CaseFact>,
    pub replaced_reports: StreamCache<Replacement>,
    pub replaced_institutions: StreamCache<Replacement>,
    pub replaced_cases: StreamCache<Replacement>,
}

impl Default for FactCaches {
    fn default() -> Self {
        Self {
            districts: Cache::new(CODES),
            plan: StreamCache::new(&[Stream::Decrees, Stream::Indicators, Stream::Targets], INDICATORS),
            villages: StreamCache::new(&[Stream::Places], FACTS),
            village_names: StreamCache::new(&[Stream::Places], FACTS),
            report_kinds: StreamCache::new(&[Stream::ReportKinds], FACTS),
            reports: StreamCache::new(&[Stream::Reports], FACTS),
            // A change of a district stamps its places.
            record_starts: StreamCache::new(&[Stream::Places], FACTS),
            recorded_reports: StreamCache::new(&[Stream::Reports], FACTS),
            institutions: StreamCache::new(&[Stream::Institutions], FACTS),
            cases: StreamCache::new(&[Stream::Cases], FACTS),
            deleted_reports: StreamCache::new(&[Stream::Reports], FACTS),
            deleted_institutions: StreamCache::new(&[Stream::Institutions], FACTS),
            deleted_cases: StreamCache::new(&[Stream::Cases], FACTS),
            replaced_reports: StreamCache::new(&[Stream::Reports], FACTS),
            replaced_institutions: StreamCache::new(&[Stream::Institutions], FACTS),
            replaced_cases: StreamCache::new(&[Stream::Cases], FACTS),
        }
    }
}
