//! The closing of a period of a district: its values as they were known then, with a signed statement. Rows are only added;
//! triggers refuse changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub district_code: String,
    /// the period in its canonical form
    pub period: String,
    /// 1, 2, 3 ... of the district and the period
    pub version: i32,
    /// the instant as of which the values are known
    pub closed_at: DateTimeUtc,
    pub closed_by: String,
    /// the account that closed
    pub account_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// the account that closed also recorded facts since the closing before
    pub same_hand: bool,
    /// the closing of the district before this one
    pub previous_id: Option<Uuid>,
    /// the version before of the same period
    pub replaces_id: Option<Uuid>,
    /// hex SHA-256 of the creating request
    pub fingerprint: String,
    /// the key that signed the statement
    pub kid: String,
    /// compact JWS
    #[sea_orm(column_type = "Text")]
    pub statement: String,
    /// hex
    pub statement_sha256: String,
    /// hex
    pub document_sha256: String,
    pub document_bytes: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
