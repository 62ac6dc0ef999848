//! The instant of the last change of a district and of each of its fact streams, in microseconds since 1970 UTC. 0: no
//! change yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stamp")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub district_code: String,
    pub recorded_at: i64,
    pub places: i64,
    pub decrees: i64,
    pub indicators: i64,
    pub targets: i64,
    pub report_kinds: i64,
    pub surveys: i64,
    pub institutions: i64,
    pub cases: i64,
    pub reports: i64,
    pub closings: i64,
    pub code_lists: i64,
    pub notes: i64,
    pub evidence: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
