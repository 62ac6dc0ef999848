//! Facts by district, and the scope of a read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::core::civil;

/// The years that the facts belong to.
pub type Years = RangeInclusive<i32>;

/// The districts, the years and the instant of the facts that are read.
#[derive(Clone, Debug)]
pub struct Scope {
    pub districts: BTreeSet<String>,
    pub years: Years,
    /// The instant at which the facts must have been known; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
}

impl Scope {
    pub fn first_day(&self) -> NaiveDate {
        civil::day(*self.years.start(), 1, 1)
    }

    pub fn last_day(&self) -> NaiveDate {
        civil::day(*self.years.end(), 12, 31)
    }
}

/// A fact with its district and the instant at which this version was recorded.
#[derive(Clone, Debug)]
pub struct Recorded<T> {
    pub district: String,
    pub at: DateTime<Utc>,
    pub fact: T,
}

impl<T> Recorded<T> {
    pub fn new(district: String, at: DateTime<Utc>, fact: T) -> Self {
        Self { district, at, fact }
    }
}

/// The facts of one district, and the instant at which each was recorded.
#[derive(Debug)]
pub struct Records<T> {
    pub facts: Vec<T>,
    recorded_at: Vec<DateTime<Utc>>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self {
            facts: Vec::new(),
            recorded_at: Vec::new(),
        }
    }
}

/// Facts of one kind, by district; in each district in the order in which the database returns them.
#[derive(Debug)]
pub struct ByDistrict<T>(BTreeMap<String, Arc<Records<T>>>);

impl<T> Default for ByDistrict<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> ByDistrict<T> {
    pub fn insert(&mut self, district: String, records: Arc<Records<T>>) {
        self.0.insert(district, records);
    }

    /// Removes and returns the records of a district: none if it has no facts.
    pub fn take(&mut self, district: &str) -> Arc<Records<T>> {
        self.0.remove(district).unwrap_or_default()
    }

    /// Returns the facts of a district.
    pub fn of(&self, district: &str) -> &[T] {
        self.0.get(district).map_or(&[], |records| &records.facts)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let districts = self.0.iter();
        districts.flat_map(|(district, records)| records.facts.iter().map(|fact| (district.as_str(), fact)))
    }

    /// Returns the instant at which the newest of the `wanted` facts of a district was recorded.
    pub fn newest(&self, district: &str, wanted: impl Fn(&T) -> bool) -> Option<DateTime<Utc>> {
        let records = self.0.get(district)?;
        let dated = records.facts.iter().zip(&records.recorded_at);
        dated.filter(|(fact, _)| wanted(fact)).map(|(_, at)| *at).max()
    }
}

impl<T> FromIterator<Recorded<T>> for ByDistrict<T> {
    fn from_iter<I: IntoIterator<Item = Recorded<T>>>(rows: I) -> Self {
        let mut districts = BTreeMap::<String, Records<T>>::new();
        for Recorded { district, at, fact } in rows {
            let records = districts.entry(district).or_default();
            records.facts.push(fact);
            records.recorded_at.push(at);
        }
        Self(
            districts
                .into_iter()
                .map(|(code, records)| (code, Arc::new(records)))
                .collect(),
        )
    }
}

/// Groups children by the key of their parent, so that one statement loads them for all parents.
pub fn grouped<K: Ord, C>(children: impl IntoIterator<Item = C>, key: impl Fn(&C) -> K) -> BTreeMap<K, Vec<C>> {
    let mut groups = BTreeMap::<K, Vec<C>>::new();
    for child in children {
        groups.entry(key(&child)).or_default().push(child);
    }
    groups
}
