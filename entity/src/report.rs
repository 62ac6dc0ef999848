//! A village's report, delivered once per kind and fiscal year. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report")]
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
    pub village_code: String,
    pub kind: String,
    pub fiscal_year: i32,
    /// civil date in WITA
    pub delivered_on: Date,
    /// received | returned | accepted
    pub status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// before_fiscal_year_end, fiscal_year_far: separated by commas; empty: none
    pub flags: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
