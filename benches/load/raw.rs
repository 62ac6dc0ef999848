//! The baseline of the batches: the same rows as prepared inserts in this process, without service, tallies and
//! fingerprints. They go into a copy of the service's file, so that columns, indexes and rows are the same.

use std::path::Path;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use uuid::Uuid;

use super::server::cpu_seconds;

/// Inserts batches of rows that the service has stored before.
#[derive(Debug)]
pub struct Raw {
    db: Connection,
    rows: Vec<Vec<Value>>,
}

/// The cost of the inserts.
#[derive(Clone, Copy, Debug)]
pub struct Inserted {
    /// Rows a second.
    pub rate: f64,
    /// CPU microseconds a row.
    pub cpu: f64,
}

impl Raw {
    /// Copies the service's file and opens the copy with the settings of the service. The last `batch` rows become the batch.
    pub fn copy_of(file: &Path, copy: &Path, batch: usize) -> Result<Self, String> {
        let opened = || -> rusqlite::Result<Self> {
            let source = Connection::open(file)?;
            source.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
            let db = Connection::open(copy)?;
            db.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -2048; PRAGMA foreign_keys = ON",
            )?;
            let rows = {
                let mut query = db.prepare("SELECT * FROM response ORDER BY received_at DESC LIMIT ?1")?;
                let columns = query.column_count();
                let row = |row: &rusqlite::Row<'_>| (0..columns).map(|c| row.get(c)).collect();
                query
                    .query_map([batch as i64], row)?
                    .collect::<rusqlite::Result<Vec<Vec<Value>>>>()?
            };
            Ok(Self { db, rows })
        };
        let raw = opened().map_err(|e| format!("{}: {e}", copy.display()))?;
        match raw.rows.len() == batch {
            true => Ok(raw),
            false => Err(format!("a batch needs {batch} rows, the file has {}", raw.rows.len())),
        }
    }

    /// Inserts the batch `batches` times, each time in a transaction of its own and with new ids.
    pub fn insert(&mut self, batches: u64) -> Result<Inserted, String> {
        let (cpu, since) = (cpu_seconds("thread-self")?, Instant::now());
        self.insert_all(batches).map_err(|e| e.to_string())?;
        let (spent, seconds) = (cpu_seconds("thread-self")? - cpu, since.elapsed().as_secs_f64());
        let rows = (batches * self.rows.len() as u64) as f64;
        Ok(Inserted {
            rate: rows / seconds,
            cpu: spent * 1e6 / rows,
        })
    }

    fn insert_all(&mut self, batches: u64) -> rusqlite::Result<()> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let places = vec!["?"; columns].join(", ");
        let sql = format!("INSERT INTO response VALUES ({places})");
        let mut insert = self.db.prepare(&sql)?;
        for _ in 0..batches {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            for row in &mut self.rows {
                // `id` is the first column of the table.
                row[0] = Value::Blob(Uuid::new_v4().as_bytes().to_vec());
                insert.execute(params_from_iter(row.iter()))?;
            }
            self.db.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}
