//! Adds evidence: the files that were sent, their links to records, and the stream of both.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    append_only, create_indexes, current, drop_append_only, drop_tables, index, one_of, references_district,
    unique_current, versioned,
};

const FILE: &str = "evidence";
const LINK: &str = "evidence_link";
const STREAM: &str = "evidence";

const MEDIA: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

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
                    .table(FILE)
                    .col(string("sha256"))
                    // Empty: an account of the whole regency sent it. So it refers to no table.
                    .col(string("district_code"))
                    .col(string("media_type"))
                    .col(big_integer("bytes"))
                    .col(timestamp_with_time_zone("stored_at"))
                    .primary_key(Index::create().col("sha256").col("district_code"))
                    .check(one_of("media_type", MEDIA))
                    .take(),
            )
            .await?;
        append_only(manager, FILE).await?;
        manager
            .create_table(
                versioned(LINK, [uuid("id")])
                    .col(string("district_code"))
                    .col(string("record_type"))
                    .col(string("record_key"))
                    .col(string("part_key"))
                    .col(string("sha256"))
                    .col(string("file_name"))
                    .col(string("media_type"))
                    .col(big_integer("bytes"))
                    .foreign_key(&mut references_district())
                    .check(one_of(
                        "record_type",
                        ["report", "institution_decree", "case", "survey", "target"],
                    ))
                    .check(one_of("media_type", MEDIA))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index("evidence_district", FILE, ["district_code"]),
                unique_current("evidence_link_current", LINK, ["id"]),
                unique_current(
                    "evidence_link_current_record",
                    LINK,
                    ["record_type", "record_key", "part_key", "sha256"],
                ),
                current("evidence_link_current_file", LINK, ["sha256", "district_code"]),
                index("evidence_link_history", LINK, ["record_type", "record_key"]),
            ],
        )
        .await?;
        let stream = big_integer(STREAM).default(0).take();
        manager
            .alter_table(Table::alter().table("stamp").add_column(stream).take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("stamp").drop_column(STREAM).take())
            .await?;
        drop_append_only(manager, FILE).await?;
        drop_tables(manager, [LINK, FILE]).await
    }
}
