//! Records of the service itself: the stamps that order all writes, and the loaded shipped data.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{drop_tables, references_district};

const STREAMS: [&str; 10] = [
    "places",
    "decrees",
    "indicators",
    "targets",
    "report_kinds",
    "surveys",
    "institutions",
    "cases",
    "reports",
    "closings",
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut stamp = Table::create()
            .table("stamp")
            .col(string("district_code").primary_key())
            .take();
        stamp
            .col(big_integer("recorded_at"))
            .foreign_key(&mut references_district());
        for stream in STREAMS {
            stamp.col(big_integer(stream).default(0));
        }
        manager.create_table(stamp).await?;

        manager
            .create_table(
                Table::create()
                    .table("shipped_load")
                    .col(string("name").primary_key())
                    .col(string("content_hash"))
                    .col(timestamp_with_time_zone("loaded_at"))
                    .take(),
            )
            .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["shipped_load", "stamp"]).await
    }
}
