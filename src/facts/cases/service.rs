//! Recording a case and its events: the permissions and the order of the steps.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::public_case::{Column as C, Entity as Cases};
use ::entity::{case_event, listed_code, public_case, village};

use super::dto::{Case, CaseFilter, CasePage, CasePatch, CaseSort, CaseVersionPage, NewCase, version};
use super::event::{self, CaseEvent, CaseEventPage, NewCaseEvent};
use super::flag;
use super::query::{self, WithEvents};
use super::rules::{References, instant_of, status_after, validate, validate_event, validate_restored};
use crate::access::{Actor, Section, records};
use crate::core::case::{CaseStatus, Life};
use crate::core::civil;
use crate::places::districts::service::stamp_in;
use crate::places::villages::reference::{stamp_at, village_in};
use crate::plan::code_lists::{self, CodeList};
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{DistrictCode, IfMatch, Moment, Paging, Patch, Restoration, Slug};
use crate::platform::time::whole_micros;

pub async fn list(conn: &ReadTx, actor: &Actor, filter: &CaseFilter, paging: &Paging) -> Result<CasePage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("cases", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let query = Cases::find()
        .filter(records::in_state::<Cases>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village_code.as_ref(), |q, v| {
            q.filter(C::VillageCode.eq(v.as_str()))
        })
        .apply_if(filter.village_known, |q, known| match known {
            true => q.filter(C::VillageCode.ne("")),
            false => q.filter(C::VillageCode.eq("")),
        })
        .apply_if(filter.category.as_ref(), |q, v| q.filter(C::Category.eq(v.as_str())))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.occurred_from, |q, v| q.filter(C::OccurredOn.gte(v)))
        .apply_if(filter.occurred_to, |q, v| q.filter(C::OccurredOn.lte(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)))
        .apply_if(filter.flagged, |q, flagged| match flagged {
            true => q.filter(C::Flags.ne("")),
            false => q.filter(C::Flags.eq("")),
        });
    // The key begins with the day, because the index does; the order is the same.
    let keyset = match filter.sort.unwrap_or_default() {
        CaseSort::OccurredAtDescending => Keyset::descending(vec![C::OccurredOn, C::OccurredAt, C::Id]),
        CaseSort::OccurredAt => Keyset::ascending(vec![C::OccurredOn, C::OccurredAt, C::Id]),
        CaseSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::OccurredOn, C::OccurredAt, C::Id]),
    };
    let page = request.fetch(conn, query, &keyset, at).await?;
    let page = page.with_rows(async |rows| query::with_events(conn, rows).await);
    page.await?.try_map(view)
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Case, Error> {
    let row = records::visible::<Cases>(conn, actor, id).await?;
    view(query::with_own_events(conn, row).await?)
}

