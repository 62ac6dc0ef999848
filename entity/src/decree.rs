//! A Keputusan Camat that sets the indicators of some years. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decree")]
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
    /// hex SHA-256 of the creating request; null for shipped rows
    pub fingerprint: Option<String>,
    pub district_code: String,
    pub number: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    pub issued_on: Date,
    #[sea_orm(column_type = "Text")]
    pub goal: String,
    pub first_year: i32,
    pub last_year: i32,
    /// JSON array of strings
    #[sea_orm(column_type = "Text")]
    pub legal_bases: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
