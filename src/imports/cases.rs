//! Cases with their events: a row for each event. A case is (village, category, instant or day, summary).

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::EntityTrait;
use uuid::Uuid;

use ::entity::case_event;
use ::entity::public_case::{self, Column as C, Entity as Cases};

use super::columns::{Column, Place};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Difference, Importer, Judgement, Register, compare_members, current_records, ensure_first, read};
use crate::core::civil;
use crate::facts::cases::dto::NewCase;
use crate::facts::cases::event::NewCaseEvent;
use crate::facts::cases::query::with_events;
use crate::facts::cases::rules::instant_of;
use crate::facts::cases::service;
use crate::platform::db::WriteTx;
use crate::platform::error::{Error, FieldErrors, OrInternal};
use crate::platform::http::{Contract, IfMatch, Moment};
use crate::platform::time::whole_micros;

const EVENTS: &str = "events";

const COLUMNS: &[Column] = &[
    Column::word("id", "boleh kosong", ""),
    Column::word(
        "district_code",
        "kode kecamatan; perlu jika desanya tidak diketahui",
        "",
    ),
    Column::word("village_code", "kode desa; kosong: tidak diketahui", "63.11.06.2005"),
    Column::exported("village_name"),
    Column::word("category", "kode kategori", "lingkungan"),
    Column::word("occurred_at", "tanggal kejadian, atau tanggal dan jam", "2025-03-14"),
    Column::word(
        "occurred_precision",
        "day: hanya tanggal yang diketahui; boleh kosong",
        "",
    )
    .at(Place::Beside),
    Column::text(
        "summary",
        "uraian tanpa nama orang",
        "Pembakaran sampah di dekat permukiman",
    ),
    Column::exported("status"),
    Column::exported("flags"),
    Column::word("event_id", "boleh kosong", "").fills("id").at(Place::Part),
    Column::word(
        "event_kind",
        "tindak lanjut, satu baris masing-masing: verified, handling, resolved, ...",
        "verified",
    )
    .fills("kind")
    .at(Place::Part),
    Column::word("event_at", "waktu tindak lanjut", "2025-03-15T09:00:00+08:00")
        .fills("at")
        .at(Place::Part),
    Column::text("event_note", "catatan tindak lanjut", "Dibenarkan oleh ketua RT")
        .fills("note")
        .at(Place::Part),
    Column::text("referred_to", "penerima, jika dilimpahkan (referred)", "").at(Place::Part),
    Column::text("receipt", "tanda terima pelimpahan", "").at(Place::Part),
    Column::exported("receipt_missing"),
    Column::exported("withdrawn_by"),
    Column::exported("recorded_at"),
    Column::exported("recorded_by"),
    Column::text("reason", "alasan, jika catatan diubah", "").at(Place::Beside),
];

/// The cases of the days that a sheet names.
pub struct CaseRegister {
    by_id: HashMap<Uuid, (public_case::Model, Vec<case_event::Model>)>,
    ids: HashMap<Key, Uuid>,
    seen: HashSet<Uuid>,
}

type Key = (String, String, DateTime<Utc>, String);

fn key_of(new: &NewCase) -> Key {
    let village = new.village_code.as_ref().map(ToString::to_string).unwrap_or_default();
    let instant = whole_micros(instant_of(new.occurred_at));
    (village, new.category.to_string(), instant, new.summary.clone())
}

fn day_of(new: &NewCase) -> NaiveDate {
    civil::date_of(instant_of(new.occurred_at))
}