/// Records a case. The same id and content sent again return the case as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewCase) -> Result<Created<Case>, Error> {
    actor.ensure_section(Section::Trantibum)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = normalised(NewCase { id: None, ..new });
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let found = resolve(tx, actor, &new).await?;
    let errors = validate(&found, &new, &Life::of(&[]), None);
    let Some(stamp) = found.stamp else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Cases>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(view(query::with_own_events(tx, before).await?)?));
    }
    errors.into_result()?;
    let row = row(id, new, stamp, CaseStatus::Reported.to_string())?;
    let flags = flag::of(row.occurred_on, stamp.at);
    let row = public_case::Model { flags, ..row };
    let row = versions::create::<Cases>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
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
    let found = References {
        stamp: Some(stamp),
        village: village_of(tx, &seen, &new).await?,
        category: category_of(tx, &new.category).await?,
    };
    validate(&found, &new, &Life::of(&event::facts(&events)?), Some(&old)).into_result()?;
    let next = row(id, new, stamp, seen.status.clone())?;
    let flags = match next.occurred_on == seen.occurred_on {
        true => seen.flags.clone(),
        false => flag::of(next.occurred_on, query::first_recorded_at(tx, id).await?),
    };
    let next = public_case::Model { flags, ..next };
    let row = versions::amend::<Cases>(tx, &actor.author(), stamp, &seen, next, patch.reason).await?;
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
    let fingerprint = fingerprint::canonical_hex(&new)?;
    if let Some(before) = query::event(tx, event_id).await? {
        if before.case_id != id || before.fingerprint.as_deref() != Some(fingerprint.as_str()) {
            return Err(Error::new(Code::IdConflict).at("#/id"));
        }
        return Ok(Created::Existing(Case::new(seen, events)?));
    }
    let facts = event::facts(&events)?;
    let life = Life::of(&facts);
    let status = status_after(&life, &facts, new.kind)?;
    validate_event(stamp.at, &seen, &life, &new).into_result()?;
    let next = public_case::Model {
        status: status.to_string(),
        ..seen.clone()
    };
    let row = versions::amend::<Cases>(tx, &actor.author(), stamp, &seen, next, None).await?;
    let position = i32::try_from(events.len()).unwrap_or(i32::MAX);
    let event = case_event::Model {
        id: event_id,
        case_id: id,
        position,
        kind: new.kind.to_string(),
        at: new.at.min(stamp.at),
        note: new.note,
        referred_to: new.referred_to,
        receipt: new.receipt,
        recorded_at: row.recorded_at,
        recorded_by: actor.username.clone(),
        fingerprint: Some(fingerprint),
    };
    query::append_event(tx, row.version, &event).await?;
    events.push(event);
    Ok(Created::New(Case::new(row, events)?))
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, (seen, _)) = begin_change(tx, actor, id).await?;
    records::delete::<Cases>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Restores a deleted case with its events, unless its village did not exist on its day.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Case, Error> {
    let (stamp, deletion) = records::begin_restoration::<Cases>(tx, actor, id).await?;
    actor.ensure_section(Section::Trantibum)?;
    let case = NewCase::of(&deletion)?;
    let village = village_of(tx, &deletion, &case).await?;
    validate_restored(village.as_ref(), &case).without_pointers()?;
    let row = records::restore::<Cases>(tx, actor, stamp, &deletion, restoration).await?;
    view(query::with_own_events(tx, row).await?)
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

/// Lists the events of a case. Events are only appended, so the pages show each event once.
pub async fn events(
    conn: &impl RecordReader,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<CaseEventPage, Error> {
    let row = records::visible::<Cases>(conn, actor, id).await?;
    let request = paging.open(&("case events", id))?;
    let at = request.at(row.recorded_at);
    let all = case_event::Entity::find().filter(case_event::Column::CaseId.eq(id));
    let keyset = Keyset::ascending(vec![case_event::Column::Position]);
    let page = request.fetch(conn, all, &keyset, at).await?;
    // What an event means depends on the events after it, which may be on another page.
    let (_, whole) = query::with_own_events(conn, row).await?;
    let mut views: HashMap<Uuid, CaseEvent> = event::views(whole)?.into_iter().map(|e| (e.id, e)).collect();
    page.try_map(|event| views.remove(&event.id).ok_or_else(Error::not_found))
}

fn view((row, events): WithEvents) -> Result<Case, Error> {
    Case::new(row, events)
}

/// Begins a change of a case, which belongs to section trantibum.
async fn begin_change(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, WithEvents), Error> {
    let (stamp, seen) = records::begin_change::<Cases>(tx, actor, id).await?;
    actor.ensure_section(Section::Trantibum)?;
    Ok((stamp, query::with_own_events(tx, seen).await?))
}

fn normalised(new: NewCase) -> NewCase {
    let occurred_at = match new.occurred_at {
        Moment::Instant(instant) => Moment::Instant(whole_micros(instant)),
        Moment::Day(day) => Moment::Day(day),
    };
    NewCase { occurred_at, ..new }
}

/// Stamps the district and loads the records that a new case refers to.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewCase) -> Result<References, Error> {
    let (stamp, village) = match (&new.village_code, &new.district_code) {
        // Both, and they contradict each other.
        (Some(village), Some(district)) if village.district() != district.as_str() => {
            return Err(Error::unknown_reference("#/district_code", district));
        }
        (Some(village), _) => stamp_at(tx, actor, village, Stream::Cases).await?.unzip(),
        (None, Some(district)) => (stamp_in(tx, actor, district.as_str(), Stream::Cases).await?, None),
        (None, None) => (None, None),
    };
    let category = category_of(tx, &new.category).await?;
    Ok(References {
        stamp,
        village,
        category,
    })
}

/// Returns the village that a case names, if it lies in the district of the recorded case.
async fn village_of(tx: &WriteTx, row: &public_case::Model, case: &NewCase) -> Result<Option<village::Model>, Error> {
    match &case.village_code {
        Some(code) => village_in(tx, &row.district_code, code).await,
        None => Ok(None),
    }
}

async fn category_of(tx: &WriteTx, code: &Slug) -> Result<Option<listed_code::Model>, Error> {
    code_lists::query::find(tx, CodeList::CaseCategories, code.as_str()).await
}

/// Returns the row of a valid case, but for its flags.
fn row(id: Uuid, new: NewCase, stamp: Stamp, status: String) -> Result<public_case::Model, Error> {
    let NewCase {
        id: _,
        village_code,
        district_code,
        category,
        occurred_at,
        summary,
    } = new;
    let of_village = village_code.as_ref().map(|village| village.district().to_owned());
    let district = of_village.or(district_code.map(DistrictCode::into));
    let time_known = matches!(occurred_at, Moment::Instant(_));
    let occurred_at = instant_of(occurred_at).min(stamp.at);
    Ok(public_case::Model {
        id,
        district_code: district.ok_or_else(|| Error::internal("a case without a place"))?,
        village_code: village_code.map(String::from).unwrap_or_default(),
        category: category.into(),
        occurred_at,
        occurred_on: civil::date_of(occurred_at),
        time_known,
        summary,
        status,
        ..Default::default()
    })
}
