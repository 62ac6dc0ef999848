//! The audit trail: a row for each change, chained in the order of commit. Rows are only added (triggers refuse the rest).
//!
//! `hash` is the SHA-256 of the row as JSON (RFC 8785) with the hash of the row before it: docs/AUDIT.md.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    /// code of a district, or `service` for what belongs to all
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain: String,
    /// 1, 2, 3 ... without a gap
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at: DateTimeUtc,
    /// user name or client id; `iku`: the service itself
    pub actor: String,
    pub account_id: Option<Uuid>,
    /// the program that the token was issued to
    pub client_id: Option<String>,
    pub token_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub action: String,
    pub resource: String,
    /// id or code of the record; of answers: id of the survey
    pub key: String,
    pub version: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// number of answers
    pub count: Option<i64>,
    /// what else is worth knowing, as JSON
    #[sea_orm(column_type = "Text", nullable)]
    pub details: Option<String>,
    /// first year whose values may differ; null: no limit
    pub from_year: Option<i32>,
    /// last year whose values may differ; null: no limit
    pub to_year: Option<i32>,
    /// SHA-256 of what was written
    #[sea_orm(column_type = "Blob", nullable)]
    pub content: Option<Vec<u8>>,
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
