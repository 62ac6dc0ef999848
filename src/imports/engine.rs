//! Judges the rows of a sheet, and records them: all, or none.

use std::collections::{BTreeMap, HashSet};

use actix_web::web;
use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::columns::without_nulls;
use super::draft::{CellError, Draft, Table, pointer};
use super::dto::{Judged, Mode, Outcome};
use super::sheet::Sheet;
use crate::access::Actor;
use crate::platform::db::versions::known_at;
use crate::platform::db::{Db, Versioned, WriteTx};
use crate::platform::error::{Code, Error, FieldError, FieldErrors, OrInternal};
use crate::platform::http::patch::Patchable;
use crate::platform::http::{Contract, Patch, PatchOf};

/// Who imports, and by which contract.
pub struct Importer<'a> {
    pub db: &'a Db,
    pub actor: &'a Actor,
    pub contract: &'a web::Data<Contract>,
    /// Called with the number of records that are done, and of all.
    pub progress: &'a dyn Fn(usize, usize),
}

/// A resource that can be imported.
pub trait Register: Sized {
    const TABLE: Table;
    /// A record of the sheet after its members were checked by the schema.
    type New;

    /// Checks the members of a record by the schemas of its requests.
    fn check(contract: &Contract, draft: &Draft) -> Result<Self::New, Error>;

    /// Reads the records that the sheet is compared with.
    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, Self::New)]) -> Result<Self, Error>;

    /// Records what a record of the sheet says, by the services of its resource.
    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        new: Self::New,
    ) -> Result<Judgement, Error>;
}

/// The outcome of a record, and of each of its parts.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub record: Outcome,
    /// Empty: all have the outcome of the record.
    pub parts: Vec<Outcome>,
}

impl From<Outcome> for Judgement {
    fn from(record: Outcome) -> Self {
        Self {
            record,
            parts: Vec::new(),
        }
    }
}

impl Judgement {
    /// Returns the outcome of a row. The first row of a record is also that of its first part.
    fn of_row(&self, draft: &Draft, row: u32) -> Outcome {
        let part = draft.parts.iter().position(|part| part.row == row);
        let part = part.and_then(|index| self.parts.get(index)).copied();
        match part {
            Some(part) if row != draft.row() || self.record == Outcome::Same => part,
            _ => self.record,
        }
    }
}

/// Judges a sheet, and records it with [`Mode::Apply`] if no row is wrong. 422 otherwise.
pub async fn run<R: Register>(importer: &Importer<'_>, mode: Mode, sheet: Sheet) -> Result<Judged, Error> {
    let drafts = R::TABLE.drafts(sheet)?;
    let mut wrong = Vec::new();
    let mut checked = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        match R::check(importer.contract, &draft) {
            Ok(new) if draft.errors.is_empty() => checked.push((draft, new)),
            Ok(_) => wrong.push(draft),
            Err(error) => {
                draft.errors.extend(R::TABLE.located(&draft, &error));
                wrong.push(draft);
            }
        }
    }
    let work = async |tx: &WriteTx| record_all::<R>(importer, tx, checked, wrong).await;
    match mode {
        Mode::DryRun => importer.db.rehearse(work).await,
        Mode::Apply => {
            let all_or_none = async |tx: &WriteTx| {
                let judged = work(tx).await?;
                match judged.errors.is_empty() {
                    true => Ok(judged),
                    false => Err(refusal(judged.errors)),
                }
            };
            importer.db.write(all_or_none).await
        }
    }
}

async fn record_all<R: Register>(
    importer: &Importer<'_>,
    tx: &WriteTx,
    checked: Vec<(Draft, R::New)>,
    wrong: Vec<Draft>,
) -> Result<Judged, Error> {
    let mut rows: BTreeMap<u32, Outcome> = BTreeMap::new();
    let mut errors = Vec::new();
    let total = checked.len();
    let mut register = R::load(importer, tx, &checked).await?;
    for (done, (draft, new)) in checked.into_iter().enumerate() {
        (importer.progress)(done, total);
        match register.record(importer, tx, &draft, new).await {
            Ok(judgement) => rows.extend(draft.rows.iter().map(|row| (*row, judgement.of_row(&draft, *row)))),
            Err(error) if error.code.status().is_server_error() => return Err(error),
            // The database refused a statement, so the transaction cannot go on.
            Err(error) if error.code == Code::Conflict => return Err(error.at(pointer(draft.row(), None))),
            Err(error) => {
                errors.extend(R::TABLE.located(&draft, &error));
                rows.extend(draft.rows.iter().map(|row| (*row, Outcome::Error)));
            }
        }
    }
    (importer.progress)(total, total);
    for mut draft in wrong {
        errors.append(&mut draft.errors);
        rows.extend(draft.rows.iter().map(|row| (*row, Outcome::Error)));
    }
    errors.sort_by_key(|error| error.row);
    Ok(Judged {
        rows: rows.into_iter().collect(),
        errors,
    })
}

