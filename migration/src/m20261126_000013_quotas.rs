//! What each phone has used of its quotas, decisions on many answers at once, and indexes for what waits.

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
                    .table("device_quota")
                    .col(uuid("device_id").primary_key())
                    .col(big_integer("held").default(0))
                    .col(date_null("counted_on"))
                    .col(big_integer("counted").default(0))
                    .col(date_null("held_reported_on"))
                    .col(date_null("counted_reported_on"))
                    .take(),
            )
            .await?;
        let carry = "INSERT INTO device_quota (device_id, held) SELECT device_id, COUNT(*) FROM held_response \
                     WHERE decision IS NULL AND device_id IS NOT NULL GROUP BY device_id";
        manager.get_connection().execute_unprepared(carry).await?;

        manager
            .create_table(
                Table::create()
                    .table("bulk_decision")
                    .col(uuid("id").primary_key())
                    .col(string("kind"))
                    .col(string("district_code"))
                    .col(uuid_null("survey_id"))
                    .col(uuid_null("device_id"))
                    .col(string_null("held_reason"))
                    .col(timestamp_with_time_zone_null("received_from"))
                    .col(timestamp_with_time_zone_null("received_to"))
                    .col(string("reason"))
                    .col(big_integer("answers"))
                    .col(boolean("has_more"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .col(string("recorded_by"))
                    .col(string("fingerprint"))
                    .foreign_key(&mut references_district())
                    .check(one_of("kind", ["released", "discarded", "voided"]))
                    .take(),
            )
            .await?;
        let waiting = |name: &'static str, column: &'static str| {
            index(name, "held_response", [column, "received_at", "id"])
                .and_where(Expr::col("decision").is_null())
                .take()
        };
        create_indexes(
            manager,
            [
                waiting("held_response_waiting_device", "device_id"),
                waiting("held_response_waiting_survey", "survey_id"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["held_response_waiting_survey", "held_response_waiting_device"] {
            let index = Index::drop().name(name).table("held_response").to_owned();
            manager.drop_index(index).await?;
        }
        drop_tables(manager, ["bulk_decision", "device_quota"]).await
    }
}
