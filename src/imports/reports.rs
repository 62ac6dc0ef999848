//! Reports: one row each. A report is (village, kind, fiscal year).

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::report::{Column as C, Entity as Reports};

use super::columns::{Column, Kind, Place};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Difference, Importer, Judgement, Register, compare, current_records, ensure_first, read};
use crate::facts::reports::dto::{NewReport, Report};
use crate::facts::reports::service;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::http::{Contract, IfMatch};

const COLUMNS: &[Column] = &[
    Column::word("id", "boleh kosong", ""),
    Column::word("village_code", "kode desa", "63.11.06.2005"),
    Column::exported("village_name"),
    Column::word("kind", "kode jenis laporan", "lppd"),
    Column::word("fiscal_year", "tahun anggaran laporan", "2024").kind(Kind::Whole),
    Column::word("delivered_on", "tanggal diterima kecamatan, YYYY-MM-DD", "2025-03-14"),
    Column::word(
        "status",
        "received, returned, atau accepted; kosong: received",
        "received",
    ),
    Column::text("note", "catatan, boleh kosong", "Diterima lengkap"),
    Column::exported("flags"),
    Column::exported("recorded_at"),
    Column::exported("recorded_by"),
    Column::text("reason", "alasan, jika catatan diubah", "").at(Place::Beside),
];

/// The reports of the villages and years that a sheet names.
pub struct ReportRegister {
    by_id: HashMap<Uuid, Report>,
    ids: HashMap<Key, Uuid>,
    seen: HashSet<Uuid>,
}

type Key = (String, String, i32);

fn key_of(new: &NewReport) -> Key {
    (new.village_code.to_string(), new.kind.to_string(), new.fiscal_year)
}

impl Register for ReportRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: None,
        is_exported: no_others,
        key: &["village_code", "kind", "fiscal_year"],
    };
    type New = NewReport;

    fn check(contract: &Contract, draft: &Draft) -> Result<NewReport, Error> {
        read(contract, &draft.members.to_object())
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, NewReport)]) -> Result<Self, Error> {
        let villages: BTreeSet<&str> = sheet.iter().map(|(_, new)| new.village_code.as_str()).collect();
        let years: BTreeSet<i32> = sheet.iter().map(|(_, new)| new.fiscal_year).collect();
        let mut rows = Vec::new();
        rows.extend(
            current_records(
                tx,
                Reports::find().filter(C::FiscalYear.is_in(years.iter().copied())),
                C::VillageCode,
                villages,
            )
            .await?,
        );
        let ids: Vec<Uuid> = sheet.iter().filter_map(|(draft, _)| draft.id()).collect();
        rows.extend(current_records(tx, Reports::find(), C::Id, ids).await?);
        rows.retain(|row| importer.actor.can_see(&row.district_code));
        let mut register = Self {
            by_id: HashMap::new(),
            ids: HashMap::new(),
            seen: HashSet::new(),
        };
        for row in rows {
            let report = Report::try_from(row)?;
            register.ids.insert(key_of(&report.as_new()), report.id);
            register.by_id.insert(report.id, report);
        }
        Ok(register)
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        new: NewReport,
    ) -> Result<Judgement, Error> {
        let by_id = new.id.filter(|id| self.by_id.contains_key(id));
        let Some(report) = by_id
            .or_else(|| self.ids.get(&key_of(&new)).copied())
            .and_then(|id| self.by_id.get(&id))
        else {
            service::create(tx, importer.actor, new).await?;
            return Ok(Outcome::Create.into());
        };
        ensure_first(&mut self.seen, report.id)?;
        match compare(importer.contract, &report.as_new(), draft)? {
            Difference::None => Ok(Outcome::Same.into()),
            Difference::Patch(patch) => {
                service::patch(tx, importer.actor, report.id, &IfMatch::any(), patch).await?;
                Ok(Outcome::Change.into())
            }
        }
    }
}
