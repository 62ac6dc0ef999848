//! Adds performance agreements, the agreement of a target, and the village of a client that hands in its reports.

use sea_orm_migration::sea_orm::ConnectionTrait;
use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{
    Words, create_indexes, current, drop_tables, index, list, references_district, replace_check, unique_current,
    versioned,
};

const AGREEMENT: &str = "agreement";

const ROLES: Words = Words {
    table: "account",
    column: "role",
    before: &[
        "administrator",
        "head",
        "officer",
        "surveyor",
        "integrator",
        "auditor",
        "secretary",
    ],
    added: &["reporter"],
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
                versioned(AGREEMENT, [uuid("id")])
                    .col(string("district_code"))
                    .col(integer("fiscal_year"))
                    .col(string("number"))
                    .col(date("signed_on"))
                    .col(string("first_party_name"))
                    .col(string("first_party_office"))
                    .col(string("second_party_name"))
                    .col(string("second_party_office"))
                    .col(uuid_null("revises"))
                    .foreign_key(&mut references_district())
                    .take(),
            )
            .await?;
        add(manager, "target", uuid_null("agreement_id")).await?;
        add(manager, "account", string_null("village_code")).await?;
        let of_number = ["district_code", "fiscal_year", "number"];
        create_indexes(
            manager,
            [
                unique_current("agreement_current", AGREEMENT, ["id"]),
                unique_current("agreement_current_number", AGREEMENT, of_number),
                current("agreement_current_revises", AGREEMENT, ["revises"]),
                index("agreement_history", AGREEMENT, ["district_code", "fiscal_year"]),
                current("target_current_agreement", "target", ["agreement_id"]),
            ],
        )
        .await?;
        let all = [ROLES.before, ROLES.added].concat();
        replace_check(manager, &ROLES, ROLES.before, &all).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The former version does not know this role. Its clients can no longer sign in.
        let ended = format!(
            "UPDATE account SET role = 'integrator', active = false WHERE role IN {}",
            list(ROLES.added)
        );
        manager.get_connection().execute_unprepared(&ended).await?;
        let all = [ROLES.before, ROLES.added].concat();
        replace_check(manager, &ROLES, &all, ROLES.before).await?;
        let index = Index::drop()
            .name("target_current_agreement")
            .table("target")
            .to_owned();
        manager.drop_index(index).await?;
        remove(manager, "account", "village_code").await?;
        remove(manager, "target", "agreement_id").await?;
        drop_tables(manager, [AGREEMENT]).await
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, mut column: ColumnDef) -> Result<(), DbErr> {
    let change = Table::alter().table(table).add_column(&mut column).take();
    manager.alter_table(change).await
}

async fn remove(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    let change = Table::alter().table(table).drop_column(column).take();
    manager.alter_table(change).await
}
