//! One answered questionnaire. The id is the client's, the fingerprint that of its content: together they make
//! every retry safe.

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
    pub service: String,
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
    /// `answered_at` is implausible
    pub clock_flag: bool,
    /// receipt, or release from quarantine
    pub counted_from: Option<DateTimeUtc>,
    /// voided
    pub counted_until: Option<DateTimeUtc>,
    pub void_reason: Option<String>,
    pub voided_by: Option<String>,
    /// only to find a stolen phone's answers; never shown
    pub device_id: Option<Uuid>,
    pub recorded_by: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
