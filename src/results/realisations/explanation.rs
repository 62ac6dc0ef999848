//! The explanation of a value, from the breakdown that was computed with it.

use std::collections::HashMap;

use chrono::SecondsFormat;
use uuid::Uuid;

use super::dto::{
    CasesCounted, Choice, DecreeText, ElementCounted, Explanation, Inputs, InstitutionsCounted, ObligationCounted,
    OtherReading, Realisation, SurveyCounted,
};
use super::text;
use crate::core::exact::Exact;
use crate::core::formula::{Breakdown, CountedSurvey, Measured};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Slug, VillageCode};
use crate::results::facts::PlannedIndicator;
use crate::results::query::Query;

/// What the explanation says beside the measure.
pub struct Beside {
    /// The names of the villages on the measuring date, by code.
    pub names: HashMap<String, String>,
    /// Of each survey the answers that are void, and those that wait for a decision.
    pub aside: HashMap<Uuid, (u64, u64)>,
}

pub fn of(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    realisation: Realisation,
    measured: Measured,
    beside: &Beside,
) -> Result<Explanation, Error> {
    let (row, decree) = (&indicator.row, &indicator.decree);
    let choices = text::choices(indicator.formula, &measured.breakdown).into_iter();
    let (read_otherwise, reading) = text::other_reading(indicator.formula);
    let other = measured.other.as_ref().map(|other| OtherReading {
        text: query.translate(&reading),
        value: other.value.to_hundredths().into(),
        exact: other.fraction.to_fraction_string(),
    });
    let contributing = measured.contributing().count() as u64;
    let path = format!(
        "/v1/indicators/{}/realisations/{}/explanation/records",
        row.code, realisation.period
    );
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
                other: other.clone().filter(|_| code == read_otherwise),
                code: code.to_owned(),
                text: query.translate(&text),
            })
            .collect(),
        contributing,
        excluded: measured.candidates.len() as u64 - contributing,
        records: match query.as_of {
            Some(t) => format!("{path}?as_of={}", t.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => path,
        },
        inputs: inputs(measured.breakdown, beside)?,
    })
}

fn inputs(breakdown: Breakdown, beside: &Beside) -> Result<Inputs, Error> {
    let names = &beside.names;
    let village = |code: String| VillageCode::try_from(code).or_internal();
    let slug = |code: String| Slug::try_from(code).or_internal();
    let mut inputs = Inputs::default();
    match breakdown {
        Breakdown::Surveys(surveys) => {
            let surveys = surveys.into_iter();
            inputs.surveys = surveys.map(|counted| survey(counted, beside)).collect();
        }
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

fn survey(counted: CountedSurvey, beside: &Beside) -> SurveyCounted {
    let (voided, held) = beside.aside.get(&counted.survey).copied().unwrap_or_default();
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
        voided,
        held,
        ikm: counted.ikm.as_ref().ok().map(|ikm| ikm.rounded.into()),
        exact: counted.ikm.as_ref().ok().map(|ikm| ikm.exact.to_fraction_string()),
        reason: counted.ikm.as_ref().err().map(|reason| (*reason).into()),
        elements: elements.collect(),
    }
}
