//! Adds the profile of the respondents to a tally, counted from the answers; and an index in the order of the list of all
//! realisations.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shapes::{create_indexes, index};

const INDEX: &str = "indicator_listing";
const EMPTY: &str =
    r#"{"gender":[0,0,0],"age_group":[0,0,0,0,0,0,0],"education":[0,0,0,0,0,0,0,0],"occupation":[0,0,0,0,0,0,0]}"#;

/// The lists with their columns, and the conditions of their counts in the order of the codes.
const LISTS: [(&str, &[&str]); 4] = [
    (
        "gender",
        &["gender = 'laki_laki'", "gender = 'perempuan'", "gender IS NULL"],
    ),
    (
        "age_group",
        &[
            "age < 20",
            "age >= 20 AND age < 30",
            "age >= 30 AND age < 40",
            "age >= 40 AND age < 50",
            "age >= 50 AND age < 60",
            "age >= 60",
            "age IS NULL",
        ],
    ),
    (
        "education",
        &[
            "education = 'sd'",
            "education = 'smp'",
            "education = 'sma'",
            "education = 'd3'",
            "education = 's1'",
            "education = 's2'",
            "education = 's3'",
            "education IS NULL",
        ],
    ),
    (
        "occupation",
        &[
            "occupation = 'pns'",
            "occupation = 'tni'",
            "occupation = 'polri'",
            "occupation = 'swasta'",
            "occupation = 'wirausaha'",
            "occupation = 'lainnya'",
            "occupation IS NULL",
        ],
    ),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let profile = text("profile").default(EMPTY).take();
        manager.alter_table(tally().add_column(profile).take()).await?;
        let lists = LISTS.map(|(name, conditions)| {
            let counts = conditions.iter().map(|c| format!("COUNT(CASE WHEN {c} THEN 1 END)"));
            let counts = counts.collect::<Vec<_>>().join(" || ',' || ");
            format!("'\"{name}\":[' || {counts} || ']'")
        });
        let counted = format!(
            "UPDATE survey_tally SET profile = (SELECT '{{' || {} || '}}' FROM response \
             WHERE response.survey_id = survey_tally.survey_id \
             AND counted_from IS NOT NULL AND counted_until IS NULL)",
            lists.join(" || ',' || ")
        );
        manager.get_connection().execute_unprepared(&counted).await?;
        create_indexes(
            manager,
            [index(INDEX, "indicator", ["district_code", "number", "code"])],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(INDEX).table("indicator").to_owned())
            .await?;
        manager.alter_table(tally().drop_column("profile").take()).await
    }
}

fn tally() -> TableAlterStatement {
    Table::alter().table("survey_tally").take()
}
