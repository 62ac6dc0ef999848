//! Recording a case and its events: the permissions and the order of the steps.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::public_case::{Column as C, Entity as Cases};
use ::entity::{case_category, case_event, public_case};

use super::dto::{Case, CaseFilter, CasePage, CasePatch, CaseSort, CaseVersionPage, NewCase, version};
use super::event::{CaseEvent, CaseEventPage, NewCaseEvent};
use super::query::{self, WithEvents};
use super::rules::{Place, status_after, validate, validate_event};
use crate::access::{Actor, Section, records};
use crate::core::case::CaseStatus;
use crate::core::civil;
use crate::places::villages::reference::{stamp_at, village_in};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch, Slug};
use crate::platform::time::whole_micros;

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &CaseFilter,
    paging: &Paging,
) -> Result<CasePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("cases", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let query = Cases::find()
        .filter(known_at::<Cases>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village.as_ref(), |q, v| q.filter(C::VillageCode.eq(v.as_str())))
        .apply_if(filter.category.as_ref(), |q, v| q.filter(C::Category.eq(v.as_str())))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.occurred_from, |q, v| q.filter(C::OccurredOn.gte(v)))
        .apply_if(filter.occurred_to, |q, v| q.filter(C::OccurredOn.lte(v)));
    // The day comes first because the index has it; the order is the same.
    let keyset = match filter.sort.unwrap_or_default() {
        CaseSort::OccurredAtDescending => Keyset::descending(vec![C::OccurredOn, C::OccurredAt, C::Id]),
        CaseSort::OccurredAt => Keyset::ascending(vec![C::OccurredOn, C::OccurredAt, C::Id]),
        CaseSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::OccurredOn, C::OccurredAt, C::Id]),
    };
    let page = wanted.fetch(conn, query, &keyset, at).await?;
    let page = page.with_rows(async |rows| query::with_events(conn, rows).await);
    page.await?.try_map(shown)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Case, Error> {
    let row = records::visible::<Cases>(conn, actor, id).await?;
    shown(query::with_own_events(conn, row).await?)
}

/// Records a case. The same id and content sent again return the case as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewCase) -> Result<Created<Case>, Error> {
    actor.ensure_section(Section::Trantibum)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = normalised(NewCase { id: None, ..new });
    let fingerprint = fingerprint::hex(&new)?;
    let place = resolve(tx, actor, &new).await?;
    let errors = validate(&place, &new, &[]);
    let (Some(stamp), Some(_)) = (place.stamp, place.village) else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Cases>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(shown(query::with_own_events(tx, before).await?)?));
    }
    errors.into_result()?;
    let row = row(id, new, stamp, CaseStatus::Reported.to_string());
    let row = versions::create::<Cases>(tx, &actor.username, stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(Case::new(row, Vec::new())?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<CasePatch>,
) -> Result<Case, Error> {
    let (stamp, (seen, events)) = begin_change(tx, actor, id).await?;
    records::check_version::<Cases>(if_match, &seen)?;
    let old = NewCase::of(&seen)?;
    let new = normalised(patch.apply(&old)?);
    if new == old {
        return Case::new(seen, events);
    }
    let place = Place {
        stamp: Some(stamp),
        village: village_in(tx, &seen.district_code, &new.village_code).await?,
        category: category_of(tx, &new.category).await?,
    };
    validate(&place, &new, &events).into_result()?;
    let next = row(id, new, stamp, seen.status.clone());
    let row = versions::amend::<Cases>(tx, &actor.username, stamp, &seen, next, patch.reason).await?;
    Case::new(row, events)
}

/// Appends an event, and thereby a new version of the case. The same event id and content sent again return the case
/// as it is now.
pub async fn add_event(tx: &WriteTx, actor: &Actor, id: Uuid, new: NewCaseEvent) -> Result<Created<Case>, Error> {
    let (stamp, (seen, mut events)) = begin_change(tx, actor, id).await?;
    let event_id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewCaseEvent {
        id: None,
        at: whole_micros(new.at),
        ..new
    };
    let fingerprint = fingerprint::hex(&new)?;
    if let Some(before) = query::event(tx, event_id).await? {
        if before.case_id != id || before.fingerprint.as_deref() != Some(fingerprint.as_str()) {
            return Err(Error::new(Code::IdConflict).at("#/id"));
        }
        return Ok(Created::Existing(Case::new(seen, events)?));
    }
    let status = status_after(&seen, &new)?;
    validate_event(stamp.at, &seen, &events, new.at).into_result()?;
    let next = public_case::Model {
        status: status.to_string(),
        ..seen.clone()
    };
    let row = versions::amend::<Cases>(tx, &actor.username, stamp, &seen, next, None).await?;
    let position = i32::try_from(events.len()).unwrap_or(i32::MAX);
    let event = case_event::Model {
        id: event_id,
        case_id: id,
        position,
        kind: new.kind.to_string(),
        at: new.at.min(stamp.at),
        note: new.note,
        receipt: new.receipt,
        recorded_at: row.recorded_at,
        recorded_by: actor.username.clone(),
        fingerprint: Some(fingerprint),
    };
    query::append_event(tx, &event).await?;
    events.push(event);
    Ok(Created::New(Case::new(row, events)?))
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, (seen, _)) = begin_change(tx, actor, id).await?;
    records::delete::<Cases>(tx, actor, stamp, &seen, if_match, reason).await
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<CaseVersionPage, Error> {
    let binding = ("case versions", id);
    let page = records::history_page::<Cases>(conn, actor, id, paging, &binding).await?;
    let page = page
        .with_rows(async |rows| query::with_events(conn, rows).await)
        .await?;
    page.try_map(version)
}

/// Lists the events of a case. Events are only appended, so a walk through the pages shows each once.
pub async fn events(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<CaseEventPage, Error> {
    let row = records::visible::<Cases>(conn, actor, id).await?;
    let (row, events) = query::with_own_events(conn, row).await?;
    paging
        .open(&("case events", id))?
        .paginate_in_memory(events, row.recorded_at)?
        .try_map(CaseEvent::try_from)
}

fn shown((row, events): WithEvents) -> Result<Case, Error> {
    Case::new(row, events)
}

/// Begins a change of a case, which belongs to section trantibum.
async fn begin_change(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, WithEvents), Error> {
    let (stamp, seen) = records::begin_change::<Cases>(tx, actor, id).await?;
    actor.ensure_section(Section::Trantibum)?;
    Ok((stamp, query::with_own_events(tx, seen).await?))
}

fn normalised(new: NewCase) -> NewCase {
    NewCase {
        occurred_at: whole_micros(new.occurred_at),
        ..new
    }
}

/// Stamps the district and loads the records that a new case refers to.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewCase) -> Result<Place, Error> {
    let place = stamp_at(tx, actor, &new.village_code, Stream::Cases).await?;
    let (stamp, village) = place.unzip();
    let category = category_of(tx, &new.category).await?;
    Ok(Place {
        stamp,
        village,
        category,
    })
}

async fn category_of(tx: &WriteTx, code: &Slug) -> Result<Option<case_category::Model>, Error> {
    Ok(case_category::Entity::find_by_id(code.as_str()).one(tx).await?)
}

fn row(id: Uuid, new: NewCase, stamp: Stamp, status: String) -> public_case::Model {
    let NewCase {
        id: _,
        village_code,
        category,
        occurred_at,
        summary,
    } = new;
    let occurred_at = occurred_at.min(stamp.at);
    public_case::Model {
        id,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        category: category.into(),
        occurred_at,
        occurred_on: civil::date_of(occurred_at),
        summary,
        status,
        ..Default::default()
    }
}
