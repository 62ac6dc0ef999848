//! A file of evidence (bukti dukung) that a district has sent. Its bytes are in the folder of evidence under the name of its hash.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence")]
pub struct Model {
    /// hexadecimal SHA-256 of the bytes
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    /// district of the account that sent the file; empty: of the whole regency
    #[sea_orm(primary_key, auto_increment = false)]
    pub district_code: String,
    /// application/pdf | image/jpeg | image/png
    pub media_type: String,
    pub bytes: i64,
    pub stored_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
