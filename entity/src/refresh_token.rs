//! A refresh token. Only its SHA-256 is stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub hash: Vec<u8>,
    pub family_id: Uuid,
    /// hash of the token that this token replaced
    #[sea_orm(column_type = "Blob", nullable)]
    pub parent: Option<Vec<u8>>,
    pub issued_at: DateTimeUtc,
    /// The first use.
    pub used_at: Option<DateTimeUtc>,
    pub uses: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
