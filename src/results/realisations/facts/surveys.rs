//! IKU 1: the surveys that end in the years, each with its tallies. A current value reads one row per survey however
//! many answers there are.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::survey::{Column as C, Entity as Surveys};
use ::entity::survey_tally;

use super::{Recorded, Scope};
use crate::core::element::{ActiveElements, Element};
use crate::core::formula::survey_index::SurveyFact;
use crate::core::skm::{Answers, ElementTallies};
use crate::platform::db::stored;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// A survey and the section it belongs to.
#[derive(Clone, Debug)]
pub struct SectionSurvey {
    pub section: String,
    pub fact: SurveyFact,
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    let rows = Surveys::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(C::EndsOn.between(scope.first_day(), scope.last_day()))
        .filter(known_at::<Surveys>(scope.as_of))
        .order_by_asc(C::EndsOn)
        .order_by_asc(C::Id)
        .all(conn)
        .await?;
    Ok(Vec::new())
}
