//! Adds the instant from which a signing key signs. Keys are published before that instant.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Existing keys already sign.
        let ever = "1970-01-01T00:00:00+00:00";
        manager
            .alter_table(
                Table::alter()
                    .table("signing_key")
                    .add_column(timestamp_with_time_zone("signs_from").default(ever))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("signing_key").drop_column("signs_from").take())
            .await
    }
}
