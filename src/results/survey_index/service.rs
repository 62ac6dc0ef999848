//! From a survey and its tally to the index.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::survey;

use super::dto::{ElementIndex, SurveyIndex, SurveySample};
use super::profile::profile;
use crate::access::Actor;
use crate::core::civil;
use crate::core::element::Element;
use crate::core::formula::Status;
use crate::core::formula::survey_index::{SurveyFact, SurveyStatus};
use crate::core::skm::{Answers, SurveyReason};
use crate::facts::{responses, surveys};
use crate::platform::db::{Stream, stamps};
use crate::platform::error::Error;
use crate::platform::http::ETag;
use crate::platform::text::{Lang, Text};
use crate::results::realisations::dto::GradeOfIndex;

/// All that an index depends on, read before anything is computed.
#[derive(Debug)]
pub struct Scene {
    survey: survey::Model,
    as_of: Option<DateTime<Utc>>,
    /// The last change of the district's surveys and answers, in microseconds.
    changed_at: i64,
    /// The day on which it is judged whether the survey is over.
    day: NaiveDate,
}

/// The survey as it was known at `as_of` (`None`: now).
pub async fn scene(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Scene, Error> {
    let survey = surveys::query::find(conn, id, as_of)
        .await?
        .ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&survey.district_code)?;
    let stamps = stamps::get(conn, &survey.district_code).await?;
    Ok(Scene {
        survey,
        as_of,
        changed_at: stamps.map_or(0, |row| Stream::Surveys.changed_at(&row)),
        day: civil::date_of(as_of.unwrap_or(now)),
    })
}

impl Scene {
    /// Covers everything that the index shows.
    pub fn tag(&self, lang: Lang) -> Result<ETag, Error> {
        let build = env!("CARGO_PKG_VERSION");
        ETag::of(&(self.survey.id, self.changed_at, self.as_of, self.day, lang.tag(), build))
    }

    /// The instant at which answers are counted; `None` when nothing has changed since, so that the tallies hold.
    fn counted_at(&self) -> Option<DateTime<Utc>> {
        self.as_of.filter(|t| t.timestamp_micros() < self.changed_at)
    }

    pub async fn index(&self, conn: &impl ConnectionTrait, lang: Lang) -> Result<SurveyIndex, Error> {
        let (id, at) = (self.survey.id, self.counted_at());
        let counted = responses::tallies(conn, &[id], at).await?;
        let groups = responses::query::profile(conn, id, at).await?;
        let survey::Model {
            status,
            ends_on,
            inactive_elements,
            ..
        } = &self.survey;
        let counted = counted.get(&id).copied().unwrap_or_default();
        let SurveyFact { status, answers, .. } = counted.fact(id, status, *ends_on, inactive_elements)?;
        let over = self.survey.ends_on < self.day && status != SurveyStatus::Open;
        let ikm = answers.ikm();
        let reason = ikm.as_ref().err().copied();
        let ikm = ikm.ok();
        let population = self.survey.population.map(u64::try_from).transpose();
        Ok(SurveyIndex {
            survey_id: id,
            status: match (&ikm, over) {
                (None, _) => Status::NotComputable,
                (Some(_), true) => Status::Computed,
                (Some(_), false) => Status::Provisional,
            },
            respondents: answers.respondents,
            grade: match &ikm {
                Some(ikm) => Some(GradeOfIndex::new(ikm.grade().map_err(Error::internal)?)?),
                None => None,
            },
            exact: ikm.as_ref().map(|ikm| ikm.exact.to_fraction_string()),
            ikm: ikm.map(|ikm| ikm.rounded.into()),
            elements: Element::ALL
                .into_iter()
                .map(|code| ElementIndex::new(code, answers.tallies.get(code), answers.active))
                .collect::<Result<_, _>>()?,
            sample: population
                .map_err(Error::internal)?
                .map(|population| SurveySample::new(population, answers.respondents)),
            profile: profile(&groups)?,
            reason,
            reason_text: reason.map(|reason| sentence(reason, status, &answers).in_lang(lang).to_owned()),
        })
    }
}

/// Why there is no index, and what to do about it.
fn sentence(reason: SurveyReason, status: SurveyStatus, answers: &Answers) -> Text {
    match (reason, status) {
        (SurveyReason::NoResponses, SurveyStatus::Draft) => Text::fixed(
            "Survei masih draf. Buka survei, lalu kumpulkan jawaban.",
            "The survey is a draft. Open it, then collect answers.",
        ),
        (SurveyReason::NoResponses, SurveyStatus::Open) => Text::fixed(
            "Belum ada jawaban. Bagikan kuesioner kepada penerima layanan.",
            "There are no answers yet. Hand the questionnaire to the people served.",
        ),
        (SurveyReason::NoResponses, SurveyStatus::Closed) => Text::fixed(
            "Survei ditutup tanpa jawaban. Buka kembali survei, lalu kumpulkan jawaban.",
            "The survey was closed without answers. Open it again, then collect answers.",
        ),
        (SurveyReason::ElementUnanswered, _) => {
            let nobody = |element: &Element| answers.tallies.get(*element).n() == 0;
            let missing: Vec<_> = answers.active.iter().filter(nobody).map(Element::code).collect();
            let missing = missing.join(", ");
            Text::new(
                format!(
                    "Tidak ada jawaban atas unsur {missing}. Kumpulkan jawabannya, atau jadikan unsur itu tidak aktif."
                ),
                format!("Nobody answered {missing}. Collect answers to it, or make it inactive."),
            )
        }
    }
}
