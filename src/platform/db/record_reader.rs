//! How services read one record: from the database, or as it was read last.

use sea_orm::ConnectionTrait;

use super::reading::{ReadTx, View};
use super::recent::Recent;
use super::transaction::WriteTx;
use super::versions::Versioned;
use crate::platform::error::Error;

/// A connection that reads records.
pub trait RecordReader: ConnectionTrait {
    /// Returns the current record that `read` returns, from memory if its stream has not changed since. `key` is all that
    /// decides which record it is. The caller must still ask whether the actor may see it.
    fn recent<R: Recent>(
        &self,
        _key: impl ToString,
        read: impl AsyncFnOnce() -> Result<Option<R>, Error>,
    ) -> impl Future<Output = Result<Option<R>, Error>> {
        read()
    }
}

/// A transaction that writes reads each record from the database.
impl RecordReader for WriteTx {}

impl RecordReader for ReadTx {
    async fn recent<R: Recent>(
        &self,
        key: impl ToString,
        read: impl AsyncFnOnce() -> Result<Option<R>, Error>,
    ) -> Result<Option<R>, Error> {
        let memory = self.reads.memory.as_ref();
        // A snapshot can be older than the records in memory.
        let Some(memory) = memory.filter(|_| !matches!(self.view, View::Transaction(_))) else {
            return read().await;
        };
        let key = (R::Table::RESOURCE, key.to_string());
        let epoch = memory.stamps.current_epoch();
        let stamps = self.reads.stamps(None).await?;
        if let Some(record) = memory.recent.get(&stamps, &key) {
            return Ok(Some(record));
        }
        let record = read().await?;
        if let Some(record) = &record
            && epoch.is_some_and(|epoch| memory.stamps.is_current(epoch))
        {
            memory.recent.insert(&stamps, key, record);
        }
        Ok(record)
    }
}
