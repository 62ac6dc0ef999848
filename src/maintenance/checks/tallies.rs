//! Checks that every tally is the sum of the counted answers, and that every survey with answers exists.

use std::collections::BTreeSet;

use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use ::entity::{survey, survey_tally};

use super::Findings;
use crate::facts::responses::{Difference, Figure, verify_tallies};
use crate::platform::db::ReadTx;
use crate::platform::error::Error;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let differences = verify_tallies(tx).await?;
    findings.faults.extend(differences.iter().flat_map(lines));
    let surveys: Vec<Uuid> = survey::Entity::find()
        .select_only()
        .column(survey::Column::Id)
        .distinct()
        .into_tuple()
        .all(tx)
        .await?;
    let surveys: BTreeSet<Uuid> = surveys.into_iter().collect();
    let tallies = survey_tally::Entity::find().all(tx).await?;
    let tallied = tallies.iter().map(|tally| tally.survey_id);
    let counted: BTreeSet<Uuid> = tallied.chain(differences.iter().map(|d| d.survey_id)).collect();
    let strays = counted.difference(&surveys);
    let strays = strays.map(|id| format!("tallies: survey {id} is answered or tallied, but does not exist"));
    findings.faults.extend(strays);
    let answers: i64 = tallies.iter().map(|tally| tally.respondents).sum();
    let line = format!(
        "tallies: {} surveys, {answers} counted answers in their tallies",
        surveys.len()
    );
    findings.checked.push(line);
    Ok(())
}

/// Returns a line for each figure of a survey that differs.
pub fn lines(difference: &Difference) -> Vec<String> {
    let survey = difference.survey_id;
    let missing = if difference.tally.is_none() {
        " (there is no tally)"
    } else {
        ""
    };
    let line = |figure: Figure| match figure {
        Figure::Respondents { tally, answers } => {
            format!("tallies: survey {survey}, respondents: tally says {tally}{missing}, answers say {answers}")
        }
        Figure::Element {
            element,
            tally,
            answers,
        } => format!(
            "tallies: survey {survey}, {}: tally says {} adding up to {}{missing}, answers say {} adding up to {}",
            element.code(),
            tally.0,
            tally.1,
            answers.0,
            answers.1
        ),
    };
    difference.figures().into_iter().map(line).collect()
}
