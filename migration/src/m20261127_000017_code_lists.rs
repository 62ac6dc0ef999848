//! Code lists become records with versions. The tables of institution kinds and case categories keep their codes, which
//! facts refer to; the names move to `listed_code`, together with services and the values of a respondent's profile.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, unique_current, versioned};

/// The tables whose names move, and the list that has them.
const MOVED: [(&str, &str); 2] = [
    ("institution_kind", "institution-kinds"),
    ("case_category", "case-categories"),
];

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
                versioned("listed_code", [string("list"), string("code")])
                    .col(integer("position"))
                    .col(text("name"))
                    .col(integer_null("valid_to_year"))
                    .col(boolean("shipped"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [unique_current("listed_code_current", "listed_code", ["list", "code"])],
        )
        .await?;
        let db = manager.get_connection();
        for (table, list) in MOVED {
            db.execute_unprepared(&format!(
                "INSERT INTO listed_code (list, code, version, recorded_at, recorded_by, deleted, position, name, shipped) \
                 SELECT '{list}', code, 1, recorded_at, 'iku', FALSE, position, name, TRUE FROM {table}"
            ))
            .await?;
            for column in ["name", "position", "recorded_at"] {
                manager
                    .alter_table(Table::alter().table(table).drop_column(column).take())
                    .await?;
            }
        }
        let stream = big_integer("code_lists").default(0).take();
        manager
            .alter_table(Table::alter().table("stamp").add_column(stream).take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("stamp").drop_column("code_lists").take())
            .await?;
        let db = manager.get_connection();
        for (table, list) in MOVED {
            let columns = [
                string("name").default("").take(),
                integer("position").default(0).take(),
                timestamp_with_time_zone("recorded_at")
                    .default("1970-01-01T00:00:00+00:00")
                    .take(),
            ];
            for column in columns {
                manager
                    .alter_table(Table::alter().table(table).add_column(column).take())
                    .await?;
            }
            let current = format!(
                "FROM listed_code l WHERE l.list = '{list}' AND l.code = {table}.code AND l.superseded_at IS NULL"
            );
            db.execute_unprepared(&format!(
                "UPDATE {table} SET name = (SELECT l.name {current}), position = (SELECT l.position {current})"
            ))
            .await?;
        }
        drop_tables(manager, ["listed_code"]).await
    }
}
