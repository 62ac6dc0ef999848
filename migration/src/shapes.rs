//! Columns and indexes that the first migrations share. Frozen with these migrations.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::{prelude::*, schema::*};

/// A table of versions: `key` and `version` are its primary key. A deletion is a version that is superseded from the
/// start, so "current" is exactly `superseded_at IS NULL`, and a deleted version is valid at no instant.
pub fn versioned<const N: usize>(table: &'static str, key: [ColumnDef; N]) -> TableCreateStatement {
    let mut primary = Index::create();
    let mut create = Table::create();
    create.table(table);
    for column in key {
        primary.col(column.get_column_name());
        create.col(column);
    }
    create
        .col(integer("version"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(string("recorded_by"))
        .col(string_null("change_reason"))
        .col(timestamp_with_time_zone_null("superseded_at"))
        .col(boolean("deleted"))
        .col(string_null("fingerprint"))
        .primary_key(primary.col("version"))
        .check(
            Expr::col("deleted").eq(false).or(Expr::col("superseded_at")
                .is_not_null()
                .and(Expr::col("superseded_at").eq(Expr::col("recorded_at")))),
        )
        .take()
}

/// As in every CHECK, `NULL` is allowed.
pub fn one_of<const N: usize>(column: &'static str, values: [&'static str; N]) -> Expr {
    Expr::col(column).is_in(values)
}

pub fn references(column: &'static str, table: &'static str, key: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, key).take()
}

pub fn references_district() -> ForeignKeyCreateStatement {
    references("district_code", "district", "code")
}

/// Allows at most one current version per `columns`. The index has no further condition, because SQLite uses a partial
/// index only if the query repeats every condition.
pub fn unique_current<const N: usize>(
    name: &'static str,
    table: &'static str,
    columns: [&'static str; N],
) -> IndexCreateStatement {
    current(name, table, columns).unique().take()
}

/// An index over current versions, for lists and sums.
pub fn current<const N: usize>(
    name: &'static str,
    table: &'static str,
    columns: [&'static str; N],
) -> IndexCreateStatement {
    index(name, table, columns)
        .and_where(Expr::col("superseded_at").is_null())
        .take()
}

/// An index over all rows. In a versioned table, queries about past instants use it.
pub fn index<const N: usize>(
    name: &'static str,
    table: &'static str,
    columns: [&'static str; N],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(column);
    }
    index
}

pub async fn create_indexes<const N: usize>(
    manager: &SchemaManager<'_>,
    indexes: [IndexCreateStatement; N],
) -> Result<(), DbErr> {
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

pub async fn drop_tables<const N: usize>(manager: &SchemaManager<'_>, tables: [&'static str; N]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(table).take()).await?;
    }
    Ok(())
}

/// Makes triggers that refuse to change or to delete rows of a table. They stop mistakes, not the owner of the database.
pub async fn append_only(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    let run = async |sql: String| manager.get_connection().execute_unprepared(&sql).await;
    if manager.get_database_backend() == DbBackend::Sqlite {
        for event in ["UPDATE", "DELETE"] {
            run(format!(
                "CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} \
                 BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            ))
            .await?;
        }
        return Ok(());
    }
    run(format!(
        "CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    ))
    .await?;
    run(format!(
        "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
         FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    ))
    .await?;
    Ok(())
}

/// Removes the triggers of [`append_only`].
pub async fn drop_append_only(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    let run = async |sql: String| manager.get_connection().execute_unprepared(&sql).await;
    if manager.get_database_backend() == DbBackend::Sqlite {
        for event in ["UPDATE", "DELETE"] {
            run(format!("DROP TRIGGER {table}_no_{event}")).await?;
        }
        return Ok(());
    }
    run(format!("DROP TRIGGER {table}_append_only ON {table}")).await?;
    run(format!("DROP FUNCTION {table}_append_only()")).await?;
    Ok(())
}

/// The values that a column may have, as a CHECK says it.
pub struct Words {
    pub table: &'static str,
    pub column: &'static str,
    pub before: &'static [&'static str],
    pub added: &'static [&'static str],
}

/// Returns words as SQL writes a list.
pub fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    format!("({})", words.join(", "))
}

/// Replaces the list of values that a CHECK allows. SQLite has no statement for it and changes the text of the table, by the
/// procedure of its documentation for changes that do not affect the rows (lang_altertable, section 7): other tables refer
/// to accounts, so the table cannot be made anew.
pub async fn replace_check(
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
