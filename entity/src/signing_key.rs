//! An EdDSA key pair for access tokens.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// Both halves; empty once the key is withdrawn.
    #[sea_orm(column_type = "Blob")]
    pub pkcs8: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub public_key: Vec<u8>,
    /// Since when it is published.
    pub created_at: DateTimeUtc,
    /// Since when it signs.
    pub signs_from: DateTimeUtc,
    /// From when on it is not published, and what it signed is refused. May lie ahead.
    pub retired_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
