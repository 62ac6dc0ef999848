//! Columns and indexes that the first migrations share. Frozen with these migrations.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
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