/// 422 with the cells of wrong rows.
fn refusal(errors: Vec<CellError>) -> Error {
    let wrong: HashSet<u32> = errors.iter().map(|error| error.row).collect();
    let count = wrong.len();
    let fields = errors.into_iter().map(|error| FieldError {
        pointer: pointer(error.row, error.column.as_deref()),
        code: error.code,
        detail: error.detail,
    });
    Error::fields(Code::RuleBroken, fields.collect()).detail(
        format!("Tidak ada yang dicatat: {count} baris salah. Periksa dengan mode=dry_run."),
        format!("Nothing was recorded: {count} rows are wrong. Check them with mode=dry_run."),
    )
}

/// Reads a record by the schema of the request that creates it. Empty cells are absent.
pub fn read<T: DeserializeOwned + ToSchema>(contract: &Contract, members: &Map<String, Value>) -> Result<T, Error> {
    let value = without_nulls(members);
    contract.check_body(&T::name(), &value)?;
    serde_json::from_value(value).or_internal()
}

/// What a sheet says about a record that exists.
pub enum Difference<T> {
    None,
    /// The correction that leads to what the sheet says.
    Patch(Patch<PatchOf<T>>),
}

/// Compares a record with the columns that a sheet has. Columns that it has not stay as they are.
pub fn compare<T>(contract: &web::Data<Contract>, current: &T, draft: &Draft) -> Result<Difference<T>, Error>
where
    T: Serialize + DeserializeOwned + Patchable + PartialEq,
{
    compare_members(contract, current, &draft.members.to_object(), draft)
}

/// The same with other members than those of the sheet.
pub fn compare_members<T>(
    contract: &web::Data<Contract>,
    current: &T,
    members: &Map<String, Value>,
    draft: &Draft,
) -> Result<Difference<T>, Error>
where
    T: Serialize + DeserializeOwned + Patchable + PartialEq,
{
    let before = serde_json::to_value(current).or_internal()?;
    let mut after = before.clone();
    let mut patch = Map::new();
    let mut errors = FieldErrors::default();
    for (name, value) in members.iter().filter(|(name, _)| *name != "id") {
        after[name] = value.clone();
        if !same(&before[name], value) && T::FIXED.contains(&name.as_str()) && !value.is_null() {
            errors.add(fixed(name));
        } else if !same(&before[name], value) {
            patch.insert(name.clone(), value.clone());
        }
    }
    errors.into_result()?;
    let is_same = serde_json::from_value::<T>(after).is_ok_and(|after| after == *current);
    if patch.is_empty() || is_same {
        return Ok(Difference::None);
    }
    if let Some(reason) = draft.reason() {
        patch.insert("reason".to_owned(), reason.into());
    }
    Patch::of(Value::Object(patch), contract.clone()).map(Difference::Patch)
}

/// Numbers have several forms.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().is_some_and(|one| other.as_f64() == Some(one))
}

fn fixed(name: &str) -> Error {
    Error::rule(
        &format!("#/{name}"),
        "Ini tidak dapat diubah pada catatan yang sudah ada.",
        "This cannot be changed in a record that exists.",
    )
}

/// 422 for a second row about a record that an earlier row of the sheet changed or named.
pub fn ensure_first(seen: &mut HashSet<Uuid>, id: Uuid) -> Result<(), Error> {
    match seen.insert(id) {
        true => Ok(()),
        false => Err(Error::new(Code::RuleBroken).detail(
            format!("Baris lain di berkas ini menyebut catatan yang sama ({id})."),
            format!("Another row of the file is about the same record ({id})."),
        )),
    }
}

/// Returns the current records of a selection whose column has one of these values. Many values take several statements.
pub async fn current_records<E: Versioned>(
    tx: &WriteTx,
    records: Select<E>,
    column: E::Column,
    values: impl IntoIterator<Item = impl Into<sea_orm::Value>>,
) -> Result<Vec<E::Model>, Error> {
    let values: Vec<sea_orm::Value> = values.into_iter().map(Into::into).collect();
    let mut rows = Vec::new();
    for some in values.chunks(500) {
        let some = records.clone().filter(column.is_in(some.iter().cloned()));
        rows.extend(some.filter(known_at::<E>(None)).all(tx).await?);
    }
    Ok(rows)
}
