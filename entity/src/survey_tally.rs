//! The sums of the answers of a survey that count, so that the index needs no scan of the answers.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub survey_id: Uuid,
    /// when an answer was last counted or voided; for a survey without answers, when it was created
    pub changed_at: DateTimeUtc,
    pub respondents: i64,
    /// JSON: `[number of answers, sum]` of each element, in the order of the questionnaire
    #[sea_orm(column_type = "Text")]
    pub elements: String,
    /// JSON: the number of respondents by code, in each of `gender`, `age_group`, `education` and `occupation`
    #[sea_orm(column_type = "Text")]
    pub profile: String,
    /// JSON: the number of respondents by the mode of their answers: device, paper, self-service
    #[sea_orm(column_type = "Text")]
    pub modes: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
