//! Creating, opening, closing and withdrawing a survey: the permissions and the order of the steps.

use chrono::{Datelike, NaiveDate};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set};
use uuid::Uuid;

use ::entity::survey::{Column as C, Entity as Surveys};
use ::entity::{survey, survey_tally};

use super::dto::{NewSurvey, Survey, SurveyFilter, SurveyPatch, SurveySort, SurveyVersionPage};
use super::rules::{ensure_transition, validate};
use crate::access::{Actor, Role, records};
use crate::core::formula::survey_index::SurveyStatus;
use crate::core::period::Period;
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::places::structure::{self, Effect};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, PageBody, Paging, Patch, Restoration, Warning};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &SurveyFilter,
    paging: &Paging,
) -> Result<PageBody<Survey>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let only = (actor.role == Role::Surveyor).then_some(SurveyStatus::Open);
    let request = paging.open(&("surveys", filter, only, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some() && only.is_none();
    let query = Surveys::find()
        .filter(records::in_state::<Surveys>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.section, |q, v| q.filter(C::Section.eq(v.as_str())))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(only, |q, v| {
            q.filter(C::Status.eq(v.as_str())).filter(has_status_now(v))
        })
        .apply_if(filter.ends_from, |q, v| q.filter(C::EndsOn.gte(v)))
        .apply_if(filter.ends_to, |q, v| q.filter(C::EndsOn.lte(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        SurveySort::EndsOn => Keyset::ascending(vec![C::EndsOn, C::Id]),
        SurveySort::EndsOnDescending => Keyset::descending(vec![C::EndsOn, C::Id]),
        SurveySort::Title => Keyset::ascending(vec![C::Title, C::Id]),
    };
    let read = async || request.fetch(conn, query, &keyset, at).await?.try_map(Survey::try_from);
    request.respond(at, is_final, read).await
}

/// A survey can be closed between two pages of a phone's list.
fn has_status_now(status: SurveyStatus) -> SimpleExpr {
    let now = Surveys::find()
        .select_only()
        .column(C::Id)
        .filter(known_at::<Surveys>(None))
        .filter(C::Status.eq(status.as_str()));
    C::Id.in_subquery(now.into_query())
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Survey, Error> {
    visible(conn, actor, id).await?.try_into()
}

/// Makes a draft and its empty tally. The same id and content sent again return the survey as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewSurvey) -> Result<Created<Survey>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = new.normalised();
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Surveys).await?;
    actor.ensure_section(new.section)?;
    let mut errors = validate(&new);
    let Some(stamp) = stamp else {
        errors.add(unknown_district(&new.district_code));
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Surveys>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    errors.into_result()?;
    let row = row(id, new, SurveyStatus::Draft)?;
    let stored = versions::create::<Surveys>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
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
    let (stamp, seen) = records::begin_change::<Surveys>(tx, actor, id).await?;
    let old: Survey = seen.clone().try_into()?;
    actor.ensure_section(old.section)?;
    records::check_version::<Surveys>(if_match, &seen)?;
    let status = match patch.take("status") {
        Some(status) => serde_json::from_value(status).or_internal()?,
        None => old.status,
    };
    let new = patch.apply(&old.as_new())?.normalised();
    if new == old.as_new() && status == old.status {
        return Ok(old);
    }
    actor.ensure_section(new.section)?;
    validate(&new).into_result()?;
    ensure_transition(old.status, status)?;
    let warning = moved(tx, stamp, &old, (&new, status), patch.reason.as_deref()).await?;
    let next = row(id, new, status)?;
    let stored = versions::amend::<Surveys>(tx, &actor.author(), stamp, &seen, next, patch.reason).await?;
    Ok(Survey {
        warnings: warning.into_iter().collect(),
        ..stored.try_into()?
    })
}

/// Returns a warning with the periods that are over and whose values this change can move. 422 if it gives no reason although
/// the survey is closed, or the year is over.
async fn moved(
    tx: &WriteTx,
    stamp: Stamp,
    old: &Survey,
    (new, status): (&NewSurvey, SurveyStatus),
    reason: Option<&str>,
) -> Result<Option<Warning>, Error> {
    let NewSurvey {
        id: _,
        district_code,
        title: _,
        section,
        questionnaire: _,
        starts_on,
        ends_on,
        population: _,
        inactive_elements,
    } = new;
    let inactive_elements = inactive_elements.clone().unwrap_or_default();
    let counts_otherwise =
        *section != old.section || *ends_on != old.ends_on || inactive_elements != old.inactive_elements;
    let is_closed = old.status == SurveyStatus::Closed;
    if is_closed && reason.is_none() && (counts_otherwise || *starts_on != old.starts_on) {
        return Err(Error::new(Code::ReasonRequired).at("#/reason"));
    }
    // An open survey makes the values of its year provisional, so to open it again takes back what was final.
    let is_reopened = is_closed && status == SurveyStatus::Open;
    if old.status == SurveyStatus::Draft || !(counts_otherwise || is_reopened) {
        return Ok(None);
    }
    periods_of(tx, stamp, district_code.as_str(), [old.ends_on, *ends_on], reason).await
}

/// Returns a warning with the periods that are over and that count a survey with one of these last days: from that day to the
/// end of its year. 422 without a reason if the year is over.
async fn periods_of(
    tx: &WriteTx,
    stamp: Stamp,
    district: &str,
    last_days: impl IntoIterator<Item = NaiveDate>,
    reason: Option<&str>,
) -> Result<Option<Warning>, Error> {
    let mut periods: Vec<Period> = Vec::new();
    for day in last_days {
        let effect = Effect {
            from: Some(day),
            until: NaiveDate::from_ymd_opt(day.year() + 1, 1, 1),
        };
        let warning = structure::check(tx, stamp, Some(district), effect, reason).await?;
        periods.extend(warning.into_iter().flat_map(|warning| warning.periods));
    }
    periods.sort_unstable_by_key(|period| period.last_day());
    periods.dedup();
    Ok((!periods.is_empty()).then(|| Warning::periods_moved(periods)))
}

/// Withdraws a survey, and returns the warnings: it is kept with its answers and does not count.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    reason: String,
) -> Result<Vec<Warning>, Error> {
    let (stamp, seen) = records::begin_change::<Surveys>(tx, actor, id).await?;
    actor.ensure_section(seen.section.parse()?)?;
    let warning = presence(tx, stamp, &seen, &reason).await?;
    records::delete::<Surveys>(tx, actor, stamp, &seen, if_match, reason).await?;
    Ok(warning.into_iter().collect())
}

/// Restores a withdrawn survey with the status that it had.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Survey, Error> {
    let (stamp, deletion) = records::begin_restoration::<Surveys>(tx, actor, id).await?;
    actor.ensure_section(deletion.section.parse()?)?;
    let warning = presence(tx, stamp, &deletion, &restoration.reason).await?;
    let restored = records::restore::<Surveys>(tx, actor, stamp, &deletion, restoration).await?;
    Ok(Survey {
        warnings: warning.into_iter().collect(),
        ..restored.try_into()?
    })
}

/// Returns a warning with the periods that are over and that count a survey, or would count it. A draft never counts.
async fn presence(tx: &WriteTx, stamp: Stamp, survey: &survey::Model, reason: &str) -> Result<Option<Warning>, Error> {
    if survey.status.parse() == Ok(SurveyStatus::Draft) {
        return Ok(None);
    }
    periods_of(tx, stamp, &survey.district_code, [survey.ends_on], Some(reason)).await
}

pub async fn versions(
    conn: &impl RecordReader,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<SurveyVersionPage, Error> {
    // A phone sees the versions of open surveys only. Others see those of a withdrawn survey too.
    if actor.role == Role::Surveyor {
        visible(conn, actor, id).await?;
    }
    records::history_page::<Surveys>(conn, actor, id, paging, &("survey versions", id))
        .await?
        .try_map(records::version_of)
}

/// Returns the survey if the actor may see it: a phone sees the open surveys of its district only.
async fn visible(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<survey::Model, Error> {
    let row = records::visible::<Surveys>(conn, actor, id).await?;
    if actor.role == Role::Surveyor && row.status.parse() != Ok(SurveyStatus::Open) {
        return Err(Error::not_found());
    }
    Ok(row)
}

fn row(id: Uuid, new: NewSurvey, status: SurveyStatus) -> Result<survey::Model, Error> {
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
        district_code: district_code.into(),
        title,
        section: section.to_string(),
        questionnaire: questionnaire.to_string(),
        starts_on,
        ends_on,
        population,
        inactive_elements: serde_json::to_string(&inactive_elements).or_internal()?,
        status: status.to_string(),
        ..Default::default()
    })
}
