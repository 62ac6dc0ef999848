//! The facts: village reports, institutions and public-order cases.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    create_indexes, current, drop_tables, index, one_of, references, references_district, unique_current, versioned,
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
                versioned("report_kind", [string("code"), integer("from_year")])
                    .col(string("group_code"))
                    .col(text("name"))
                    .col(integer("due_month"))
                    .col(integer("due_day"))
                    .col(integer("fiscal_year_offset"))
                    .col(integer_null("valid_from_year"))
                    .col(integer_null("valid_to_year"))
                    .col(text("legal_basis"))
                    .col(boolean("confirmed"))
                    .check(one_of("group_code", ["administration", "finance"]))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [unique_current(
                "report_kind_current",
                "report_kind",
                ["code", "from_year"],
            )],
        )
        .await?;

        manager
            .create_table(
                versioned("report", [uuid("id")])
                    .col(string("district_code"))
                    .col(string("village_code"))
                    .col(string("kind"))
                    .col(integer("fiscal_year"))
                    .col(date("delivered_on"))
                    .col(string("status"))
                    .col(text_null("note"))
                    .foreign_key(&mut references_district())
                    .check(one_of("status", ["received", "returned", "accepted"]))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("report_current", "report", ["id"]),
                unique_current(
                    "report_current_obligation",
                    "report",
                    ["village_code", "kind", "fiscal_year"],
                ),
                current(
                    "report_current_delivery",
                    "report",
                    ["district_code", "delivered_on", "id"],
                ),
                current("report_current_year", "report", ["district_code", "fiscal_year"]),
                index("report_history", "report", ["district_code", "fiscal_year"]),
            ],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("institution_kind")
                    .col(string("code").primary_key())
                    .col(string("name"))
                    .col(integer("position"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                versioned("institution", [uuid("id")])
                    .col(string("district_code"))
                    .col(string("village_code"))
                    .col(string("kind"))
                    .col(string("name"))
                    .foreign_key(&mut references_district())
                    .foreign_key(&mut references("kind", "institution_kind", "code"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("institution_current", "institution", ["id"]),
                unique_current(
                    "institution_current_name",
                    "institution",
                    ["village_code", "kind", "name"],
                ),
                current("institution_current_district", "institution", ["district_code", "id"]),
                index("institution_history", "institution", ["district_code"]),
            ],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("institution_decree")
                    .col(uuid("institution_id"))
                    .col(integer("version"))
                    .col(integer("position"))
                    .col(uuid("id"))
                    .col(string("number"))
                    .col(date("issued_on"))
                    .col(date("starts_on"))
                    .col(date("ends_on"))
                    .col(boolean("term_given"))
                    .col(date_null("revoked_on"))
                    .primary_key(Index::create().col("institution_id").col("version").col("position"))
                    .foreign_key(
                        ForeignKey::create()
                            .from_col("institution_id")
                            .from_col("version")
                            .to_tbl("institution")
                            .to_col("id")
                            .to_col("version"),
                    )
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [index("institution_decree_end", "institution_decree", ["ends_on"])],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("case_category")
                    .col(string("code").primary_key())
                    .col(string("name"))
                    .col(integer("position"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                versioned("public_case", [uuid("id")])
                    .col(string("district_code"))
                    .col(string("village_code"))
                    .col(string("category"))
                    .col(timestamp_with_time_zone("occurred_at"))
                    .col(date("occurred_on"))
                    .col(text("summary"))
                    .col(string("status"))
                    .foreign_key(&mut references_district())
                    .foreign_key(&mut references("category", "case_category", "code"))
                    .check(one_of(
                        "status",
                        ["reported", "verified", "handling", "resolved", "referred", "rejected"],
                    ))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("public_case_current", "public_case", ["id"]),
                current(
                    "public_case_current_day",
                    "public_case",
                    ["district_code", "occurred_on", "id"],
                ),
                index("public_case_history", "public_case", ["district_code", "occurred_on"]),
            ],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("case_event")
                    .col(uuid("id").primary_key())
                    .col(uuid("case_id"))
                    .col(integer("position"))
                    .col(string("kind"))
                    .col(timestamp_with_time_zone("at"))
                    .col(text_null("note"))
                    .col(text_null("receipt"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .col(string("recorded_by"))
                    .col(string_null("fingerprint"))
                    .check(one_of(
                        "kind",
                        ["verified", "handling", "resolved", "referred", "rejected"],
                    ))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [index("case_event_position", "case_event", ["case_id", "position"])
                .unique()
                .take()],
        )
        .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            [
                "case_event",
                "public_case",
                "case_category",
                "institution_decree",
                "institution",
                "institution_kind",
                "report",
                "report_kind",
            ],
        )
        .await
    }
}
