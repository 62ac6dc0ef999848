//! What the form of a link shows: the questions of its survey, and what a respondent may choose.

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::village::{Column as V, Entity as Villages};
use ::entity::{district, survey, survey_link};

use super::query;
use crate::core::civil;
use crate::core::element::ActiveElements;
use crate::facts::surveys;
use crate::facts::surveys::dto::active_elements;
use crate::places::villages::query::valid_on;
use crate::plan::code_lists::dto::Questionnaire;
use crate::plan::code_lists::{CodeList, query as codes, questionnaires};
use crate::platform::db::versions::known_at;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Slug;

/// A link with its survey.
#[derive(Clone, Debug)]
pub struct Opened {
    pub link: survey_link::Model,
    pub survey: survey::Model,
    pub district: String,
}

/// The questions, and the choices as code and name.
#[derive(Clone, Debug)]
pub struct Form {
    pub questionnaire: Questionnaire,
    pub active: ActiveElements,
    pub services: Vec<(String, String)>,
    pub villages: Vec<(String, String)>,
}

/// Returns the link with a typed code, and its survey. `None`: there is no such link, or its survey was withdrawn.
pub async fn open(conn: &impl ConnectionTrait, typed: &str) -> Result<Option<Opened>, Error> {
    let Some(link) = query::by_code(conn, typed).await? else {
        return Ok(None);
    };
    let survey = surveys::query::current(conn, [link.survey_id]).await?;
    let Some(survey) = survey.into_values().next() else {
        return Ok(None);
    };
    let district = district::Entity::find_by_id(&link.district_code).one(conn).await?;
    Ok(Some(Opened {
        district: district.map(|district| district.name).unwrap_or_default(),
        link,
        survey,
    }))
}

/// Returns what the form of a survey shows at an instant.
pub async fn load(conn: &impl ConnectionTrait, survey: &survey::Model, now: DateTime<Utc>) -> Result<Form, Error> {
    let today = civil::date_of(now);
    let code: Slug = survey.questionnaire.parse().or_internal()?;
    let questionnaire = questionnaires::get(conn, &code, today.year()).await?;
    let services = codes::codes(conn, CodeList::Services).await?.into_iter();
    let services = services.filter(|code| codes::is_valid_in(code, today.year()));
    let villages = Villages::find()
        .filter(V::DistrictCode.eq(&survey.district_code))
        .filter(known_at::<Villages>(None))
        .filter(valid_on(today))
        .order_by_asc(V::Name)
        .order_by_asc(V::Code)
        .all(conn)
        .await?;
    Ok(Form {
        questionnaire,
        active: active_elements(&survey.inactive_elements)?,
        services: services.map(|code| (code.code, code.name)).collect(),
        villages: villages
            .into_iter()
            .map(|village| (village.code, village.name))
            .collect(),
    })
}
