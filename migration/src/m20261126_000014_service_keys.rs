//! Keys that all instances of the service share, and the indexes by which a page of a history costs a page.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("service_key")
                    .col(string("name").primary_key())
                    .col(blob("bytes"))
                    .col(timestamp_with_time_zone("created_at"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index(
                    "indicator_recorded",
                    "indicator",
                    ["code", "recorded_at", "from_year", "version"],
                ),
                index(
                    "report_kind_recorded",
                    "report_kind",
                    ["code", "recorded_at", "from_year", "version"],
                ),
                index(
                    "indicator_changes",
                    "indicator",
                    ["decree_id", "recorded_at", "superseded_at"],
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("indicator_changes", "indicator"),
            ("report_kind_recorded", "report_kind"),
            ("indicator_recorded", "indicator"),
        ] {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        drop_tables(manager, ["service_key"]).await
    }
}
