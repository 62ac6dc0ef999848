//! Adds what tells a year without records from a year with none: the first year that an office says it recorded. Adds the
//! number of reports per village that the decree names, and the marks of reports that are implausible.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, current, drop_tables, references_district, unique_current, versioned};

const TABLE: &str = "record_start";
const INDEX: &str = "report_current_recorded";

/// Districts that exist already have said nothing, and always were known to have said nothing.
const STARTS: &str = "INSERT INTO record_start (district_code, version, recorded_at, recorded_by, deleted) \
    SELECT code, 1, '1970-01-01T00:00:00+00:00', 'iku', FALSE FROM district";

/// The shipped decree names 2 and 7.
const PER_VILLAGE: &str = "UPDATE indicator \
    SET formula_per_village = CASE formula_group WHEN 'administration' THEN 2 ELSE 7 END \
    WHERE formula_kind = 'report_delivery' AND code IN ('paringin-iku-4', 'paringin-iku-5')";

/// The marks of the reports that are recorded already, as the service sets them.
fn flags() -> String {
    let year = "CAST(substr(CAST(delivered_on AS text), 1, 4) AS integer)";
    let yearly = "kind IN (SELECT code FROM report_kind WHERE fiscal_year_offset < 0)";
    let (early, far) = (
        format!("{year} <= fiscal_year AND {yearly}"),
        format!("abs({year} - fiscal_year) > 2"),
    );
    format!(
        "UPDATE report SET flags = CASE \
         WHEN {early} AND {far} THEN 'before_fiscal_year_end,fiscal_year_far' \
         WHEN {early} THEN 'before_fiscal_year_end' WHEN {far} THEN 'fiscal_year_far' ELSE '' END"
    )
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
                versioned(TABLE, [string("district_code")])
                    .col(integer_null("administration"))
                    .col(integer_null("finance"))
                    .foreign_key(&mut references_district())
                    .take(),
            )
            .await?;
        let per_village = integer_null("formula_per_village");
        manager
            .alter_table(Table::alter().table("indicator").add_column(per_village).take())
            .await?;
        let marks = string("flags").default("").take();
        manager
            .alter_table(Table::alter().table("report").add_column(marks).take())
            .await?;
        create_indexes(
            manager,
            [
                unique_current("record_start_current", TABLE, ["district_code"]),
                current(INDEX, "report", ["district_code", "kind", "fiscal_year"]),
            ],
        )
        .await?;
        for sql in [STARTS, PER_VILLAGE, &flags()] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(INDEX).table("report").to_owned())
            .await?;
        for (table, column) in [("report", "flags"), ("indicator", "formula_per_village")] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).take())
                .await?;
        }
        drop_tables(manager, [TABLE]).await
    }
}
