//! The records that were read last, in memory (docs/adr/0008).

use std::any::Any;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sea_orm::{EntityTrait, ModelTrait};

use super::journal::{Resource, content};
use super::stream::Stamps;
use super::versions::Versioned;

/// The memory of all cached records in bytes.
const BYTES: u64 = 1 << 20;
/// The expected number of cached records.
const RECORDS: usize = 1_000;

/// A record as it was read, with what one statement reads beside it.
pub trait Recent: Clone + Send + Sync + 'static {
    type Table: Versioned;

    fn row(&self) -> &<Self::Table as EntityTrait>::Model;
}

impl<M> Recent for M
where
    M: ModelTrait<Entity: Versioned + EntityTrait<Model = M>> + Send + Sync + 'static,
{
    type Table = M::Entity;

    fn row(&self) -> &M {
        self
    }
}

/// Records by their kind and the text that selects one.
pub(super) type Key = (Resource, String);

/// It is valid as long as its stream has not changed in its district.
#[derive(Clone, Debug)]
struct Entry {
    district: String,
    changed_at: i64,
    bytes: u64,
    record: Arc<dyn Any + Send + Sync>,
}

#[derive(Debug)]
pub(super) struct RecentRecords(Cache<Key, Entry, BySize>);

impl Default for RecentRecords {
    fn default() -> Self {
        Self(Cache::with_weighter(RECORDS, BYTES, BySize))
    }
}

#[derive(Clone, Debug)]
struct BySize;

impl Weighter<Key, Entry> for BySize {
    fn weight(&self, (_, key): &Key, entry: &Entry) -> u64 {
        let own = size_of::<(Key, Entry)>() + key.len() + entry.district.len();
        entry.bytes + u64::try_from(own).unwrap_or(u64::MAX)
    }
}

impl RecentRecords {
    /// Returns a record that was read under the same stamp of its stream.
    pub fn get<R: Recent>(&self, stamps: &Stamps, key: &Key) -> Option<R> {
        let entry = self.0.get(key)?;
        let changed_at = stamps.changed_at(&entry.district, R::Table::STREAM)?;
        let record = entry.record.downcast_ref::<R>()?;
        (changed_at == entry.changed_at).then(|| record.clone())
    }

    /// Adds a record of a district. It may only run if the record and the stamps belong to one state of the database.
    pub fn insert<R: Recent>(&self, stamps: &Stamps, key: Key, record: &R) {
        let row = record.row();
        if let Some(district) = R::Table::district(row)
            && let Some(changed_at) = stamps.changed_at(district, R::Table::STREAM)
        {
            let entry = Entry {
                district: district.to_owned(),
                changed_at,
                bytes: u64::try_from(size_of::<R>() + content::row_text(row).len()).unwrap_or(u64::MAX),
                record: Arc::new(record.clone()),
            };
            self.0.insert(key, entry);
        }
    }
}
