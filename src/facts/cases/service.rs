//! The rules of recording a case and what happens to it.

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use ::entity::{case_category, case_event, public_case};

use super::dto::{Case, CaseFilter, CasePage, CasePatch, CaseVersionPage, NewCase, version};
use super::event::{CaseEvent, CaseEventPage, NewCaseEvent};
use super::query::{self, Full};
use crate::access::{Actor, Section};
use crate::core::case::{self, CaseStatus};
use crate::core::civil;
use crate::facts::words;
use crate::places::villages::service::{stamp_at, village_in};
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};
use crate::platform::time::{happened, whole_micros};

/// A case of an earlier year is a slip of the pen.
const FIRST_YEAR: i32 = 2000;

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &CaseFilter,
    paging: &Paging,
) -> Result<CasePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("cases", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(|(row, events)| Case::new(row, events))
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Case, Error> {
    let (row, events) = full(conn, visible(conn, actor, id).await?).await?;
    Case::new(row, events)
}

/// Records a case; sent again with the same id and content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewCase) -> Result<Created<Case>, Error> {
    actor.ensure_section(Section::Trantibum)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = normal(NewCase { id: None, ..new });
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    let Some((stamp, _)) = rules.hold(stamp_at(tx, actor, &new.village_code, Stream::Cases).await)? else {
        rules.hold(must_know_category(tx, &new).await)?;
        return Err(rules.broken());
    };
    if let Some(before) = versions::retry_of::<public_case::Entity>(tx, query::by_id(id), &fingerprint).await? {
        let (row, events) = full(tx, before).await?;
        return Ok(Created::Existing(Case::new(row, events)?));
    }
    let new = check(tx, stamp, new, &[]).await?;
    let row = row(id, new, CaseStatus::Reported.to_string(), VersionInfo::new(fingerprint));
    let row = versions::create::<public_case::Entity>(tx, &actor.username, stamp, row).await?;
    Ok(Created::New(Case::new(row, Vec::new())?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<CasePatch>,
) -> Result<Case, Error> {
    let (stamp, (seen, events)) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old = NewCase::of(&seen)?;
    let new = normal(patch.apply(&old)?);
    if new == old {
        return Case::new(seen, events);
    }
    let mut rules = Rules::default();
    if rules
        .hold(village_in(tx, &seen.district_code, &new.village_code).await)?
        .is_none()
    {
        rules.hold(must_know_category(tx, &new).await)?;
        return Err(rules.broken());
    }
    let new = check(tx, stamp, new, &events).await?;
    let next = row(id, new, seen.status.clone(), public_case::Entity::version_info(&seen));
    let row = versions::amend::<public_case::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason).await?;
    Case::new(row, events)
}

/// Appends an event, and thereby a new version of the case. Sent again with the same event id and content it answers
/// the case as it is now.
pub async fn add_event(tx: &WriteTx, actor: &Actor, id: Uuid, new: NewCaseEvent) -> Result<Created<Case>, Error> {
    let (stamp, (seen, mut events)) = begin(tx, actor, id).await?;
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
    let at = check_instant(stamp, &seen, &events, new.at)?;
    let mut next = seen.clone();
    next.status = status.to_string();
    let row = versions::amend::<public_case::Entity>(tx, &actor.username, stamp, &seen, next, None).await?;
    let position = i32::try_from(events.len()).unwrap_or(i32::MAX);
    let event = case_event::Model {
        id: event_id,
        case_id: id,
        position,
        kind: new.kind.to_string(),
        at,
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
    let (stamp, (seen, _)) = begin(tx, actor, id).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    versions::remove::<public_case::Entity>(tx, &actor.username, stamp, &seen, reason).await
}

/// The history, readable also after a deletion.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<CaseVersionPage, Error> {
    let rows = query::history(conn, id).await?;
    let (newest, _) = rows.last().ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&newest.district_code)?;
    let at = newest.recorded_at;
    paging.open(&("case versions", id))?.slice(rows, at)?.try_map(version)
}

