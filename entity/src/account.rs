//! A person, system or device that may sign in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// user | system | device
    pub kind: String,
    /// unique, also after deletion
    pub username: String,
    pub name: String,
    /// administrator | head | secretary | officer | surveyor | reporter | integrator | auditor
    pub role: String,
    /// null: every district
    pub district_code: Option<String>,
    /// JSON array of section codes
    #[sea_orm(column_type = "Text")]
    pub sections: String,
    pub active: bool,
    /// incremented by each change that makes the issued tokens invalid
    pub generation: i32,
    pub changed_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub last_used_at: Option<DateTimeUtc>,
    /// hex SHA-256 of the creating request
    pub fingerprint: Option<String>,
    /// device: when its phone enrolled with a secret of its own; null: never, or the secret was replaced later
    pub enrolled_at: Option<DateTimeUtc>,
    /// reporter: the village whose reports it hands in
    pub village_code: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
