//! Adds indexes in the orders of the list of reports. A list is read as known at the instant of its first page, so the
//! indexes over current versions do not serve it.

use sea_orm_migration::prelude::*;

use crate::shapes::{create_indexes, index};

const BY_VILLAGE: &str = "report_by_village";
const BY_DELIVERY: &str = "report_by_delivery";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_indexes(
            manager,
            [
                index(
                    BY_VILLAGE,
                    "report",
                    ["district_code", "village_code", "fiscal_year", "kind", "id"],
                ),
                index(BY_DELIVERY, "report", ["district_code", "delivered_on", "id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [BY_VILLAGE, BY_DELIVERY] {
            manager
                .drop_index(Index::drop().name(name).table("report").to_owned())
                .await?;
        }
        Ok(())
    }
}
