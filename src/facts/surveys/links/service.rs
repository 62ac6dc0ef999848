//! The rules of making and changing a link.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::survey;
use ::entity::survey_link::{self, Column as C, Entity as Links};

use super::dto::{NewSurveyLink, SurveyLink, SurveyLinkFilter, SurveyLinkPage, SurveyLinkPatch, SurveyLinkVersionPage};
use super::query::CODE_LENGTH;
use crate::access::enrolments::code;
use crate::access::{Actor, records};
use crate::facts::surveys::query;
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &SurveyLinkFilter,
    paging: &Paging,
) -> Result<SurveyLinkPage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("survey links", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let links = Links::find()
        .filter(known_at::<Links>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.survey_id, |q, v| q.filter(C::SurveyId.eq(v)))
        .apply_if(filter.active, |q, v| q.filter(C::Active.eq(v)));
    let keyset = Keyset::ascending(vec![C::SurveyId, C::Name, C::Id]);
    request
        .fetch(conn, links, &keyset, at)
        .await?
        .try_map(SurveyLink::try_from)
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<SurveyLink, Error> {
    visible(conn, actor, id).await?.try_into()
}

pub async fn visible(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<survey_link::Model, Error> {
    records::visible::<Links>(conn, actor, id).await
}

/// Makes a link with a code of its own. The same id and content sent again return the link as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewSurveyLink) -> Result<Created<SurveyLink>, Error> {
    create_with_code(tx, actor, new, code::random::<CODE_LENGTH>()?).await
}

/// The same with a code that is known before: for the demonstration.
pub async fn create_with_code(
    tx: &WriteTx,
    actor: &Actor,
    new: NewSurveyLink,
    code: String,
) -> Result<Created<SurveyLink>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = new.normalised();
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let survey = query::current(tx, [new.survey_id]).await?.remove(&new.survey_id);
    let survey = survey.filter(|survey| actor.can_see(&survey.district_code));
    let survey = survey.ok_or_else(|| Error::unknown_reference("#/survey_id", new.survey_id))?;
    let stamp = stamps::stamp(tx, &[&survey.district_code], Stream::Surveys).await?;
    ensure_section(actor, &survey)?;
    if let Some(before) = versions::retry_of::<Links>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    let row = row(id, &survey.district_code, code, new);
    let stored = versions::create::<Links>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(stored.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<SurveyLinkPatch>,
) -> Result<SurveyLink, Error> {
    let (stamp, seen) = writable(tx, actor, id).await?;
    records::check_version::<Links>(if_match, &seen)?;
    let old: SurveyLink = seen.clone().try_into()?;
    let new = patch.apply(&old.as_new())?.normalised();
    if new == old.as_new() {
        return Ok(old);
    }
    let next = row(id, &seen.district_code, seen.code.clone(), new);
    versions::amend::<Links>(tx, &actor.author(), stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<SurveyLinkVersionPage, Error> {
    records::history_page::<Links>(conn, actor, id, paging, &("survey link versions", id))
        .await?
        .try_map(records::version_of)
}

/// Returns a link to change, and its stamp; 403 for an officer of another section than the survey's.
pub async fn writable(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, survey_link::Model), Error> {
    let (stamp, seen) = records::begin_change::<Links>(tx, actor, id).await?;
    let survey = query::newest(tx, [seen.survey_id]).await?.remove(&seen.survey_id);
    let survey = survey.ok_or_else(|| Error::internal(format!("survey link {id} has no survey")))?;
    ensure_section(actor, &survey)?;
    Ok((stamp, seen))
}

fn ensure_section(actor: &Actor, survey: &survey::Model) -> Result<(), Error> {
    actor.ensure_section(survey.section.parse()?)
}

fn row(id: Uuid, district: &str, code: String, new: NewSurveyLink) -> survey_link::Model {
    let NewSurveyLink {
        id: _,
        survey_id,
        name,
        hourly_budget,
        slips_required,
        expires_at,
        active,
    } = new;
    survey_link::Model {
        id,
        district_code: district.to_owned(),
        survey_id,
        name,
        code,
        hourly_budget,
        slips_required,
        expires_at,
        active,
        ..Default::default()
    }
}
