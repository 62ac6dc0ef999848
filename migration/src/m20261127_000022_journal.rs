//! The audit trail: a row for each change, chained by hashes, and triggers that refuse to change or to delete rows. Indexes for
//! the answers that began to count after their receipt or ended to count, which `iku verify` reads in this order.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{append_only, create_indexes, drop_append_only, drop_tables, index};

const TABLE: &str = "journal";

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
                    .table(TABLE)
                    .col(string("chain"))
                    .col(big_integer("seq"))
                    .col(timestamp_with_time_zone("at"))
                    .col(string("actor"))
                    .col(uuid_null("account_id"))
                    .col(string_null("client_id"))
                    .col(uuid_null("token_id"))
                    .col(uuid_null("session_id"))
                    .col(string("action"))
                    .col(string("resource"))
                    .col(string("key"))
                    .col(integer_null("version"))
                    .col(text_null("reason"))
                    .col(big_integer_null("count"))
                    .col(text_null("details"))
                    .col(integer_null("from_year"))
                    .col(integer_null("to_year"))
                    .col(blob_null("content"))
                    .col(blob("hash"))
                    .primary_key(Index::create().col("chain").col("seq"))
                    .check(Expr::cust("seq > 0"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index("journal_at", TABLE, ["at", "chain", "seq"]),
                index("journal_record", TABLE, ["resource", "key", "chain", "seq"]),
                index(
                    "response_counted_later",
                    "response",
                    ["survey_id", "counted_from", "id"],
                )
                .and_where(Expr::cust("counted_from <> received_at"))
                .take(),
                index("response_ended", "response", ["survey_id", "counted_until", "id"])
                    .and_where(Expr::col("counted_until").is_not_null())
                    .take(),
            ],
        )
        .await?;
        append_only(manager, TABLE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_append_only(manager, TABLE).await?;
        for name in ["response_ended", "response_counted_later"] {
            let index = Index::drop().name(name).table("response").to_owned();
            manager.drop_index(index).await?;
        }
        drop_tables(manager, [TABLE]).await
    }
}