/// The events of a case. They are only ever appended, so a walk through the pages shows each once.
pub async fn events(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<CaseEventPage, Error> {
    let (row, events) = full(conn, visible(conn, actor, id).await?).await?;
    paging
        .open(&("case events", id))?
        .slice(events, row.recorded_at)?
        .try_map(CaseEvent::try_from)
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<public_case::Model, Error> {
    let row = query::current(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

async fn full(conn: &impl ConnectionTrait, row: public_case::Model) -> Result<Full, Error> {
    let rows = query::with_events(conn, vec![row]).await?;
    rows.into_iter().next().ok_or_else(Error::not_found)
}

/// How every change of a case begins: whose it is, the stamp, and only then the version it decides on.
async fn begin(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, Full), Error> {
    let before = visible(tx, actor, id).await?;
    actor.ensure_section(Section::Trantibum)?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Cases).await?;
    let seen = full(tx, visible(tx, actor, id).await?).await?;
    Ok((stamp, seen))
}

fn normal(new: NewCase) -> NewCase {
    NewCase {
        occurred_at: whole_micros(new.occurred_at),
        ..new
    }
}

/// What holds for every case, new or corrected.
async fn check(tx: &WriteTx, stamp: Stamp, new: NewCase, events: &[case_event::Model]) -> Result<NewCase, Error> {
    let mut rules = Rules::default();
    rules.hold(must_know_category(tx, &new).await)?;
    let occurred_at = rules.hold(occurred(stamp, &new, events))?;
    rules.end()?;
    Ok(NewCase {
        occurred_at: occurred_at.unwrap_or(new.occurred_at),
        ..new
    })
}

async fn must_know_category(tx: &WriteTx, new: &NewCase) -> Result<(), Error> {
    let category = case_category::Entity::find_by_id(new.category.as_str()).one(tx).await?;
    category
        .map(drop)
        .ok_or_else(|| Error::unknown_reference("#/category", &new.category))
}

/// When it occurred: by now, in our times, and not after the first event.
fn occurred(stamp: Stamp, new: &NewCase, events: &[case_event::Model]) -> Result<DateTime<Utc>, Error> {
    let occurred_at = happened(stamp.at, new.occurred_at, "#/occurred_at")?;
    if civil::date_of(new.occurred_at).year() < FIRST_YEAR {
        return Err(Error::rule(
            "#/occurred_at",
            format!("Kejadian sebelum tahun {FIRST_YEAR} tidak dicatat."),
            format!("Cases before the year {FIRST_YEAR} are not recorded."),
        ));
    }
    if events.first().is_some_and(|first| first.at < new.occurred_at) {
        return Err(Error::rule(
            "#/occurred_at",
            "Kejadian tidak mungkin sesudah tindak lanjutnya yang pertama.",
            "A case cannot have occurred after its first event.",
        ));
    }
    Ok(occurred_at)
}

/// The status an event leads to. 409 when it is impossible where the case stands.
fn status_after(seen: &public_case::Model, event: &NewCaseEvent) -> Result<CaseStatus, Error> {
    let (from, kind) = (seen.status.parse()?, event.kind.to_string());
    case::next(from, event.kind).ok_or_else(|| {
        let (status, becomes) = (words::case_status(from), words::event(event.kind));
        let from = &seen.status;
        Error::new(Code::ImpossibleTransition)
            .detail(
                format!("Kasus yang {status} tidak dapat menjadi {becomes}."),
                format!("A case that is {from} cannot become {kind}."),
            )
            .at("#/kind")
    })
}

/// An event happened: by now, not before the case occurred, and not before the event before it.
fn check_instant(
    stamp: Stamp,
    seen: &public_case::Model,
    events: &[case_event::Model],
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let at = happened(stamp.at, at, "#/at")?;
    if at < seen.occurred_at {
        return Err(Error::rule(
            "#/at",
            "Waktu ini sebelum kejadian.",
            "This time lies before the case occurred.",
        ));
    }
    if events.last().is_some_and(|last| at < last.at) {
        return Err(Error::rule(
            "#/at",
            "Waktu ini sebelum tindak lanjut yang terakhir.",
            "This time lies before that of the last event.",
        ));
    }
    Ok(at)
}

fn row(id: Uuid, new: NewCase, status: String, info: VersionInfo) -> public_case::Model {
    let NewCase {
        id: _,
        village_code,
        category,
        occurred_at,
        summary,
    } = new;
    public_case::Model {
        id,
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        category: category.into(),
        occurred_at,
        occurred_on: civil::date_of(occurred_at),
        summary,
        status,
    }
}
