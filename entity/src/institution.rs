//! A village institution (LKD). Each version has its own list of decrees. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "institution")]
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
    /// the village since the last transfer
    pub village_code: String,
    /// the day of the last transfer; null: no transfer
    pub village_from: Option<Date>,
    pub kind: String,
    pub name: String,
    /// `core::institution_name`: the normal form of the name
    #[sea_orm(column_type = "Text")]
    pub form: String,
    /// `core::institution_name`: what the name is like
    #[sea_orm(column_type = "Text")]
    pub likeness: String,
    /// `core::institution_name`: the number of the RW of an RT, or of the RT of an RW
    #[sea_orm(column_type = "Text", nullable)]
    pub part_of: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
