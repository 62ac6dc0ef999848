//! The plan: decrees, indicators, targets.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    create_indexes, current, drop_tables, index, one_of, references_district, unique_current, versioned,
};

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
                versioned("decree", [uuid("id")])
                    .col(string("district_code"))
                    .col(string("number"))
                    .col(text("title"))
                    .col(date("issued_on"))
                    .col(text("goal"))
                    .col(integer("first_year"))
                    .col(integer("last_year"))
                    .col(text("legal_bases"))
                    .foreign_key(&mut references_district())
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("decree_current", "decree", ["id"]),
                unique_current("decree_current_number", "decree", ["district_code", "number"]),
                index("decree_history", "decree", ["district_code"]),
            ],
        )
        .await?;

        manager
            .create_table(
                versioned("indicator", [string("code"), integer("from_year")])
                    .col(uuid("decree_id"))
                    .col(string("district_code"))
                    .col(integer("number"))
                    .col(text("objective"))
                    .col(text("name"))
                    .col(text("meaning"))
                    .col(text("selection_reason"))
                    .col(text("formula_text"))
                    .col(text("reference"))
                    .col(text("responsible"))
                    .col(text("source"))
                    .col(string("unit"))
                    .col(string("polarity"))
                    .col(string_null("external_code"))
                    .col(string("formula_kind"))
                    .col(string_null("formula_section"))
                    .col(string_null("formula_group"))
                    .foreign_key(&mut references_district())
                    .check(one_of("unit", ["index", "count", "percent"]))
                    .check(one_of("polarity", ["higher_is_better", "lower_is_better"]))
                    .check(one_of(
                        "formula_kind",
                        ["survey_index", "institution_count", "case_handling", "report_delivery"],
                    ))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("indicator_current", "indicator", ["code", "from_year"]),
                unique_current(
                    "indicator_current_number",
                    "indicator",
                    ["district_code", "from_year", "number"],
                ),
                current("indicator_current_decree", "indicator", ["decree_id"]),
                index("indicator_history", "indicator", ["district_code"]),
            ],
        )
        .await?;

        manager
            .create_table(
                versioned("target", [string("indicator_code"), string("period")])
                    .col(string("district_code"))
                    .col(big_integer("value_hundredths"))
                    .col(text_null("basis"))
                    .foreign_key(&mut references_district())
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("target_current", "target", ["indicator_code", "period"]),
                current("target_current_district", "target", ["district_code", "period"]),
                index("target_history", "target", ["district_code", "period"]),
            ],
        )
        .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["target", "indicator", "decree"]).await
    }
}
