//! Facts by district, each district's kept as long as its stream has not changed: after a survey answer, the reports,
//! cases and institutions of the other values are not read again (docs/adr/0007).

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::{Recorded, Scope};
use crate::platform::db::Stream;
use crate::platform::error::Error;
use crate::results::realisations::ground::Kept;

/// Districts and spans of years that are kept of each kind of fact.
const SPANS: usize = 64;
/// Facts that are kept of each kind; at most about 250 bytes each.
const FACTS: u64 = 20_000;

/// The facts of one district, and when each was recorded in the version that is known.
#[derive(Debug)]
struct Records<F> {
    facts: Vec<F>,
    recorded_at: Vec<DateTime<Utc>>,
}

/// Facts of one kind, by district; in a district in the order in which they are read.
#[derive(Debug)]
pub struct ByDistrict<F>(BTreeMap<String, Arc<Records<F>>>);

impl<F> Default for ByDistrict<F> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<F> ByDistrict<F> {
    /// The plain facts of a district.
    pub fn of(&self, district: &str) -> &[F] {
        self.0.get(district).map_or(&[], |records| &records.facts)
    }

    pub fn rows(&self) -> usize {
        self.0.values().map(|records| records.facts.len()).sum()
    }

    /// When the newest of the facts asked for was recorded.
    pub fn newest(&self, district: &str, asked: impl Fn(&F) -> bool) -> Option<DateTime<Utc>> {
        let records = self.0.get(district)?;
        let dated = records.facts.iter().zip(&records.recorded_at);
        dated.filter(|(fact, _)| asked(fact)).map(|(_, at)| *at).max()
    }
}

impl<F> FromIterator<Recorded<F>> for ByDistrict<F> {
    fn from_iter<I: IntoIterator<Item = Recorded<F>>>(rows: I) -> Self {
        let mut districts = BTreeMap::<String, Records<F>>::new();
        for Recorded { district, at, fact } in rows {
            let records = districts.entry(district).or_insert_with(|| Records {
                facts: Vec::new(),
                recorded_at: Vec::new(),
            });
            records.facts.push(fact);
            records.recorded_at.push(at);
        }
        let shared = districts
            .into_iter()
            .map(|(district, records)| (district, Arc::new(records)));
        Self(shared.collect())
    }
}

/// A district and the years that were asked for.
type Span = (String, i32, i32);

/// Facts of one kind that were read, with the instant of their stream's last change then.
#[derive(Debug)]
pub struct Shelf<F>(Cache<Span, (i64, Arc<Records<F>>), ByFacts>);

#[derive(Clone, Debug)]
struct ByFacts;

impl<F> Weighter<Span, (i64, Arc<Records<F>>)> for ByFacts {
    fn weight(&self, _: &Span, kept: &(i64, Arc<Records<F>>)) -> u64 {
        u64::try_from(1 + kept.1.facts.len()).unwrap_or(u64::MAX)
    }
}

impl<F> Default for Shelf<F> {
    fn default() -> Self {
        Self(Cache::with_weighter(SPANS, FACTS, ByFacts))
    }
}

impl<F> Shelf<F> {
    /// The facts of a scope about now: what has not changed is kept, the rest is loaded in one go.
    pub async fn facts(
        &self,
        kept: Kept<'_>,
        stream: Stream,
        scope: &Scope,
        load: impl AsyncFnOnce(&Scope) -> Result<Vec<Recorded<F>>, Error>,
    ) -> Result<ByDistrict<F>, Error> {
        let span = |district: &str| (district.to_owned(), *scope.years.start(), *scope.years.end());
        let changed_at = |district: &str| kept.stamps.changed_at(district, stream);
        let mut facts = ByDistrict::default();
        let mut missing = scope.clone();
        missing.districts.retain(|district| match self.0.get(&span(district)) {
            Some((at, records)) if changed_at(district) == Some(at) => {
                facts.0.insert(district.clone(), records);
                false
            }
            _ => true,
        });
        if missing.districts.is_empty() {
            return Ok(facts);
        }
        let mut loaded: ByDistrict<F> = load(&missing).await?.into_iter().collect();
        for district in missing.districts {
            // A district without facts is known to have none.
            let records = loaded.0.remove(&district).unwrap_or_else(|| {
                Arc::new(Records {
                    facts: Vec::new(),
                    recorded_at: Vec::new(),
                })
            });
            if let Some(at) = changed_at(&district)
                && kept.is_consistent()
            {
                self.0.insert(span(&district), (at, Arc::clone(&records)));
            }
            facts.0.insert(district, records);
        }
        Ok(facts)
    }
}
