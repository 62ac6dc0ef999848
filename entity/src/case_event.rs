//! A step in the life of a case; appended, never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub position: i32,
    /// verified | handling | resolved | referred | receipt_added | returned | rejected | reopened | withdrawn
    pub kind: String,
    pub at: DateTimeUtc,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// to whom a case is referred
    #[sea_orm(column_type = "Text", nullable)]
    pub referred_to: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub receipt: Option<String>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    /// hex SHA-256 of the creating request
    pub fingerprint: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
