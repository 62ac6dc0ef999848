//! The rules of making a survey, opening it and closing it.

use sea_orm::{ConnectionTrait, EntityTrait, Set};
use uuid::Uuid;

use ::entity::{survey, survey_tally};

use super::dto::{NewSurvey, Survey, SurveyFilter, SurveyPage, SurveyPatch, SurveyVersionPage, version};
use super::query;
use crate::access::{Actor, Role};
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::words::survey_status;
use crate::places::districts::service::stamp_in;
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &SurveyFilter,
    paging: &Paging,
) -> Result<SurveyPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let only = (actor.role == Role::Surveyor).then_some(SurveyStatus::Open);
    let wanted = paging.open(&("surveys", filter, only))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    query::page(conn, district, filter, only, &wanted, at)
        .await?
        .try_map(Survey::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Survey, Error> {
    visible(conn, actor, id).await?.try_into()
}

/// Makes a draft and its empty tally; sent again with the same id and content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewSurvey) -> Result<Created<Survey>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = new.normal();
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    let stamp = rules.hold(stamp_in(tx, actor, &new.district_code, Stream::Surveys).await)?;
    actor.ensure_section(new.section)?;
    if let Some(before) = versions::retry_of::<survey::Entity>(tx, query::by_id(id), &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    rules.hold(must_end_after_start(&new))?;
    let Some(stamp) = stamp else {
        return Err(rules.broken());
    };
    rules.end()?;
    let row = row(id, new, SurveyStatus::Draft, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<survey::Entity>(tx, &actor.username, stamp, row).await?;
    let tally = survey_tally::ActiveModel {
        survey_id: Set(id),
        changed_at: Set(stamp.at),
        ..Default::default()
    };
    survey_tally::Entity::insert(tally).exec_without_returning(tx).await?;
    Ok(Created::New(stored.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    mut patch: Patch<SurveyPatch>,
) -> Result<Survey, Error> {
    let before = visible(tx, actor, id).await?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Surveys).await?;
    let seen = visible(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old: Survey = seen.clone().try_into()?;
    actor.ensure_section(old.section)?;
    let status = match patch.take("status") {
        Some(wanted) => serde_json::from_value(wanted).map_err(Error::internal)?,
        None => old.status,
    };
    let new = patch.apply(&old.as_new())?.normal();
    if new == old.as_new() && status == old.status {
        return Ok(old);
    }
    actor.ensure_section(new.section)?;
    must_end_after_start(&new)?;
    must_lead_from(old.status, status)?;
    let next = row(id, new, status, survey::Entity::version_info(&seen))?;
    versions::amend::<survey::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

/// The history.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<SurveyVersionPage, Error> {
    let at = visible(conn, actor, id).await?.recorded_at;
    let rows = versions::history::<survey::Entity>(conn, query::by_id(id)).await?;
    paging.open(&("survey versions", id))?.slice(rows, at)?.try_map(version)
}

/// The survey, when the actor may know of it: a phone knows the open surveys of its district, nothing else.
pub async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<survey::Model, Error> {
    let row = of_own_district(conn, actor, id).await?;
    if actor.role == Role::Surveyor && row.status.parse::<SurveyStatus>()? != SurveyStatus::Open {
        return Err(Error::not_found());
    }
    Ok(row)
}

/// The survey whatever its status, when it is of a district that the actor sees.
pub async fn of_own_district(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<survey::Model, Error> {
    let row = query::find(conn, id, None).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

fn must_end_after_start(new: &NewSurvey) -> Result<(), Error> {
    if new.ends_on >= new.starts_on {
        return Ok(());
    }
    Err(Error::rule(
        "#/ends_on",
        "Survei tidak dapat berakhir sebelum dimulai.",
        "A survey cannot end before it starts.",
    ))
}

/// 409 unless people may take the survey from one status to the other.
fn must_lead_from(old: SurveyStatus, new: SurveyStatus) -> Result<(), Error> {
    use SurveyStatus::{Closed, Draft, Open};
    match (old, new) {
        (Draft, Open) | (Open, Closed) | (Closed, Open) => Ok(()),
        _ if old == new => Ok(()),
        _ => {
            let (from, to) = (old.to_string(), new.to_string());
            Err(Error::new(Code::ImpossibleTransition)
                .detail(
                    format!(
                        "Survei yang {} tidak dapat menjadi {}: draf -> dibuka <-> ditutup.",
                        survey_status(old),
                        survey_status(new),
                    ),
                    format!("{from} cannot become {to}: draft -> open <-> closed."),
                )
                .at("#/status"))
        }
    }
}

fn row(id: Uuid, new: NewSurvey, status: SurveyStatus, info: VersionInfo) -> Result<survey::Model, Error> {
    let NewSurvey {
        id: _,
        district_code,
        title,
        section,
        questionnaire,
        starts_on,
        ends_on,
        population,
        inactive_elements,
    } = new;
    let inactive_elements = inactive_elements.unwrap_or_default();
    Ok(survey::Model {
        id,
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        district_code: district_code.into(),
        title,
        section: section.as_str().to_owned(),
        questionnaire: questionnaire.to_string(),
        starts_on,
        ends_on,
        population,
        inactive_elements: serde_json::to_string(&inactive_elements).map_err(Error::internal)?,
        status: status.to_string(),
    })
}
