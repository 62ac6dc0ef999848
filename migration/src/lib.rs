//! Schema changes, up and down, for SQLite and PostgreSQL. Released files are frozen: a change is a new file.

mod m20261124_000001_places;
mod m20261124_000002_plan;
mod m20261124_000003_facts;
mod m20261124_000004_surveys;
mod m20261124_000005_access;
mod m20261124_000006_platform;
mod m20261124_000007_held_responses;
mod m20261124_000008_devices;
mod m20261124_000009_key_rotation;
mod m20261126_000010_tally_elements;
mod shapes;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_places::Migration),
            Box::new(m20261124_000002_plan::Migration),
            Box::new(m20261124_000003_facts::Migration),
            Box::new(m20261124_000004_surveys::Migration),
            Box::new(m20261124_000005_access::Migration),
            Box::new(m20261124_000006_platform::Migration),
            Box::new(m20261124_000007_held_responses::Migration),
            Box::new(m20261124_000008_devices::Migration),
            Box::new(m20261124_000009_key_rotation::Migration),
            Box::new(m20261126_000010_tally_elements::Migration),
        ]
    }
}
