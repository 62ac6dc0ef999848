//! What hindered an indicator in a period (kendala), and what is done about it (tindak lanjut). Versioned; key
//! `(indicator_code, period)`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator_note")]
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
    /// always null: a note has no id to send again
    pub fingerprint: Option<String>,
    pub district_code: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub obstacles: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub follow_up: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
