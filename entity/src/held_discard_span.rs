//! A span of time in which a held answer was discarded, before it was restored. The last decision on an answer is in its own
//! row. Rows are only added.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_discard_span")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub held_response_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub discarded_at: DateTimeUtc,
    pub discard_reason: String,
    pub discarded_by: String,
    /// when the answer began to wait for a decision again
    pub restored_at: DateTimeUtc,
    pub restore_reason: String,
    pub restored_by: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
