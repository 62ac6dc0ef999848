//! Survey answers that an officer must decide on: quarantined answers, and other content under an existing id.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, index, one_of, references_district};

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
                    .table("held_response")
                    .col(uuid("id").primary_key())
                    .col(string("reason"))
                    .col(string("district_code"))
                    .col(uuid("survey_id"))
                    .col(uuid("response_id"))
                    .col(blob("fingerprint"))
                    .col(text_null("content"))
                    .col(timestamp_with_time_zone("received_at"))
                    .col(boolean("clock_flag"))
                    .col(uuid_null("device_id"))
                    .col(string("recorded_by"))
                    .col(string_null("decision"))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .col(string_null("decided_by"))
                    .col(string_null("decision_reason"))
                    .col(uuid_null("released_response_id"))
                    .foreign_key(&mut references_district())
                    .check(one_of("reason", ["survey_closed", "device_revoked", "id_conflict"]))
                    .check(one_of("decision", ["released", "discarded"]))
                    .check(Expr::cust("(reason = 'id_conflict') = (content IS NOT NULL)"))
                    .check(Expr::cust("(decision IS NULL) = (decided_at IS NULL)"))
                    .check(Expr::cust("length(fingerprint) = 32"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index("held_response_content", "held_response", ["response_id", "fingerprint"])
                    .unique()
                    .take(),
                index(
                    "held_response_received",
                    "held_response",
                    ["district_code", "received_at", "id"],
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["held_response"]).await
    }
}
