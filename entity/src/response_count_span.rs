//! A span of time in which an answer counted, before it was voided and restored. The last span of an answer is in its own
//! row. Rows are only added.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "response_count_span")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub response_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub counted_from: DateTimeUtc,
    pub survey_id: Uuid,
    /// when the answer was voided
    pub counted_until: DateTimeUtc,
    pub void_reason: String,
    pub voided_by: String,
    /// when the answer began to count again
    pub restored_at: DateTimeUtc,
    pub restore_reason: String,
    pub restored_by: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
