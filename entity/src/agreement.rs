//! A performance agreement (Perjanjian Kinerja) of one fiscal year. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTimeUtc>,
    pub deleted: bool,
    /// hex SHA-256 of the creating request
    pub fingerprint: Option<String>,
    pub district_code: String,
    pub fiscal_year: i32,
    pub number: String,
    /// civil date in WITA
    pub signed_on: Date,
    pub first_party_name: String,
    pub first_party_office: String,
    pub second_party_name: String,
    pub second_party_office: String,
    /// the earlier agreement of the year that this one replaces (PK Perubahan); null: murni. The same in all versions
    pub revises: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