impl Register for CaseRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: Some(EVENTS),
        is_exported: no_others,
        key: &["district_code", "village_code", "category", "occurred_at", "summary"],
    };
    type New = (NewCase, Vec<NewCaseEvent>);

    fn check(contract: &Contract, draft: &Draft) -> Result<Self::New, Error> {
        let mut errors = FieldErrors::default();
        let case = read::<NewCase>(contract, &draft.members.to_object()).map_err(|error| errors.add(error));
        let mut events: Vec<NewCaseEvent> = Vec::new();
        for (index, part) in draft.parts.iter().enumerate() {
            match read(contract, &part.members.to_object()) {
                Ok(event) => events.push(event),
                Err(error) => errors.add(at_event(index, error)),
            }
        }
        errors.into_result()?;
        let mut case = case.map_err(|()| Error::internal("a wrong case without an error"))?;
        if draft.word("occurred_precision").as_deref() == Some("day") {
            case.occurred_at = Moment::Day(day_of(&case));
        }
        Ok((case, events))
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, Self::New)]) -> Result<Self, Error> {
        let days: BTreeSet<NaiveDate> = sheet.iter().map(|(_, (case, _))| day_of(case)).collect();
        let ids: Vec<Uuid> = sheet.iter().filter_map(|(draft, _)| draft.id()).collect();
        let mut rows = Vec::new();
        rows.extend(current_records(tx, Cases::find(), C::OccurredOn, days).await?);
        rows.extend(current_records(tx, Cases::find(), C::Id, ids).await?);
        rows.retain(|row| importer.actor.can_see(&row.district_code));
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        let mut register = Self {
            by_id: HashMap::new(),
            ids: HashMap::new(),
            seen: HashSet::new(),
        };
        for rows in rows.chunks(500) {
            for (row, events) in with_events(tx, rows.to_vec()).await? {
                register.ids.insert(key_of(&NewCase::of(&row)?), row.id);
                register.by_id.insert(row.id, (row, events));
            }
        }
        Ok(register)
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        (case, events): Self::New,
    ) -> Result<Judgement, Error> {
        let by_id = case.id.filter(|id| self.by_id.contains_key(id));
        let found = by_id.or_else(|| self.ids.get(&key_of(&case)).copied());
        let Some((row, known)) = found.and_then(|id| self.by_id.get(&id)) else {
            let id = case.id.unwrap_or_else(Uuid::new_v4);
            service::create(tx, importer.actor, NewCase { id: Some(id), ..case }).await?;
            for (index, event) in events.into_iter().enumerate() {
                add(importer, tx, id, (index, event)).await?;
            }
            return Ok(Outcome::Create.into());
        };
        let id = row.id;
        ensure_first(&mut self.seen, id)?;
        let mut members = draft.members.to_object();
        members.insert(
            "occurred_at".to_owned(),
            serde_json::to_value(case.occurred_at).or_internal()?,
        );
        if case.district_code.is_none() {
            members.remove("district_code");
        }
        let record = match compare_members(importer.contract, &NewCase::of(row)?, &members, draft)? {
            Difference::None => Outcome::Same,
            Difference::Patch(patch) => {
                service::patch(tx, importer.actor, id, &IfMatch::any(), patch).await?;
                Outcome::Change
            }
        };
        let mut left: Vec<&case_event::Model> = known.iter().collect();
        let mut parts = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            let is_it = |known: &&case_event::Model| match event.id {
                Some(id) => known.id == id,
                None => known.kind == event.kind.as_str() && known.at == whole_micros(event.at),
            };
            let Some(position) = left.iter().position(is_it) else {
                add(importer, tx, id, (index, event)).await?;
                parts.push(Outcome::Create);
                continue;
            };
            if !is_same(left.remove(position), &event) {
                return Err(at_event(index, unchangeable()));
            }
            parts.push(Outcome::Same);
        }
        Ok(Judgement { record, parts })
    }
}

async fn add(
    importer: &Importer<'_>,
    tx: &WriteTx,
    id: Uuid,
    (index, event): (usize, NewCaseEvent),
) -> Result<(), Error> {
    let added = service::add_event(tx, importer.actor, id, event).await;
    added.map(drop).map_err(|error| at_event(index, error))
}

fn is_same(known: &case_event::Model, event: &NewCaseEvent) -> bool {
    (known.kind.as_str(), known.at) == (event.kind.as_str(), whole_micros(event.at))
        && (&known.note, &known.referred_to, &known.receipt) == (&event.note, &event.referred_to, &event.receipt)
}

fn unchangeable() -> Error {
    Error::rule(
        "#/kind",
        "Tindak lanjut yang sudah tercatat tidak dapat diubah; tarik dengan withdrawn, lalu catat yang benar.",
        "A recorded event cannot be changed; take it back with withdrawn, then record the right one.",
    )
}

/// Returns an error of an event as one of its case.
fn at_event(index: usize, mut error: Error) -> Error {
    if error.errors.is_empty() {
        return error.at(format!("#/{EVENTS}/{index}"));
    }
    for field in &mut error.errors {
        field.pointer = format!("#/{EVENTS}/{index}/{}", field.pointer.trim_start_matches("#/"));
    }
    error
}
