//! A desa or kelurahan, and the days on which it exists. Versioned; key `code`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "village")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
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
    /// desa | kelurahan
    pub kind: String,
    pub name: String,
    /// first day; null: no limit
    pub valid_from: Option<Date>,
    /// last day; null: no limit
    pub valid_to: Option<Date>,
    /// JSON array of {name, until}, in order; null: it never had another name
    #[sea_orm(column_type = "Text", nullable)]
    pub former_names: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
