//! The counted answers of a survey, added up: the present without a scan.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub survey_id: Uuid,
    /// when an answer was last counted or voided; of a survey without any, when it was made
    pub changed_at: DateTimeUtc,
    pub respondents: i64,
    /// JSON: `[number of answers, their sum]` of each element, in the order of the questionnaire
    #[sea_orm(column_type = "Text")]
    pub elements: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
