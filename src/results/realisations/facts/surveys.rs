//! IKU 1: the surveys that end in the years, each with its tallies. A current value reads one row per survey however
//! many answers there are.

use sea_orm::ConnectionTrait;

use super::{Recorded, Scope};
use crate::core::formula::survey_index::SurveyFact;
use crate::facts::{responses, surveys};
use crate::platform::error::Error;

/// A survey and the section it belongs to.
#[derive(Clone, Debug)]
pub struct SectionSurvey {
    pub section: String,
    pub fact: SurveyFact,
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    let (first, last) = (scope.first_day(), scope.last_day());
    let rows = surveys::query::ending_in(conn, &scope.districts, first, last, scope.as_of).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counted = responses::tallies(conn, &ids, scope.as_of).await?;
    rows.into_iter()
        .map(|row| {
            let answers = counted.get(&row.id).copied().unwrap_or_default();
            let fact = answers.fact(&row)?;
            Ok(Recorded {
                fact: SectionSurvey {
                    section: row.section,
                    fact,
                },
                district: row.district_code,
                at: answers.changed_at.map_or(row.recorded_at, |t| row.recorded_at.max(t)),
            })
        })
        .collect()
}
