//! A village to which an institution belonged before its last transfer, as listed by one version of the institution.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_village")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: Uuid,
    /// version of the institution
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// the first has 0
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub village_code: String,
    /// first day; null: no limit
    pub from_day: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
