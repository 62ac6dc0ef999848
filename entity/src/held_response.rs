//! An answer that waits for an officer's decision. A quarantined answer is a row of `response` that does not count; an
//! answer whose id already has other content is stored here.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_response")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub reason: String,
    pub district_code: String,
    pub survey_id: Uuid,
    /// as sent; unique with the fingerprint
    pub response_id: Uuid,
    /// SHA-256 of the canonical content
    #[sea_orm(column_type = "Blob")]
    pub fingerprint: Vec<u8>,
    /// of an `id_conflict`: the answer as JSON
    #[sea_orm(column_type = "Text", nullable)]
    pub content: Option<String>,
    pub received_at: DateTimeUtc,
    /// `answered_at` is implausible
    pub clock_flag: bool,
    /// only to find a stolen phone's answers; never shown
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
    pub decision: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub decided_by: Option<String>,
    pub decision_reason: Option<String>,
    /// the answer that counts since the release
    pub released_response_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
