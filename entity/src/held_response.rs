//! A survey answer whose id is already stored with other content; it waits for an officer's decision. A quarantined
//! answer is not stored here: it is a row of `response` that does not count.

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
    /// the answer as JSON, if the reason is `id_conflict`
    #[sea_orm(column_type = "Text", nullable)]
    pub content: Option<String>,
    pub received_at: DateTimeUtc,
    /// what is doubtful about the answer, as bits
    pub flags: i16,
    /// never shown; used only to find the answers of a stolen phone
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
    /// null: it waits for a decision. Earlier discards that were taken back are in `held_discard_span`.
    pub decision: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub decided_by: Option<String>,
    pub decision_reason: Option<String>,
    /// the answer that was stored by the release and counts
    pub released_response_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
