//! A link to a survey for citizens with a phone of their own. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_link")]
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
    /// of the survey
    pub district_code: String,
    /// the same in all versions
    pub survey_id: Uuid,
    /// where it hangs
    pub name: String,
    /// the last part of its address; not secret, since it hangs on a wall. The same in all versions
    pub code: String,
    /// answers in an hour that count without a look
    pub hourly_budget: i32,
    pub slips_required: bool,
    pub expires_at: Option<DateTimeUtc>,
    pub active: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
