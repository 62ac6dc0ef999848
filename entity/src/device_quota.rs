//! What a phone has used of its quotas.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_quota")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: Uuid,
    /// its held answers that no officer has decided on
    pub held: i64,
    /// the WITA day of `counted`
    pub counted_on: Option<Date>,
    /// its answers that counted from their receipt on that day
    pub counted: i64,
    /// the last WITA day on which the log said that it has too many held answers
    pub held_reported_on: Option<Date>,
    /// the same for `counted`
    pub counted_reported_on: Option<Date>,
    /// the scores and instants of its last answers, to find many equal ones: 8 bytes each
    #[sea_orm(column_type = "Blob", nullable)]
    pub recent: Option<Vec<u8>>,
    /// of a survey link: the hour of `in_hour`
    pub hour: Option<DateTimeUtc>,
    /// the new answers that it received in this hour
    pub in_hour: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
