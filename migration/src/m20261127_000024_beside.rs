//! Adds what stands beside a value: notes of a period, values of years before the service, and the stream of both.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, current, drop_tables, index, references_district, unique_current, versioned};

const NOTE: &str = "indicator_note";
const PAST: &str = "past_value";
const STREAM: &str = "notes";

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
                versioned(NOTE, [string("indicator_code"), string("period")])
                    .col(string("district_code"))
                    .col(text_null("obstacles"))
                    .col(text_null("follow_up"))
                    .foreign_key(&mut references_district())
                    .check(Expr::cust("obstacles IS NOT NULL OR follow_up IS NOT NULL"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                versioned(PAST, [string("indicator_code"), integer("year")])
                    .col(string("district_code"))
                    .col(big_integer("value_hundredths"))
                    .col(text("source"))
                    .foreign_key(&mut references_district())
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("indicator_note_current", NOTE, ["indicator_code", "period"]),
                current("indicator_note_current_district", NOTE, ["district_code", "period"]),
                index("indicator_note_history", NOTE, ["district_code", "period"]),
                unique_current("past_value_current", PAST, ["indicator_code", "year"]),
                current("past_value_current_district", PAST, ["district_code", "year"]),
                index("past_value_history", PAST, ["district_code", "year"]),
            ],
        )
        .await?;
        let stream = big_integer(STREAM).default(0).take();
        manager
            .alter_table(Table::alter().table("stamp").add_column(stream).take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("stamp").drop_column(STREAM).take())
            .await?;
        drop_tables(manager, [PAST, NOTE]).await
    }
}
