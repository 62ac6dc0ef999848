//! Adds the forms in which names of institutions are compared, computed for the institutions that are there, and the
//! villages to which an institution belonged before a transfer. Institutions with equal forms stay: their names differ.

use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, current, drop_tables, index, unique_current};

use self::institution_name::ComparedName;

/// The rule of the program itself, which is pure, so that there is one.
#[path = "../../src/core/institution_name.rs"]
#[allow(dead_code, reason = "the migration needs only the forms")]
mod institution_name;

const TABLE: &str = "institution";
const BY_NAME: &str = "institution_current_name";
const BY_FORM: &str = "institution_current_form";
const BY_LIKENESS: &str = "institution_likeness";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            date_null("village_from"),
            text("form").default("").take(),
            text("likeness").default("").take(),
            text_null("part_of"),
        ];
        for column in columns {
            manager
                .alter_table(Table::alter().table(TABLE).add_column(column).take())
                .await?;
        }
        fill(manager).await?;
        drop_index(manager, BY_NAME).await?;
        manager
            .create_table(
                Table::create()
                    .table("former_village")
                    .col(uuid("institution_id"))
                    .col(integer("version"))
                    .col(integer("position"))
                    .col(string("village_code"))
                    .col(date_null("from_day"))
                    .primary_key(Index::create().col("institution_id").col("version").col("position"))
                    .foreign_key(
                        ForeignKey::create()
                            .from_col("institution_id")
                            .from_col("version")
                            .to_tbl(TABLE)
                            .to_col("id")
                            .to_col("version"),
                    )
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                current(BY_FORM, TABLE, ["village_code", "kind", "form"]),
                index(BY_LIKENESS, TABLE, ["village_code", "kind", "likeness"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["former_village"]).await?;
        for name in [BY_LIKENESS, BY_FORM] {
            drop_index(manager, name).await?;
        }
        create_indexes(
            manager,
            [unique_current(BY_NAME, TABLE, ["village_code", "kind", "name"])],
        )
        .await?;
        for column in ["part_of", "likeness", "form", "village_from"] {
            manager
                .alter_table(Table::alter().table(TABLE).drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}

async fn drop_index(manager: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table(TABLE).to_owned())
        .await
}

/// Computes the forms of all versions.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = db.get_database_backend();
    let all = Statement::from_string(backend, "SELECT id, version, kind, name FROM institution");
    for row in db.query_all_raw(all).await? {
        let (id, version, kind, name): (Uuid, i32, String, String) = row.try_get_many_by_index()?;
        let ComparedName {
            form,
            likeness,
            part_of,
        } = ComparedName::new(&kind, &name);
        let update = Query::update()
            .table(TABLE)
            .values([
                ("form", form.into()),
                ("likeness", likeness.into()),
                ("part_of", part_of.into()),
            ])
            .and_where(Expr::col("id").eq(id))
            .and_where(Expr::col("version").eq(version))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}
