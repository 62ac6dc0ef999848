//! The life of a case has more events, a case may have no known village and no known time, implausible ones have flags, and
//! there is the role of the secretary.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{Words, list, replace_check};

const KINDS: Words = Words {
    table: "case_event",
    column: "kind",
    before: &["verified", "handling", "resolved", "referred", "rejected"],
    added: &["receipt_added", "returned", "reopened", "withdrawn"],
};

const ROLES: Words = Words {
    table: "account",
    column: "role",
    before: &["administrator", "head", "officer", "surveyor", "integrator", "auditor"],
    added: &["secretary"],
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no more.
        for (table, column) in [
            ("public_case", boolean("time_known").default(true).take()),
            ("public_case", string("flags").default("").take()),
            ("case_event", text_null("referred_to").take()),
        ] {
            let table = Table::alter().table(table).add_column(column).take();
            manager.alter_table(table).await?;
        }
        let connection = manager.get_connection();
        connection
            .execute_unprepared(flag(connection.get_database_backend()))
            .await?;
        for words in [KINDS, ROLES] {
            let all = [words.before, words.added].concat();
            replace_check(manager, &words, words.before, &all).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // The former version knows neither these events nor this role. It reads a secretary as one who reads.
        for statement in [
            format!("DELETE FROM case_event WHERE kind IN {}", list(KINDS.added)),
            format!(
                "UPDATE account SET role = 'auditor' WHERE role IN {}",
                list(ROLES.added)
            ),
        ] {
            connection.execute_unprepared(&statement).await?;
        }
        for words in [KINDS, ROLES] {
            let all = [words.before, words.added].concat();
            replace_check(manager, &words, &all, words.before).await?;
        }
        for (table, column) in [
            ("case_event", "referred_to"),
            ("public_case", "flags"),
            ("public_case", "time_known"),
        ] {
            let table = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}

/// Flags the cases that occurred more than two years before they were first recorded.
fn flag(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "UPDATE public_case SET flags = 'occurred_long_ago' FROM public_case origin
             WHERE origin.id = public_case.id AND origin.version = 1 AND public_case.occurred_on <
                 ((origin.recorded_at AT TIME ZONE 'UTC' + interval '8 hours')::date - interval '2 years')"
        }
        _ => {
            "UPDATE public_case SET flags = 'occurred_long_ago' WHERE occurred_on <
                 (SELECT date(origin.recorded_at, '+8 hours', '-2 years') FROM public_case origin
                  WHERE origin.id = public_case.id AND origin.version = 1)"
        }
    }
}
