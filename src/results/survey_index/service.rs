//! Computes the index of a survey from its tally.

use uuid::Uuid;

use super::dto::{ElementIndex, SurveyIndex, SurveyProfile, SurveySample};
use crate::core::civil;
use crate::core::element::Element;
use crate::core::formula::Status;
use crate::core::formula::survey_index::{SurveyFact, SurveyStatus};
use crate::core::skm::{Answers, SurveyReason};
use crate::facts::{responses, surveys};
use crate::platform::db::Stream;
use crate::platform::error::{Error, OrInternal};
use crate::platform::text::Text;
use crate::results::facts::FactReader;
use crate::results::query::Query;
use crate::results::realisations::dto::GradeOfIndex;

/// Returns the index of a survey as known at the instant of the query.
pub async fn index(reader: FactReader<'_>, query: &Query<'_>, id: Uuid) -> Result<SurveyIndex, Error> {
    let tx = &reader.tx();
    let survey = surveys::query::find(tx, id, query.as_of).await?;
    let survey = survey.ok_or_else(Error::not_found)?;
    query.actor.ensure_can_see(&survey.district_code)?;
    let changed_at = reader.depends_on(&survey.district_code, &[Stream::Surveys]).await?;
    // If nothing has changed since, the tallies of the present are right.
    let counted_at = query.as_of.filter(|t| t.timestamp_micros() < changed_at);
    let counted = responses::tallies(tx, &[id], counted_at).await?;
    let counted = counted.get(&id).cloned().unwrap_or_default();
    let aside = responses::tally::aside(tx, &[id], counted_at).await?;
    let (voided, held) = aside.get(&id).copied().unwrap_or_default();
    let SurveyFact { status, answers, .. } =
        counted.fact(id, &survey.status, survey.ends_on, &survey.inactive_elements)?;
    let day = civil::date_of(query.as_of.unwrap_or(query.now));
    let over = survey.ends_on < day && status != SurveyStatus::Open;
    let ikm = answers.ikm();
    let reason = ikm.as_ref().err().copied();
    let ikm = ikm.ok();
    let population = survey.population.map(u64::try_from).transpose();
    Ok(SurveyIndex {
        survey_id: id,
        status: match (&ikm, over) {
            (None, _) => Status::NotComputable,
            (Some(_), true) => Status::Computed,
            (Some(_), false) => Status::Provisional,
        },
        respondents: answers.respondents,
        voided,
        held,
        grade: match &ikm {
            Some(ikm) => Some(GradeOfIndex::new(ikm.grade().or_internal()?)?),
            None => None,
        },
        exact: ikm.as_ref().map(|ikm| ikm.exact.to_fraction_string()),
        ikm: ikm.map(|ikm| ikm.rounded.into()),
        elements: Element::ALL
            .into_iter()
            .map(|code| ElementIndex::new(code, answers.tallies.get(code), answers.active))
            .collect::<Result<_, _>>()?,
        sample: population
            .or_internal()?
            .map(|population| SurveySample::new(population, answers.respondents)),
        profile: if query.sees_answers || (query.as_of.is_none() && status != SurveyStatus::Open) {
            let codes = responses::profile::ProfileCodes::load(tx).await?;
            Some(SurveyProfile::new(&counted.profile, &codes)?)
        } else {
            None
        },
        reason,
        reason_text: reason.map(|reason| query.translate(&sentence(reason, status, &answers))),
    })
}

/// Returns the reason why there is no index, and the remedy.
fn sentence(reason: SurveyReason, status: SurveyStatus, answers: &Answers) -> Text {
    match (reason, status) {
        (SurveyReason::NoResponses, SurveyStatus::Draft) => Text::new(
            "Survei masih draf. Buka survei, lalu kumpulkan jawaban.",
            "The survey is a draft. Open it, then collect answers.",
        ),
        (SurveyReason::NoResponses, SurveyStatus::Open) => Text::new(
            "Belum ada jawaban. Bagikan kuesioner kepada penerima layanan.",
            "There are no answers yet. Hand the questionnaire to the people served.",
        ),
        (SurveyReason::NoResponses, SurveyStatus::Closed) => Text::new(
            "Survei ditutup tanpa jawaban. Buka kembali survei, lalu kumpulkan jawaban.",
            "The survey was closed without answers. Open it again, then collect answers.",
        ),
        (SurveyReason::ElementUnanswered, _) => {
            let is_unanswered = |element: &Element| answers.tallies.get(*element).n() == 0;
            let missing: Vec<_> = answers.active.iter().filter(is_unanswered).map(Element::code).collect();
            let missing = missing.join(", ");
            Text::new(
                format!(
                    "Tidak ada jawaban atas unsur {missing}. Kumpulkan jawabannya, atau jadikan unsur itu tidak aktif."
                ),
                format!("There are no answers to {missing}. Collect answers, or make them inactive."),
            )
        }
    }
}
