//! The explanation of a value, from the breakdown that was computed with it.

use std::collections::HashMap;

use super::dto::{
    CasesCounted, Choice, DecreeText, ElementCounted, Explanation, Inputs, InstitutionsCounted, ObligationCounted,
    Realisation, SurveyCounted,
};
use super::text;
use crate::core::exact::Exact;
use crate::core::formula::{Breakdown, CountedSurvey, Measured};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Slug, VillageCode};
use crate::results::facts::PlannedIndicator;
use crate::results::query::Query;

/// `names` has the names of the villages on the measuring date.
pub fn of(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    realisation: Realisation,
    measured: Measured,
    names: &HashMap<String, String>,
) -> Result<Explanation, Error> {
    let (row, decree) = (&indicator.row, &indicator.decree);
    let choices = text::choices(indicator.formula, &measured.breakdown).into_iter();
    Ok(Explanation {
        realisation,
        decree: DecreeText {
            number: decree.number.clone(),
            title: decree.title.clone(),
            objective: row.objective.clone(),
            meaning: row.meaning.clone(),
            selection_reason: row.selection_reason.clone(),
            formula_text: row.formula_text.clone(),
            reference: row.reference.clone(),
        },
        choices: choices
            .map(|(code, text)| Choice {
                code: code.to_owned(),
                text: query.translate(&text),
            })
            .collect(),
        inputs: inputs(measured.breakdown, names)?,
    })
}

fn inputs(breakdown: Breakdown, names: &HashMap<String, String>) -> Result<Inputs, Error> {
    let village = |code: String| VillageCode::try_from(code).or_internal();
    let slug = |code: String| Slug::try_from(code).or_internal();
    let mut inputs = Inputs::default();
    match breakdown {
        Breakdown::Surveys(surveys) => inputs.surveys = surveys.into_iter().map(survey).collect(),
        Breakdown::Institutions(cells) => {
            for c in cells {
                inputs.institutions.push(InstitutionsCounted {
                    village_name: names.get(&c.village_code).cloned(),
                    village_code: village(c.village_code)?,
                    kind: slug(c.kind)?,
                    registered: c.registered,
                    active: c.active,
                });
            }
        }
        Breakdown::Cases(cells) => {
            for c in cells {
                inputs.cases.push(CasesCounted {
                    village_name: c.village_code.as_ref().and_then(|code| names.get(code).cloned()),
                    village_code: c.village_code.map(village).transpose()?,
                    category: slug(c.category)?,
                    occurred: c.occurred,
                    handled: c.handled,
                });
            }
        }
        Breakdown::Obligations(counted) => {
            for o in counted.owed {
                inputs.obligations.push(ObligationCounted {
                    village_name: names.get(&o.village_code).cloned(),
                    village_code: village(o.village_code)?,
                    kind: slug(o.kind)?,
                    fiscal_year: o.fiscal_year,
                    due_on: o.due_on,
                    state: o.punctuality,
                    report_id: o.report,
                    delivered_on: o.delivered_on,
                });
            }
        }
    }
    Ok(inputs)
}

fn survey(counted: CountedSurvey) -> SurveyCounted {
    let elements = counted.answers.active.iter().map(|element| {
        let tally = counted.answers.tallies.get(element);
        ElementCounted {
            code: element.code().to_owned(),
            answers: tally.n(),
            sum: tally.sum(),
            nrr: tally.nrr().map(|nrr| Exact::to_thousandths(&nrr).into()),
        }
    });
    SurveyCounted {
        survey_id: counted.survey,
        ends_on: counted.ends_on,
        respondents: counted.answers.respondents,
        ikm: counted.ikm.as_ref().ok().map(|ikm| ikm.rounded.into()),
        exact: counted.ikm.as_ref().ok().map(|ikm| ikm.exact.to_fraction_string()),
        reason: counted.ikm.as_ref().err().map(|reason| (*reason).into()),
        elements: elements.collect(),
    }
}
