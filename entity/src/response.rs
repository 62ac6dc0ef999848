//! One answered questionnaire. The client chooses the id, and the fingerprint is a hash of the content: with both, the
//! service recognises a repeated request.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "response")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub survey_id: Uuid,
    /// SHA-256 of the canonical content
    #[sea_orm(column_type = "Blob")]
    pub fingerprint: Vec<u8>,
    pub persyaratan: Option<i16>,
    pub prosedur: Option<i16>,
    pub waktu: Option<i16>,
    pub biaya: Option<i16>,
    pub produk: Option<i16>,
    pub kompetensi: Option<i16>,
    pub perilaku: Option<i16>,
    pub sarana: Option<i16>,
    pub pengaduan: Option<i16>,
    /// null: not understood
    pub service: Option<String>,
    pub village_code: Option<String>,
    pub gender: Option<String>,
    pub age: Option<i16>,
    pub education: Option<String>,
    pub occupation: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// as the device sent it
    pub answered_at: DateTimeUtc,
    pub received_at: DateTimeUtc,
    /// how the answer was given; null: on a device
    pub mode: Option<String>,
    /// what is doubtful about the answer, as bits
    pub flags: i16,
    /// when the answer began to count: at receipt, at release from quarantine, or at its last restoration. Earlier spans are in
    /// `response_count_span`.
    pub counted_from: Option<DateTimeUtc>,
    /// when the answer was voided
    pub counted_until: Option<DateTimeUtc>,
    pub void_reason: Option<String>,
    pub voided_by: Option<String>,
    /// never shown; used only to find the answers of a stolen phone
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
