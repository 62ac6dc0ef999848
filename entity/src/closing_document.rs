//! The values of a closing, apart from its other columns because they are large. Rows are only added; triggers refuse changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closing_document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub closing_id: Uuid,
    /// canonical JSON, as it is served
    #[sea_orm(column_type = "Blob")]
    pub document: Vec<u8>,
    /// JSON: of each indicator the realisation in both languages
    #[sea_orm(column_type = "Text")]
    pub realisations: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
