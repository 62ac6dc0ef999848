//! How a value came about: shown from the very inputs it was computed from.

use super::dto::{
    CasesCounted, Choice, DecreeText, ElementCounted, Explanation, Inputs, InstitutionsCounted, ObligationCounted,
    Realisation, SurveyCounted,
};
use super::plan::InForce;
use super::words;
use crate::core::exact::Exact;
use crate::core::formula::{Breakdown, CountedSurvey};
use crate::platform::error::Error;
use crate::platform::http::{Slug, VillageCode};
use crate::platform::text::Lang;

pub fn of(
    lang: Lang,
    in_force: &InForce<'_>,
    realisation: Realisation,
    breakdown: Breakdown,
) -> Result<Explanation, Error> {
    let InForce { indicator, decree } = *in_force;
    let choices = words::choices(indicator.formula).into_iter();
    let indicator = &indicator.row;
    Ok(Explanation {
        realisation,
        decree: DecreeText {
            number: decree.number.clone(),
            title: decree.title.clone(),
            objective: indicator.objective.clone(),
            meaning: indicator.meaning.clone(),
            selection_reason: indicator.selection_reason.clone(),
            formula_text: indicator.formula_text.clone(),
            reference: indicator.reference.clone(),
        },
        choices: choices
            .map(|(code, text)| Choice {
                code: code.to_owned(),
                text: text.in_lang(lang).to_owned(),
            })
            .collect(),
        inputs: inputs(breakdown)?,
    })
}

fn inputs(breakdown: Breakdown) -> Result<Inputs, Error> {
    let village = |code: String| VillageCode::try_from(code).map_err(Error::internal);
    let slug = |code: String| Slug::try_from(code).map_err(Error::internal);
    let mut inputs = Inputs::default();
    match breakdown {
        Breakdown::Surveys(surveys) => inputs.surveys = surveys.into_iter().map(survey).collect(),
        Breakdown::Institutions(cells) => {
            for c in cells {
                inputs.institutions.push(InstitutionsCounted {
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
                    village_code: village(c.village_code)?,
                    category: slug(c.category)?,
                    occurred: c.occurred,
                    handled: c.handled,
                });
            }
        }
        Breakdown::Obligations(owed) => {
            for o in owed {
                inputs.obligations.push(ObligationCounted {
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

fn survey(input: CountedSurvey) -> SurveyCounted {
    let elements = input.answers.active.iter().map(|element| {
        let tally = input.answers.tallies.get(element);
        ElementCounted {
            code: element.code().to_owned(),
            answers: tally.n(),
            sum: tally.sum(),
            nrr: tally.nrr().map(|nrr| Exact::to_thousandths(&nrr).into()),
        }
    });
    SurveyCounted {
        survey_id: input.survey,
        ends_on: input.ends_on,
        respondents: input.answers.respondents,
        ikm: input.ikm.as_ref().ok().map(|ikm| ikm.rounded.into()),
        exact: input.ikm.as_ref().ok().map(|ikm| ikm.exact.to_fraction_string()),
        reason: input.ikm.as_ref().err().map(|reason| (*reason).into()),
        elements: elements.collect(),
    }
}
