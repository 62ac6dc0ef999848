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
mod m20261126_000011_national;
mod m20261126_000012_accounts;
mod m20261126_000013_quotas;
mod m20261126_000014_service_keys;
mod m20261126_000015_report_order;
mod m20261127_000015_deleted_records;
mod m20261127_000016_village_names;
mod m20261127_000017_code_lists;
mod m20261127_000017_institutions;
mod m20261127_000018_cases;
mod m20261127_000019_spans;
mod m20261127_000020_recorded_years;
mod m20261127_000021_discards;
mod m20261127_000022_journal;
mod m20261127_000023_closings;
mod m20261127_000024_beside;
mod m20261127_000025_evidence;
mod m20261127_000026_agreements;
mod m20261128_000027_counter;
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
            Box::new(m20261126_000011_national::Migration),
            Box::new(m20261126_000012_accounts::Migration),
            Box::new(m20261126_000013_quotas::Migration),
            Box::new(m20261126_000014_service_keys::Migration),
            Box::new(m20261126_000015_report_order::Migration),
            Box::new(m20261127_000015_deleted_records::Migration),
            Box::new(m20261127_000016_village_names::Migration),
            Box::new(m20261127_000017_code_lists::Migration),
            Box::new(m20261127_000017_institutions::Migration),
            Box::new(m20261127_000018_cases::Migration),
            Box::new(m20261127_000019_spans::Migration),
            Box::new(m20261127_000020_recorded_years::Migration),
            Box::new(m20261127_000021_discards::Migration),
            Box::new(m20261127_000022_journal::Migration),
            Box::new(m20261127_000023_closings::Migration),
            Box::new(m20261127_000024_beside::Migration),
            Box::new(m20261127_000025_evidence::Migration),
            Box::new(m20261127_000026_agreements::Migration),
            Box::new(m20261128_000027_counter::Migration),
        ]
    }
}
