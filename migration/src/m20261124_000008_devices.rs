//! Enrolment of phones: the codes, and when a phone enrolled with a secret of its own.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, index, references};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("account")
                    .add_column(timestamp_with_time_zone_null("enrolled_at"))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("enrolment")
                    .col(blob("code_hash").primary_key())
                    .col(uuid("account_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(string("created_by"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .col(text_null("secret_hash"))
                    .foreign_key(&mut references("account_id", "account", "id"))
                    .check(Expr::col("used_at").is_null().eq(Expr::col("secret_hash").is_null()))
                    .take(),
            )
            .await?;
        // One open code per device.
        let open = index("enrolment_open", "enrolment", ["account_id"])
            .unique()
            .and_where(Expr::col("used_at").is_null())
            .take();
        create_indexes(manager, [open]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["enrolment"]).await?;
        manager
            .alter_table(Table::alter().table("account").drop_column("enrolled_at").take())
            .await
    }
}
