//! An indicator in the decree's own words, valid from a year on. Versioned; key `(code, from_year)`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTimeUtc>,
    pub deleted: bool,
    /// hex SHA-256 of the creating request; null for shipped rows
    pub fingerprint: Option<String>,
    pub decree_id: Uuid,
    pub district_code: String,
    pub number: i32,
    #[sea_orm(column_type = "Text")]
    pub objective: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub meaning: String,
    #[sea_orm(column_type = "Text")]
    pub selection_reason: String,
    #[sea_orm(column_type = "Text")]
    pub formula_text: String,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    #[sea_orm(column_type = "Text")]
    pub responsible: String,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    /// index | count | percent
    pub unit: String,
    /// higher_is_better | lower_is_better
    pub polarity: String,
    pub external_code: Option<String>,
    /// survey_index | institution_count | case_handling | report_delivery
    pub formula_kind: String,
    /// only for survey_index
    pub formula_section: Option<String>,
    /// only for report_delivery
    pub formula_group: Option<String>,
    /// only for report_delivery: the number of reports per village in the decree
    pub formula_per_village: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
