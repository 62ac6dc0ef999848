//! Facts by district, and the scope of a read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use sea_orm::Condition;

use crate::core::civil;
use crate::platform::db::Versioned;
use crate::platform::db::versions::{deleted_at, known_at};

/// The years that the facts belong to.
pub type Years = RangeInclusive<i32>;

/// The districts, the years and the instant of the facts that are read.
#[derive(Clone, Debug)]
pub struct Scope {
    pub districts: BTreeSet<String>,
    pub years: Years,
    /// The instant at which the facts must have been known; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether the deletions are read instead of what is known.
    pub deletions: bool,
}

impl Scope {
    pub fn first_day(&self) -> NaiveDate {
        civil::day(*self.years.start(), 1, 1)
    }

    pub fn last_day(&self) -> NaiveDate {
        civil::day(*self.years.end(), 12, 31)
    }

    /// Selects of each record the version that was known at the instant, or of each deleted record its deletion.
    pub fn known<E: Versioned>(&self) -> Condition {
        match self.deletions {
            true => deleted_at::<E>(self.as_of),
            false => known_at::<E>(self.as_of),
        }
    }
}

/// The version of a record that a fact was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// 0: a summary of several records.
    pub version: i32,
    /// The instant at which it was recorded; of a survey, also that of its last answer.
    pub recorded_at: DateTime<Utc>,
}

/// A fact with its district and its origin.
#[derive(Clone, Debug)]
pub struct Recorded<T> {
    pub district: String,
    pub origin: Origin,
    pub fact: T,
}

impl<T> Recorded<T> {
    pub fn new(district: String, version: i32, recorded_at: DateTime<Utc>, fact: T) -> Self {
        let origin = Origin { version, recorded_at };
        Self { district, origin, fact }
    }
}

/// The facts of one district and their origins.
#[derive(Debug)]
pub struct Records<T> {
    pub facts: Vec<T>,
    origins: Vec<Origin>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self {
            facts: Vec::new(),
            origins: Vec::new(),
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

    /// Adds the facts of other records in the same districts.
    pub fn join(&mut self, others: Self)
    where
        T: Clone,
    {
        for (district, others) in others.0 {
            if others.facts.is_empty() {
                continue;
            }
            let own = self.0.entry(district).or_default();
            let facts = own.facts.iter().chain(&others.facts).cloned();
            let origins = own.origins.iter().chain(&others.origins).copied();
            *own = Arc::new(Records {
                facts: facts.collect(),
                origins: origins.collect(),
            });
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let districts = self.0.iter();
        districts.flat_map(|(district, records)| records.facts.iter().map(|fact| (district.as_str(), fact)))
    }

    /// Returns the instant at which the newest of the `wanted` facts of a district was recorded.
    pub fn newest(&self, district: &str, wanted: impl Fn(&T) -> bool) -> Option<DateTime<Utc>> {
        let wanted = self.with_origins(district).filter(|(fact, _)| wanted(fact));
        wanted.map(|(_, origin)| origin.recorded_at).max()
    }

    /// Returns the facts of a district and their origins.
    pub fn with_origins(&self, district: &str) -> impl Iterator<Item = (&T, Origin)> {
        let records = self.0.get(district).into_iter();
        records.flat_map(|records| records.facts.iter().zip(records.origins.iter().copied()))
    }
}

impl<T> FromIterator<Recorded<T>> for ByDistrict<T> {
    fn from_iter<I: IntoIterator<Item = Recorded<T>>>(rows: I) -> Self {
        let mut districts = BTreeMap::<String, Records<T>>::new();
        for Recorded { district, origin, fact } in rows {
            let records = districts.entry(district).or_default();
            records.facts.push(fact);
            records.origins.push(origin);
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
