//! A disturbance of public order. Every event makes a new version. Versioned; key `id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_case")]
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
    /// hex SHA-256 of the creating request; null for shipped rows
    pub fingerprint: Option<String>,
    pub district_code: String,
    /// empty: the village is not known; the case belongs to the district
    pub village_code: String,
    pub category: String,
    /// the first instant of `occurred_on` where only the day is known
    pub occurred_at: DateTimeUtc,
    /// WITA day of `occurred_at`
    pub occurred_on: Date,
    /// false: only the day is known
    pub time_known: bool,
    #[sea_orm(column_type = "Text")]
    pub summary: String,
    /// reported | verified | handling | resolved | referred | rejected
    pub status: String,
    /// codes of what is implausible, with commas between them; empty: nothing
    pub flags: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
