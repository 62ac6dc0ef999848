//! One decision of an officer on many answers: held answers are released or discarded, counted answers are voided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// released | discarded | voided
    pub kind: String,
    pub district_code: String,
    /// null: every survey of the district
    pub survey_id: Option<Uuid>,
    /// null: every sender
    pub device_id: Option<Uuid>,
    pub held_reason: Option<String>,
    pub received_from: Option<DateTimeUtc>,
    pub received_to: Option<DateTimeUtc>,
    pub reason: String,
    /// how many answers it decided on
    pub answers: i64,
    /// more answers matched than one decision takes
    pub has_more: bool,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    /// hex SHA-256 of the creating request
    pub fingerprint: String,
    /// when the answers of a void or a discard were restored
    pub restored_at: Option<DateTimeUtc>,
    pub restored_by: Option<String>,
    pub restore_reason: Option<String>,
    /// how many answers were restored with it
    pub restored_answers: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
