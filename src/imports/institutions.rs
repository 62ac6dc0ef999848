//! Institutions with their decrees: a row for each decree. An institution is (village, kind, name).

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::EntityTrait;
use serde_json::Value;
use uuid::Uuid;

use ::entity::institution::{Column as C, Entity as Institutions};

use super::columns::{Column, Place, without_nulls};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Difference, Importer, Judgement, Register, compare_members, current_records, ensure_first, read};
use crate::core::institution::Term;
use crate::core::institution_name::ComparedName;
use crate::facts::institutions::decree_dto::NewInstitutionDecree;
use crate::facts::institutions::dto::NewInstitution;
use crate::facts::institutions::query::{Whole, wholes};
use crate::facts::institutions::service;
use crate::platform::db::WriteTx;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Contract, IfMatch};

const COLUMNS: &[Column] = &[
    Column::word("id", "boleh kosong", ""),
    Column::word("village_code", "kode desa", "63.11.06.2005"),
    Column::exported("village_name"),
    Column::word("kind", "kode jenis lembaga", "rt"),
    Column::text(
        "name",
        "nama atau nomor; baris dengan desa, jenis, dan nama yang sama adalah satu lembaga",
        "RT 01",
    ),
    Column::word("decree_id", "boleh kosong", "")
        .fills("id")
        .at(Place::Part),
    Column::text(
        "decree_number",
        "nomor keputusan kepala desa; satu baris per keputusan",
        "141/07/KPTS-BLG/2023",
    )
    .fills("number")
    .at(Place::Part),
    Column::word("issued_on", "tanggal ditetapkan, YYYY-MM-DD", "2023-06-20").at(Place::Part),
    Column::word("starts_on", "hari pertama berlaku", "2023-07-01").at(Place::Part),
    Column::word("ends_on", "hari terakhir berlaku; kosong: lima tahun", "").at(Place::Part),
    Column::word("revoked_on", "hari pertama tidak berlaku lagi karena dicabut", "").at(Place::Part),
    Column::exported("recorded_at"),
    Column::exported("recorded_by"),
    Column::text("reason", "alasan, jika catatan diubah", "").at(Place::Beside),
];

/// The institutions of the villages that a sheet names.
pub struct InstitutionRegister {
    by_id: HashMap<Uuid, Whole>,
    ids: HashMap<Key, Uuid>,
    seen: HashSet<Uuid>,
}

type Key = (String, String, String);

fn key_of(new: &NewInstitution) -> Key {
    let form = ComparedName::new(new.kind.as_str(), &new.name).form;
    (new.village_code.to_string(), new.kind.to_string(), form)
}

impl Register for InstitutionRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: Some("decrees"),
        is_exported: no_others,
        key: &["village_code", "kind", "name"],
    };
    type New = NewInstitution;

    fn check(contract: &Contract, draft: &Draft) -> Result<NewInstitution, Error> {
        let mut members = draft.members.to_object();
        let decrees = draft.parts.iter().map(|part| without_nulls(&part.members.to_object()));
        members.insert("decrees".to_owned(), decrees.collect());
        let mut new: NewInstitution = read(contract, &members)?;
        new.decrees.iter_mut().for_each(without_usual_end);
        Ok(new)
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, NewInstitution)]) -> Result<Self, Error> {
        let villages: BTreeSet<&str> = sheet.iter().map(|(_, new)| new.village_code.as_str()).collect();
        let ids: Vec<Uuid> = sheet.iter().filter_map(|(draft, _)| draft.id()).collect();
        let mut rows = Vec::new();
        rows.extend(current_records(tx, Institutions::find(), C::VillageCode, villages).await?);
        rows.extend(current_records(tx, Institutions::find(), C::Id, ids).await?);
        rows.retain(|row| importer.actor.can_see(&row.district_code));
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        let mut register = Self {
            by_id: HashMap::new(),
            ids: HashMap::new(),
            seen: HashSet::new(),
        };
        for rows in rows.chunks(250) {
            for whole in wholes(tx, rows.to_vec()).await? {
                register.ids.insert(key_of(&NewInstitution::of(&whole)?), whole.row.id);
                register.by_id.insert(whole.row.id, whole);
            }
        }
        Ok(register)
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        new: NewInstitution,
    ) -> Result<Judgement, Error> {
        let by_id = new.id.filter(|id| self.by_id.contains_key(id));
        let Some(whole) = by_id
            .or_else(|| self.ids.get(&key_of(&new)).copied())
            .and_then(|id| self.by_id.get(&id))
        else {
            service::create(tx, importer.actor, new).await?;
            return Ok(Outcome::Create.into());
        };
        let id = whole.row.id;
        ensure_first(&mut self.seen, id)?;
        let current = NewInstitution::of(whole)?;
        let (decrees, parts) = merged(&current.decrees, &new.decrees);
        let mut members = draft.members.to_object();
        if parts.iter().any(|outcome| *outcome != Outcome::Same) {
            let decrees = decrees.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
            let decrees = decrees.or_internal()?.into_iter().map(plain);
            members.insert("decrees".to_owned(), decrees.collect());
        }
        match compare_members(importer.contract, &current, &members, draft)? {
            Difference::None => Ok(Outcome::Same.into()),
            Difference::Patch(patch) => {
                members.remove("decrees");
                let of_itself = compare_members(importer.contract, &current, &members, draft)?;
                service::patch(tx, importer.actor, id, &IfMatch::any(), patch).await?;
                let record = match of_itself {
                    Difference::None => Outcome::Same,
                    Difference::Patch(_) => Outcome::Change,
                };
                Ok(Judgement { record, parts })
            }
        }
    }
}

fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => without_nulls(&members),
        other => other,
    }
}

/// An end that is the usual one is none: exports always name the last day.
fn without_usual_end(decree: &mut NewInstitutionDecree) {
    let usual = Term {
        ends_on: None,
        ..decree.term()
    };
    decree.ends_on = decree.ends_on.filter(|day| *day != usual.last_day());
}

/// Returns the decrees of an institution after those of a sheet were added or corrected, and the outcome of each of the sheet.
/// Decrees that the sheet does not name stay.
fn merged(
    current: &[NewInstitutionDecree],
    sheet: &[NewInstitutionDecree],
) -> (Vec<NewInstitutionDecree>, Vec<Outcome>) {
    let mut decrees = current.to_vec();
    let mut outcomes = Vec::new();
    let mut free: Vec<bool> = vec![true; current.len()];
    for decree in sheet {
        let is_it = |(index, known): &(usize, &NewInstitutionDecree)| {
            free.get(*index) == Some(&true)
                && match decree.id {
                    Some(id) => known.id == Some(id),
                    None => (&known.number, known.issued_on) == (&decree.number, decree.issued_on),
                }
        };
        let found = current.iter().enumerate().find(is_it).map(|(index, _)| index);
        let Some(index) = found else {
            decrees.push(decree.clone());
            outcomes.push(Outcome::Create);
            continue;
        };
        free[index] = false;
        let known = &current[index];
        let is_same = (&known.number, known.issued_on, known.starts_on, known.revoked_on)
            == (&decree.number, decree.issued_on, decree.starts_on, decree.revoked_on)
            && known.term().last_day() == decree.term().last_day();
        if !is_same {
            decrees[index] = NewInstitutionDecree {
                id: known.id,
                ..decree.clone()
            };
        }
        outcomes.push(if is_same { Outcome::Same } else { Outcome::Change });
    }
    (decrees, outcomes)
}
