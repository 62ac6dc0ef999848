//! An EdDSA key pair for access tokens or for the statements of closings.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// The private and the public half; empty after the key is withdrawn.
    #[sea_orm(column_type = "Blob")]
    pub pkcs8: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub public_key: Vec<u8>,
    /// The instant from which the key is published.
    pub created_at: DateTimeUtc,
    /// The instant from which the key signs.
    pub signs_from: DateTimeUtc,
    /// token: the instant from which the key is no longer published and its tokens are refused; may be in the future. closing:
    /// the instant from which the key signs no more; it stays published.
    pub retired_at: Option<DateTimeUtc>,
    /// token | closing
    pub purpose: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
