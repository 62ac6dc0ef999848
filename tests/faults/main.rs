//! The tests kill, disconnect and overload the service, stop its database or fill its disk, and it must recover. They use the
//! real program, real connections, both databases, and two instances on one PostgreSQL.
//!
//! `cargo test` runs a short form. `scripts/faults` runs the long form (`IKU_TEST_FAULT_ROUNDS=30`). A failure
//! prints its seed; `IKU_TEST_SEED` repeats it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crowd;
mod cuts;
mod evidence;
mod full_disk;
mod imports;
mod kills;
mod offline_md;
mod outage;
mod proxy;
mod repeats;
mod site;
/// Shared with the integration tests.
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../it/support"]
mod support {
    pub mod backend;
    pub mod cluster;
    pub mod postgres;
    pub mod process;
    pub mod sqlite;
}
mod tools;
