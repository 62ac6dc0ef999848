//! Checks that every tally is the sum of the counted answers, that every survey with answers exists, that the spans of
//! restored answers follow one another, also those of discards that were taken back, and that the count of held answers of each
//! phone is right.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Statement};
use uuid::Uuid;

use ::entity::{survey, survey_tally};

use super::Findings;
use crate::facts::responses::{Difference, Figure, HeldDifference, verify_held, verify_tallies};
use crate::platform::db::ReadTx;
use crate::platform::error::Error;
use crate::platform::text::quantity;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let differences = verify_tallies(tx).await?;
    findings.errors.extend(differences.iter().flat_map(lines));
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
    let strays = strays.map(|id| format!("tallies: survey {id} has answers or a tally, but does not exist"));
    findings.errors.extend(strays);
    let answers: i64 = tallies.iter().map(|tally| tally.respondents).sum();
    let line = format!(
        "tallies: {}, {} in their tallies",
        quantity(surveys.len(), "survey"),
        quantity(answers, "counted answer")
    );
    findings.checked.push(line);
    let broken = ids(tx, BROKEN_SPANS).await?;
    let broken = broken.into_iter().map(|id| {
        format!(
            "spans: answer {id}: an earlier span does not end where the next one begins, or the answer does not exist"
        )
    });
    findings.errors.extend(broken);
    let broken = ids(tx, BROKEN_DISCARDS).await?;
    let broken = broken.into_iter().map(|id| {
        format!(
            "discards: held answer {id}: its decision is older than a discard that was taken back, or it does not exist"
        )
    });
    findings.errors.extend(broken);
    let held = verify_held(tx).await?.into_iter().map(
        |HeldDifference {
             device_id,
             counted,
             held,
         }| {
            format!("quotas: phone {device_id}: the count of held answers says {counted}, the answers say {held}")
        },
    );
    findings.errors.extend(held);
    Ok(())
}

/// Answers with an earlier span that no later span follows.
const BROKEN_SPANS: &str = "SELECT DISTINCT s.response_id FROM response_count_span s WHERE NOT EXISTS (SELECT 1 FROM response r \
     WHERE r.id = s.response_id AND r.survey_id = s.survey_id AND (r.counted_from = s.restored_at OR EXISTS \
     (SELECT 1 FROM response_count_span n WHERE n.response_id = s.response_id AND n.counted_from = s.restored_at)))";

/// Held answers with a former discard that no state without it follows.
const BROKEN_DISCARDS: &str = "SELECT DISTINCT s.held_response_id FROM held_discard_span s WHERE NOT EXISTS (SELECT 1 FROM \
     held_response h WHERE h.id = s.held_response_id AND (h.decided_at IS NULL OR h.decided_at > s.restored_at))";

/// Returns the ids that a statement finds.
async fn ids(tx: &ReadTx, sql: &'static str) -> Result<Vec<Uuid>, Error> {
    let rows = tx
        .query_all_raw(Statement::from_string(tx.get_database_backend(), sql))
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?)
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
        Figure::Mode { mode, tally, answers } => {
            format!("tallies: survey {survey}, mode {mode}: tally says {tally}{missing}, answers say {answers}")
        }
        Figure::Statement {
            list,
            code,
            tally,
            answers,
        } => format!("tallies: survey {survey}, {list} {code}: tally says {tally}{missing}, answers say {answers}"),
    };
    difference.figures().into_iter().map(line).collect()
}
