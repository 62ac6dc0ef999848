//! The life of a case has more events, a case may have no known village and no known time, implausible ones have flags, and
//! there is the role of the secretary.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::{prelude::*, schema::*};

/// The values that a column may have, as a CHECK says it.
struct Words {
    table: &'static str,
    column: &'static str,
    before: &'static [&'static str],
    added: &'static [&'static str],
}

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

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    format!("({})", words.join(", "))
}

/// Replaces the list of values that a CHECK allows. SQLite has no statement for it and changes the text of the table, by the
/// procedure of its documentation for changes that do not affect the rows (lang_altertable, section 7): other tables refer
/// to accounts, so the table cannot be made anew.
async fn replace_check(
    manager: &SchemaManager<'_>,
    words: &Words,
    before: &[&str],
    after: &[&str],
) -> Result<(), DbErr> {
    let Words { table, column, .. } = words;
    let (before, after) = (list(before), list(after));
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    if backend == DbBackend::Postgres {
        let statement = format!(
            "ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check,
             ADD CONSTRAINT {table}_{column}_check CHECK ({column} IN {after})"
        );
        connection.execute_unprepared(&statement).await?;
        return Ok(());
    }
    let version = Statement::from_string(backend, "PRAGMA schema_version");
    let version = connection.query_one_raw(version).await?;
    let version: i64 = version.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    let (before, after) = (before.replace('\'', "''"), after.replace('\'', "''"));
    let changed = format!(
        "UPDATE sqlite_schema SET sql = replace(sql, '\"{column}\" IN {before}', '\"{column}\" IN {after}')
         WHERE type = 'table' AND name = '{table}' AND instr(sql, '\"{column}\" IN {before}') > 0"
    );
    connection.execute_unprepared("PRAGMA writable_schema = ON").await?;
    let changed = connection.execute_unprepared(&changed).await?.rows_affected();
    connection
        .execute_unprepared(&format!("PRAGMA schema_version = {}", version + 1))
        .await?;
    connection.execute_unprepared("PRAGMA writable_schema = RESET").await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(DbErr::Migration(format!(
            "the CHECK of {table}.{column} is not the expected one"
        )))
    }
}
