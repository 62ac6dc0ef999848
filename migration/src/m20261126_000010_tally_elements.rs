//! Replaces the eighteen columns of a tally by one column `elements`: `[[number, sum], ...]` in the order of the
//! questionnaire.

use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

const ELEMENTS: [&str; 9] = [
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
];

const EMPTY: &str = "[[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0]]";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let elements = text("elements").default(EMPTY).take();
        manager.alter_table(tally().add_column(elements).take()).await?;
        let totals = ELEMENTS.map(|element| format!("n_{element} || ',' || sum_{element}"));
        let totals = totals.join(" || '],[' || ");
        let carry = format!("UPDATE survey_tally SET elements = '[[' || {totals} || ']]'");
        manager.get_connection().execute_unprepared(&carry).await?;
        for column in columns() {
            manager.alter_table(tally().drop_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let column = big_integer(column).default(0).take();
            manager.alter_table(tally().add_column(column).take()).await?;
        }
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let totals = columns().enumerate().map(|(at, column)| {
            let (element, member) = (at / 2, at % 2);
            if postgres {
                format!("{column} = CAST(CAST(elements AS json) -> {element} ->> {member} AS bigint)")
            } else {
                format!("{column} = json_extract(elements, '$[{element}][{member}]')")
            }
        });
        let totals: Vec<String> = totals.collect();
        let carry = format!("UPDATE survey_tally SET {}", totals.join(", "));
        manager.get_connection().execute_unprepared(&carry).await?;
        manager.alter_table(tally().drop_column("elements").take()).await
    }
}

fn tally() -> TableAlterStatement {
    Table::alter().table("survey_tally").take()
}

/// The columns of the number and the sum of each element.
fn columns() -> impl Iterator<Item = String> {
    ELEMENTS
        .into_iter()
        .flat_map(|element| [format!("n_{element}"), format!("sum_{element}")])
}
