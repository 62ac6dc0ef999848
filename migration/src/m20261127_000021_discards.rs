//! Held answers that can be discarded and restored: the spans in which they were discarded. Indexes for the lists of decisions on
//! many answers, and for the answers of one of them.

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
                    .table("held_discard_span")
                    .col(uuid("held_response_id"))
                    .col(timestamp_with_time_zone("discarded_at"))
                    .col(string("discard_reason"))
                    .col(string("discarded_by"))
                    .col(timestamp_with_time_zone("restored_at"))
                    .col(string("restore_reason"))
                    .col(string("restored_by"))
                    .primary_key(Index::create().col("held_response_id").col("discarded_at"))
                    .check(Expr::cust("discarded_at <= restored_at"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index(
                    "held_response_decided",
                    "held_response",
                    ["district_code", "decided_at"],
                )
                .and_where(Expr::col("decided_at").is_not_null())
                .take(),
                index(
                    "bulk_decision_recorded",
                    "bulk_decision",
                    ["district_code", "recorded_at", "id"],
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("bulk_decision_recorded", "bulk_decision"),
            ("held_response_decided", "held_response"),
        ] {
            let index = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(index).await?;
        }
        drop_tables(manager, ["held_discard_span"]).await
    }
}
