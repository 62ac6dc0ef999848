//! Adds the closings of periods, whose rows are only added, and the purpose of a signing key.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, index, references, references_district};

const CLOSING: &str = "closing";
const DOCUMENT: &str = "closing_document";

const FUNCTION: &str = "CREATE FUNCTION closing_is_kept() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN RAISE EXCEPTION 'a closing is never changed or deleted'; END $$";

/// Returns statements that refuse every change of a row. An owner of the database can drop the triggers; they stop accidents.
fn triggers(backend: DbBackend, table: &str) -> Vec<String> {
    let of_sqlite = |verb: &str| {
        format!(
            "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} \
             BEGIN SELECT RAISE(ABORT, 'a closing is never changed or deleted'); END"
        )
    };
    match backend {
        DbBackend::Sqlite => ["UPDATE", "DELETE"].map(of_sqlite).to_vec(),
        _ => vec![format!(
            "CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION closing_is_kept()"
        )],
    }
}

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
                    .table(CLOSING)
                    .col(uuid("id").primary_key())
                    .col(string("district_code"))
                    .col(string("period"))
                    .col(integer("version"))
                    .col(timestamp_with_time_zone("closed_at"))
                    .col(string("closed_by"))
                    .col(uuid("account_id"))
                    .col(text_null("reason"))
                    .col(boolean("same_hand"))
                    .col(uuid_null("previous_id"))
                    .col(uuid_null("replaces_id"))
                    .col(string("fingerprint"))
                    .col(string("kid"))
                    .col(text("statement"))
                    .col(string("statement_sha256"))
                    .col(string("document_sha256"))
                    .col(big_integer("document_bytes"))
                    .foreign_key(&mut references_district())
                    .foreign_key(&mut references("previous_id", CLOSING, "id"))
                    .foreign_key(&mut references("replaces_id", CLOSING, "id"))
                    .foreign_key(&mut references("kid", "signing_key", "kid"))
                    .check(Expr::cust("version >= 1"))
                    .check(Expr::cust("(version = 1) = (replaces_id IS NULL)"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(DOCUMENT)
                    .col(uuid("closing_id").primary_key())
                    .col(blob("document"))
                    .col(text("realisations"))
                    .foreign_key(&mut references("closing_id", CLOSING, "id"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index("closing_version", CLOSING, ["district_code", "period", "version"])
                    .unique()
                    .take(),
                index("closing_previous", CLOSING, ["district_code", "previous_id"])
                    .unique()
                    .take(),
                index("closing_order", CLOSING, ["district_code", "closed_at", "id"]),
            ],
        )
        .await?;
        let purpose = string("purpose").default("token").take();
        manager
            .alter_table(Table::alter().table("signing_key").add_column(purpose).take())
            .await?;
        let (backend, connection) = (manager.get_database_backend(), manager.get_connection());
        if backend == DbBackend::Postgres {
            connection.execute_unprepared(FUNCTION).await?;
        }
        for sql in [CLOSING, DOCUMENT].iter().flat_map(|table| triggers(backend, table)) {
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [DOCUMENT, CLOSING]).await?;
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared("DROP FUNCTION closing_is_kept()").await?;
        }
        // An earlier version would sign tokens with them.
        connection
            .execute_unprepared("DELETE FROM signing_key WHERE purpose = 'closing'")
            .await?;
        manager
            .alter_table(Table::alter().table("signing_key").drop_column("purpose").take())
            .await
    }
}
