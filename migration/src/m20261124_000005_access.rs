//! Access: accounts, their credentials, and the tokens issued to them.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, drop_tables, index, one_of, references, references_district};

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
                    .table("account")
                    .col(uuid("id").primary_key())
                    .col(string("kind"))
                    .col(string("username").unique_key())
                    .col(string("name"))
                    .col(string("role"))
                    .col(string_null("district_code"))
                    .col(text("sections"))
                    .col(boolean("active"))
                    .col(integer("generation"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(string("created_by"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .col(string_null("fingerprint"))
                    .foreign_key(&mut references_district())
                    .check(one_of("kind", ["user", "system", "device"]))
                    .check(one_of(
                        "role",
                        ["administrator", "head", "officer", "surveyor", "integrator", "auditor"],
                    ))
                    .take(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("credential")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(string("kind"))
                    .col(text("hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .foreign_key(&mut references("account_id", "account", "id"))
                    .check(one_of("kind", ["password", "secret"]))
                    .take(),
            )
            .await?;
        create_indexes(manager, [index("credential_account", "credential", ["account_id"])]).await?;

        manager
            .create_table(
                Table::create()
                    .table("refresh_family")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(text("scope"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(&mut references("account_id", "account", "id"))
                    .take(),
            )
            .await?;
        create_indexes(
            manager,
            [
                index("refresh_family_account", "refresh_family", ["account_id"]),
                // The revocation task reads the revoked sessions every two seconds.
                index("refresh_family_revoked", "refresh_family", ["revoked_at"]),
            ],
        )
        .await?;

        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(blob("hash").primary_key())
                    .col(uuid("family_id"))
                    .col(blob_null("parent"))
                    .col(timestamp_with_time_zone("issued_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .foreign_key(&mut references("family_id", "refresh_family", "id"))
                    .take(),
            )
            .await?;
        create_indexes(manager, [index("refresh_token_family", "refresh_token", ["family_id"])]).await?;

        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(string("kid").primary_key())
                    .col(blob("pkcs8"))
                    .col(blob("public_key"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("retired_at"))
                    .take(),
            )
            .await?;

        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            [
                "signing_key",
                "refresh_token",
                "refresh_family",
                "credential",
                "account",
            ],
        )
        .await
    }
}
