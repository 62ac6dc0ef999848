//! Places: districts and their villages.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    create_indexes, current, drop_tables, index, one_of, references_district, unique_current, versioned,
};

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
                    .table("district")
                    .col(string("code").primary_key())
                    .col(string("name"))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                versioned("village", [string("code")])
                    .col(string("district_code"))
                    .col(string("kind"))
                    .col(string("name"))
                    .col(date_null("valid_from"))
                    .col(date_null("valid_to"))
                    .foreign_key(&mut references_district())
                    .check(one_of("kind", ["desa", "kelurahan"]))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("village_current", "village", ["code"]),
                current("village_current_district", "village", ["district_code", "code"]),
                index("village_history", "village", ["district_code"]),
            ],
        )
        .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["village", "district"]).await
    }
}
