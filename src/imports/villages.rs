//! Villages: one row each. A village is its code.

use std::collections::HashMap;

use sea_orm::EntityTrait;

use ::entity::village::{Column as C, Entity as Villages};

use super::columns::{Column, Place};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Difference, Importer, Judgement, Register, compare, current_records, read};
use crate::places::villages::dto::{NewVillage, Village};
use crate::places::villages::service;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::http::{Contract, IfMatch};

const COLUMNS: &[Column] = &[
    Column::word("code", "kode Kemendagri", "63.11.06.2099"),
    Column::word("district_code", "kode kecamatan", "63.11.06"),
    Column::word("kind", "desa atau kelurahan", "desa"),
    Column::text("name", "nama", "Balang Baru"),
    Column::word(
        "valid_from",
        "hari pertama ada, YYYY-MM-DD; kosong: sejak dulu",
        "2027-01-01",
    ),
    Column::word("valid_to", "hari terakhir ada; kosong: tidak diketahui", ""),
    Column::text(
        "reason",
        "alasan; perlu jika menyangkut tahun yang sudah lewat",
        "Perda Pemekaran Desa",
    )
    .at(Place::Beside),
];

/// The villages that a sheet names.
pub struct VillageRegister {
    current: HashMap<String, Village>,
}

impl Register for VillageRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: None,
        is_exported: no_others,
        key: &["code"],
    };
    type New = NewVillage;

    fn check(contract: &Contract, draft: &Draft) -> Result<NewVillage, Error> {
        let mut members = draft.members.to_object();
        members.insert("reason".to_owned(), draft.reason().into());
        read(contract, &members)
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, NewVillage)]) -> Result<Self, Error> {
        let codes: Vec<&str> = sheet.iter().map(|(_, new)| new.code.as_str()).collect();
        let mut current = HashMap::new();
        for row in current_records(tx, Villages::find(), C::Code, codes).await? {
            if importer.actor.can_see(&row.district_code) {
                current.insert(row.code.clone(), Village::try_from(row)?);
            }
        }
        Ok(Self { current })
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        new: NewVillage,
    ) -> Result<Judgement, Error> {
        let Some(village) = self.current.get(new.code.as_str()) else {
            service::create(tx, importer.actor, new).await?;
            return Ok(Outcome::Create.into());
        };
        match compare(importer.contract, &village.as_new(), draft)? {
            Difference::None => Ok(Outcome::Same.into()),
            Difference::Patch(patch) => {
                service::patch(tx, importer.actor, &new.code, &IfMatch::any(), patch).await?;
                Ok(Outcome::Change.into())
            }
        }
    }
}
