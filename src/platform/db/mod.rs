//! The database behind two gates: [`Db::read`] and [`Db::write`] are the only places where a
//! transaction begins. Services take `&impl ConnectionTrait` to read and `&WriteTx` to write.

pub mod connect;
mod database;
pub mod lock;
pub mod reader;
pub mod stamp_cache;
pub mod stamps;
mod stream;
mod transaction;
pub mod versions;

pub use database::Db;
pub use reader::Reader;
pub use stamps::Stamp;
pub use stream::{Stamps, Stream};
pub use transaction::{AdvisoryLock, ReadTx, WriteTx};
pub use versions::Versioned;
