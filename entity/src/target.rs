//! The value that an indicator should reach by the last day of a period. Versioned; key `(indicator_code, period)`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub indicator_code: String,
    /// the period in its canonical form
    #[sea_orm(primary_key, auto_increment = false)]
    pub period: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTimeUtc>,
    pub deleted: bool,
    /// hex SHA-256 of the creating request; null for shipped rows
    pub fingerprint: Option<String>,
    pub district_code: String,
    pub value_hundredths: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub basis: Option<String>,
    /// the agreement that promises it
    pub agreement_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
