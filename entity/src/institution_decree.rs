//! A Keputusan Kepala Desa that establishes an institution for a term, as listed by one version of the institution.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "institution_decree")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: Uuid,
    /// version of the institution
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// id of the decree, the same in every version of the institution
    pub id: Uuid,
    pub number: String,
    pub issued_on: Date,
    pub starts_on: Date,
    /// last day of the term
    pub ends_on: Date,
    /// false: `ends_on` was computed from the legal term
    pub term_given: bool,
    pub revoked_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
