//! Adds indexes over the deletions of each versioned table, for the lists of deleted records.

use sea_orm_migration::prelude::*;

use crate::shapes::index;

/// The tables with their indexes. All have a district.
const TABLES: [(&str, &str, &str); 8] = [
    ("village", "village_deleted", "code"),
    ("decree", "decree_deleted", "id"),
    ("indicator", "indicator_deleted", "code"),
    ("target", "target_deleted", "indicator_code"),
    ("report", "report_deleted", "id"),
    ("institution", "institution_deleted", "id"),
    ("public_case", "public_case_deleted", "id"),
    ("survey", "survey_deleted", "id"),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, key) in TABLES {
            let index = index(name, table, ["district_code", key, "version"])
                .and_where(Expr::col("deleted"))
                .take();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, _) in TABLES {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
