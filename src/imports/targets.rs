//! Targets: one row each. A target is (indicator, period).

use std::collections::{BTreeSet, HashMap};

use sea_orm::EntityTrait;
use uuid::Uuid;

use ::entity::indicator::{Column as I, Entity as Indicators};
use ::entity::target::{Column as C, Entity as Targets};

use super::columns::{Column, Kind, Place};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Importer, Judgement, Register, current_records, read};
use crate::core::period::Period;
use crate::plan::agreements::query::{by_number, of_year};
use crate::plan::agreements::service::unknown_agreement;
use crate::plan::targets::dto::{NewTarget, Target};
use crate::plan::targets::service;
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::http::{Contract, IfMatch, PutConditions, Slug};

const COLUMNS: &[Column] = &[
    Column::word("indicator_code", "kode indikator", "paringin-iku-4").at(Place::Beside),
    Column::word(
        "period",
        "tahun, semester, atau triwulan: 2025, 2025-S1, 2025-Q1",
        "2025",
    )
    .at(Place::Beside),
    Column::word("value", "target kumulatif sampai akhir periode", "90").kind(Kind::Decimal),
    Column::text("basis", "dokumen yang menjanjikannya", "Perjanjian Kinerja 2025"),
    Column::text("agreement", "nomor atau id perjanjian kinerja tahun itu", "").at(Place::Beside),
    Column::text("reason", "alasan, jika target diubah", "").at(Place::Beside),
];

/// The targets of the indicators that a sheet names.
pub struct TargetRegister {
    current: HashMap<(String, String), Target>,
    /// The districts of the indicators.
    districts: HashMap<String, String>,
    agreements: HashMap<AgreementKey, Option<Uuid>>,
}

/// District, year, and number or id.
type AgreementKey = (String, i32, String);

/// A target, and what it is for.
pub struct SheetTarget {
    code: String,
    period: Period,
    new: NewTarget,
}

impl Register for TargetRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: None,
        is_exported: no_others,
        key: &["indicator_code", "period"],
    };
    type New = SheetTarget;

    fn check(contract: &Contract, draft: &Draft) -> Result<SheetTarget, Error> {
        let mut errors = FieldErrors::default();
        let code = draft.word("indicator_code").unwrap_or_default();
        errors.check(code.parse::<Slug>().is_ok(), || unknown_indicator(&code));
        let period = draft.word("period").unwrap_or_default().parse::<Period>();
        errors.check(period.is_ok(), || {
            Error::rule(
                "#/period",
                "Tulis seperti 2025, 2025-S1, atau 2025-Q1.",
                "Write it like 2025, 2025-S1 or 2025-Q1.",
            )
        });
        let new = read::<NewTarget>(contract, &draft.members.to_object()).map_err(|error| errors.add(error));
        errors.into_result()?;
        let (Ok(period), Ok(new)) = (period, new) else {
            return Err(Error::internal("a wrong target without an error"));
        };
        Ok(SheetTarget {
            code: code.to_owned(),
            period,
            new: NewTarget {
                reason: draft.reason(),
                ..new
            },
        })
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, SheetTarget)]) -> Result<Self, Error> {
        let codes: BTreeSet<&str> = sheet.iter().map(|(_, target)| target.code.as_str()).collect();
        let mut current = HashMap::new();
        for row in current_records(tx, Targets::find(), C::IndicatorCode, codes).await? {
            if importer.actor.can_see(&row.district_code) {
                let key = (row.indicator_code.clone(), row.period.clone());
                current.insert(key, Target::try_from(row)?);
            }
        }
        let mut districts = HashMap::new();
        let named = sheet.iter().filter(|(draft, _)| draft.word("agreement").is_some());
        let named: BTreeSet<&str> = named.map(|(_, target)| target.code.as_str()).collect();
        for row in current_records(tx, Indicators::find(), I::Code, named).await? {
            districts.insert(row.code, row.district_code);
        }
        Ok(Self {
            current,
            districts,
            agreements: HashMap::new(),
        })
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        SheetTarget { code, period, mut new }: SheetTarget,
    ) -> Result<Judgement, Error> {
        let name = period.target_period().unwrap_or(period).to_string();
        let key = (code, name);
        if let Some(wanted) = draft.word("agreement") {
            new.agreement_id = self.agreement(tx, &key.0, period.year(), &wanted).await?;
        }
        let current = self.current.get(&key);
        if let Some(current) = current {
            if !draft.beside.contains("agreement") {
                new.agreement_id = current.agreement_id;
            }
            if !draft.members.contains("basis") {
                new.basis = current.basis.clone();
            }
            if current.is_set_by(&new) {
                return Ok(Outcome::Same.into());
            }
        }
        let (conditions, outcome) = match current {
            None => (PutConditions::default(), Outcome::Create),
            Some(_) => (PutConditions::replacing(IfMatch::any()), Outcome::Change),
        };
        let stored = service::put(tx, importer.actor, &key.0, period, conditions, new).await;
        let stored = stored.map_err(|error| match error.code {
            Code::NotFound => unknown_indicator(&key.0),
            Code::IndicatorNotInForce => error.at("#/period"),
            Code::UnknownReference => error.at("#/agreement"),
            _ => error,
        })?;
        // Two names of one period are one target.
        stored.map(|target| self.current.insert(key, target));
        Ok(outcome.into())
    }
}

impl TargetRegister {
    /// Returns the agreement that a cell names by its number or its id. An indicator that does not exist has none; the service
    /// refuses it.
    async fn agreement(&mut self, tx: &WriteTx, code: &str, year: i32, wanted: &str) -> Result<Option<Uuid>, Error> {
        let Some(district) = self.districts.get(code) else {
            return Ok(None);
        };
        let key = (district.clone(), year, wanted.to_owned());
        let id = match self.agreements.get(&key) {
            Some(known) => *known,
            None => {
                let found = match wanted.parse::<Uuid>() {
                    Ok(id) => of_year(tx, id, district, year).await?,
                    Err(_) => by_number(tx, district, year, wanted).await?,
                };
                let id = found.map(|found| found.id);
                self.agreements.insert(key, id);
                id
            }
        };
        id.map(Some).ok_or_else(|| unknown_agreement("#/agreement", wanted))
    }
}

fn unknown_indicator(code: &str) -> Error {
    Error::unknown_reference("#/indicator_code", code)
}
