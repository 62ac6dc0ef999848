//! Computes the index of a survey from its tally.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::survey::{self, Column as C};

use super::dto::{AnswersByMode, ElementIndex, SurveyIndex, SurveyProfile, SurveySample};
use crate::core::civil;
use crate::core::element::Element;
use crate::core::formula::Status;
use crate::core::formula::survey_index::{SurveyFact, SurveyStatus};
use crate::core::skm::{Answers, SurveyReason};
use crate::facts::responses::Counted;
use crate::facts::{responses, surveys};
use crate::platform::db::Stream;
use crate::platform::db::versions::known_at;
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
    let counts = counts(&reader, query, &survey.district_code, &[id]).await?;
    let index = of(query, &survey, &counts)?;
    let sees_profile = query.sees_answers || (query.as_of.is_none() && survey.status != SurveyStatus::Open.as_str());
    let profile = match sees_profile {
        true => {
            let codes = responses::profile::ProfileCodes::load(tx).await?;
            Some(SurveyProfile::new(&counts.of(id).0.profile, &codes)?)
        }
        false => None,
    };
    Ok(SurveyIndex { profile, ..index })
}

/// Returns the surveys of a district that end in a year, with their indices, by their last day. No index has a profile.
pub async fn of_year(
    reader: FactReader<'_>,
    query: &Query<'_>,
    district: &str,
    year: i32,
) -> Result<Vec<(survey::Model, SurveyIndex)>, Error> {
    let surveys = survey::Entity::find()
        .filter(known_at::<survey::Entity>(query.as_of))
        .filter(C::DistrictCode.eq(district))
        .filter(C::EndsOn.between(civil::day(year, 1, 1), civil::day(year, 12, 31)))
        .order_by_asc(C::EndsOn)
        .order_by_asc(C::Id);
    let surveys = surveys.all(&reader.tx()).await?;
    let ids: Vec<Uuid> = surveys.iter().map(|survey| survey.id).collect();
    let counts = counts(&reader, query, district, &ids).await?;
    let with_index = |survey: survey::Model| {
        let index = of(query, &survey, &counts)?;
        Ok((survey, index))
    };
    surveys.into_iter().map(with_index).collect()
}

/// The answers of some surveys.
struct Counts {
    counted: HashMap<Uuid, Counted>,
    /// The void and the held answers.
    aside: HashMap<Uuid, (u64, u64)>,
}

impl Counts {
    fn of(&self, id: Uuid) -> (Counted, (u64, u64)) {
        let counted = self.counted.get(&id).cloned().unwrap_or_default();
        (counted, self.aside.get(&id).copied().unwrap_or_default())
    }
}

/// Counts the answers of some surveys of a district as known at the instant of the query.
async fn counts(reader: &FactReader<'_>, query: &Query<'_>, district: &str, ids: &[Uuid]) -> Result<Counts, Error> {
    let tx = reader.tx();
    let changed_at = reader.depends_on(district, &[Stream::Surveys]).await?;
    // If nothing has changed since, the tallies of the present are right.
    let counted_at = query.as_of.filter(|t| t.timestamp_micros() < changed_at);
    Ok(Counts {
        counted: responses::tallies(&tx, ids, counted_at).await?,
        aside: responses::tally::aside(&tx, ids, counted_at).await?,
    })
}

/// Returns the index of a survey without its profile.
fn of(query: &Query<'_>, survey: &survey::Model, counts: &Counts) -> Result<SurveyIndex, Error> {
    let id = survey.id;
    let (counted, (voided, held)) = counts.of(id);
    let SurveyFact { status, answers, .. } =
        counted.fact(id, &survey.status, survey.ends_on, &survey.inactive_elements)?;
    let over = survey.ends_on < query.day() && status != SurveyStatus::Open;
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
        by_mode: AnswersByMode::new(counted.modes),
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
        profile: None,
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
