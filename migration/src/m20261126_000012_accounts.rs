//! Sessions show when and from where they are used, refresh tokens count their uses, and the networks from which an account
//! signs in are known.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::references;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no more.
        for column in [timestamp_with_time_zone_null("last_used_at"), string_null("network")] {
            let table = Table::alter().table("refresh_family").add_column(column).take();
            manager.alter_table(table).await?;
        }
        let uses = integer("uses").default(0).take();
        let table = Table::alter().table("refresh_token").add_column(uses).take();
        manager.alter_table(table).await?;
        manager
            .create_table(
                Table::create()
                    .table("known_network")
                    .col(uuid("account_id"))
                    .col(string("network"))
                    .col(timestamp_with_time_zone("seen_at"))
                    .primary_key(Index::create().col("account_id").col("network"))
                    .foreign_key(&mut references("account_id", "account", "id"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("known_network").take()).await?;
        for (table, column) in [
            ("refresh_token", "uses"),
            ("refresh_family", "network"),
            ("refresh_family", "last_used_at"),
        ] {
            let table = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
