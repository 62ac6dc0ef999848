//! Questionnaires, surveys, their answers and their tallies.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    create_indexes, current, drop_tables, index, one_of, references_district, unique_current, versioned,
};

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
                    .table("questionnaire")
                    .col(string("code"))
                    .col(integer("version"))
                    .col(string("title"))
                    .col(text("source"))
                    .col(text("document"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .primary_key(Index::create().col("code").col("version"))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                versioned("survey", [uuid("id")])
                    .col(string("district_code"))
                    .col(string("title"))
                    .col(string("section"))
                    .col(string("questionnaire"))
                    .col(date("starts_on"))
                    .col(date("ends_on"))
                    .col(big_integer_null("population"))
                    .col(text("inactive_elements"))
                    .col(string("status"))
                    .foreign_key(&mut references_district())
                    .check(one_of("status", ["draft", "open", "closed"]))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                unique_current("survey_current", "survey", ["id"]),
                current("survey_current_end", "survey", ["district_code", "ends_on", "id"]),
                index("survey_history", "survey", ["district_code", "ends_on"]),
            ],
        )
        .await?;

        let mut tally = Table::create()
            .table("survey_tally")
            .col(uuid("survey_id").primary_key())
            .col(timestamp_with_time_zone("changed_at"))
            .take();
        tally.col(big_integer("respondents").default(0));
        for element in ELEMENTS {
            tally.col(big_integer(format!("n_{element}")).default(0));
            tally.col(big_integer(format!("sum_{element}")).default(0));
        }
        manager.create_table(tally).await?;

        let mut response = Table::create()
            .table("response")
            .col(uuid("id").primary_key())
            .col(uuid("survey_id"))
            .col(blob("fingerprint"))
            .take();
        for element in ELEMENTS {
            response
                .col(small_integer_null(element))
                .check(Expr::col(element).between(1, 4));
        }
        response
            .col(string("service"))
            .col(string_null("village_code"))
            .col(string_null("gender"))
            .col(small_integer_null("age"))
            .col(string_null("education"))
            .col(string_null("occupation"))
            .col(text_null("comment"))
            .col(timestamp_with_time_zone("answered_at"))
            .col(timestamp_with_time_zone("received_at"))
            .col(boolean("clock_flag"))
            .col(timestamp_with_time_zone_null("counted_from"))
            .col(timestamp_with_time_zone_null("counted_until"))
            .col(string_null("void_reason"))
            .col(string_null("voided_by"))
            .col(uuid_null("device_id"))
            .col(string("recorded_by"))
            .check(one_of("gender", ["laki_laki", "perempuan"]))
            .check(one_of("education", ["sd", "smp", "sma", "d3", "s1", "s2", "s3"]))
            .check(one_of(
                "occupation",
                ["pns", "tni", "polri", "swasta", "wirausaha", "lainnya"],
            ))
            .check(Expr::cust("length(fingerprint) = 32"));
        manager.create_table(response).await?;
        create_indexes(
            manager,
            [
                index("response_received", "response", ["survey_id", "received_at", "id"]),
                index("response_device", "response", ["device_id"])
                    .and_where(Expr::col("device_id").is_not_null())
                    .take(),
            ],
        )
        .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["response", "survey_tally", "survey", "questionnaire"]).await
    }
}
