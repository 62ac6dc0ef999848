//! The database. Only [`Db::read`], [`Db::read_one`], [`Db::snapshot`] and [`Db::write`] begin a transaction. Services take
//! `&impl ConnectionTrait` to read and `&WriteTx` to write.

mod connect;
mod connection;
mod database;
pub mod journal;
pub mod lock;
mod pool;
mod read_connection;
pub mod reader;
mod reading;
mod recent;
mod record_reader;
pub mod service_keys;
pub mod stamp_cache;
mod stamp_view;
pub mod stamps;
mod stream;
mod transaction;
pub mod versions;

pub use database::Db;
pub use read_connection::ReadConnection;
pub use reader::Reader;
pub use reading::ReadTx;
pub use recent::Recent;
pub use record_reader::RecordReader;
pub use stamp_view::{PlanState, StampView};
pub use stamps::Stamp;
pub use stream::{Stamps, Stream};
pub use transaction::{AdvisoryLock, WriteTx};
pub use versions::Versioned;
