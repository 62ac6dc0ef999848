//! A kind of report that every desa of every district owes once a year. Versioned; key `(code, from_year)`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_kind")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTimeUtc>,
    pub deleted: bool,
    /// hex SHA-256 of the creating request; null for shipped rows
    pub fingerprint: Option<String>,
    /// administration | finance
    pub group_code: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub due_month: i32,
    pub due_day: i32,
    /// fiscal year = obligation year + offset
    pub fiscal_year_offset: i32,
    /// first and last obligation year; null: no limit
    pub valid_from_year: Option<i32>,
    pub valid_to_year: Option<i32>,
    #[sea_orm(column_type = "Text")]
    pub legal_basis: String,
    /// true: the kecamatan chose this kind, because the decree states only the number of kinds
    pub confirmed: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
