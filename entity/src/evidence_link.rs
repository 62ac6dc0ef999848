//! A file of evidence that is linked to a record. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTimeUtc>,
    pub deleted: bool,
    /// hex SHA-256 of the creating request
    pub fingerprint: Option<String>,
    pub district_code: String,
    /// report | institution_decree | case | survey | target
    pub record_type: String,
    /// id of the report, institution, case or survey; code of the indicator
    pub record_key: String,
    /// id of the decree, canonical period of the target; empty for other records
    pub part_key: String,
    pub sha256: String,
    pub file_name: String,
    /// of the file, as in `evidence`
    pub media_type: String,
    /// of the file, as in `evidence`
    pub bytes: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
