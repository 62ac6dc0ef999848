//! Links of surveys for citizens, slips, answers by mode in the tallies, and what a link has received in the hour.

use sea_orm_migration::sea_orm::ConnectionTrait;
use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    Words, create_indexes, current, drop_tables, index, references_district, replace_check, unique_current, versioned,
};

const LINK: &str = "survey_link";
const SLIP: &str = "survey_slip";

const MODES: Words = Words {
    table: "response",
    column: "mode",
    before: &["paper"],
    added: &["self_service"],
};

const REASONS: Words = Words {
    table: "held_response",
    column: "reason",
    before: &["survey_closed", "device_revoked", "id_conflict"],
    added: &["doubtful"],
};

/// The flags that the version before knows.
const FORMER_FLAGS: i32 = 127;

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
                versioned(LINK, [uuid("id")])
                    .col(string("district_code"))
                    .col(uuid("survey_id"))
                    .col(string("name"))
                    .col(string("code"))
                    .col(integer("hourly_budget"))
                    .col(boolean("slips_required"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .col(boolean("active"))
                    .foreign_key(&mut references_district())
                    .check(Expr::cust("hourly_budget > 0"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(SLIP)
                    .col(uuid("id").primary_key())
                    .col(uuid("link_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("survey_link_current", LINK, ["id"]),
                unique_current("survey_link_current_code", LINK, ["code"]),
                current("survey_link_current_survey", LINK, ["survey_id", "name", "id"]),
                index("survey_link_history", LINK, ["district_code", "survey_id"]),
                index("survey_slip_link", SLIP, ["link_id", "created_at", "id"]),
            ],
        )
        .await?;

        add(manager, "survey_tally", text("modes").default("[0,0,0]").take()).await?;
        let count = |condition: &str| {
            format!(
                "(SELECT COUNT(*) FROM response WHERE response.survey_id = survey_tally.survey_id \
                 AND counted_from IS NOT NULL AND counted_until IS NULL AND {condition})"
            )
        };
        let carry = format!(
            "UPDATE survey_tally SET modes = '[' || {} || ',' || {} || ',0]'",
            count("mode IS NULL"),
            count("mode = 'paper'")
        );
        let db = manager.get_connection();
        db.execute_unprepared(&carry).await?;
        add(manager, "device_quota", timestamp_with_time_zone_null("hour")).await?;
        add(manager, "device_quota", big_integer("in_hour").default(0).take()).await?;
        for words in [&MODES, &REASONS] {
            let all = [words.before, words.added].concat();
            replace_check(manager, words, words.before, &all).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // The former version does not know these.
        for statement in [
            "UPDATE response SET mode = NULL WHERE mode = 'self_service'".to_owned(),
            "UPDATE held_response SET reason = 'survey_closed' WHERE reason = 'doubtful'".to_owned(),
            "UPDATE bulk_decision SET held_reason = 'survey_closed' WHERE held_reason = 'doubtful'".to_owned(),
            format!("UPDATE response SET flags = flags & {FORMER_FLAGS} WHERE flags > {FORMER_FLAGS}"),
            format!("UPDATE held_response SET flags = flags & {FORMER_FLAGS} WHERE flags > {FORMER_FLAGS}"),
        ] {
            db.execute_unprepared(&statement).await?;
        }
        for words in [&REASONS, &MODES] {
            let all = [words.before, words.added].concat();
            replace_check(manager, words, &all, words.before).await?;
        }
        for (table, column) in [
            ("device_quota", "in_hour"),
            ("device_quota", "hour"),
            ("survey_tally", "modes"),
        ] {
            let change = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(change).await?;
        }
        drop_tables(manager, [SLIP, LINK]).await
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, mut column: ColumnDef) -> Result<(), DbErr> {
    let change = Table::alter().table(table).add_column(&mut column).take();
    manager.alter_table(change).await
}
