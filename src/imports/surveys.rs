//! Surveys: one row each. A survey is (district, section, title, first day, last day).

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use ::entity::survey::{Column as C, Entity as Surveys};

use super::columns::{Column, Kind, Place};
use super::draft::{Draft, Table};
use super::dto::Outcome;
use super::engine::{Difference, Importer, Judgement, Register, compare, current_records, ensure_first, read};
use crate::core::element::Element;
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::surveys::dto::{NewSurvey, Survey};
use crate::facts::surveys::service;
use crate::platform::db::WriteTx;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::http::{Contract, IfMatch, Patch};

const COLUMNS: &[Column] = &[
    Column::word("survey_id", "boleh kosong", "").fills("id"),
    Column::word("district_code", "kode kecamatan", "63.11.06"),
    Column::text("title", "judul", "SKM Pelayanan Semester I 2025"),
    Column::word("section", "kode seksi", "pelayanan-kessos"),
    Column::word("starts_on", "hari pertama, YYYY-MM-DD", "2025-01-06"),
    Column::word("ends_on", "hari terakhir", "2025-06-30"),
    Column::word(
        "survey_status",
        "draft, open, atau closed; kosong: tetap, atau draft jika baru",
        "draft",
    )
    .at(Place::Beside),
    Column::exported("status"),
    Column::word("population", "jumlah penerima layanan, boleh kosong", "1000").kind(Kind::Whole),
    Column::exported("sample_required"),
    Column::exported("respondents"),
    Column::exported("voided"),
    Column::exported("held"),
    Column::exported("ikm"),
    Column::exported("grade"),
    Column::exported("grade_label"),
    Column::exported("reason"),
    Column::word(
        "inactive_elements",
        "unsur yang tidak dinilai, dengan spasi di antaranya",
        "biaya",
    )
    .kind(Kind::Words),
    Column::text("change_reason", "alasan, jika catatan diubah", "").at(Place::Beside),
];

/// The surveys of the days that a sheet names.
pub struct SurveyRegister {
    by_id: HashMap<Uuid, Survey>,
    ids: HashMap<Key, Uuid>,
    seen: HashSet<Uuid>,
}

type Key = [String; 5];

fn key_of(new: &NewSurvey) -> Key {
    [
        new.district_code.to_string(),
        new.section.to_string(),
        new.title.clone(),
        new.starts_on.to_string(),
        new.ends_on.to_string(),
    ]
}

/// The results of each element.
fn is_of_element(name: &str) -> bool {
    Element::ALL.into_iter().any(|element| {
        let result = name
            .strip_prefix(element.code())
            .and_then(|rest| rest.strip_prefix('_'));
        result.is_some_and(|result| ["answers", "nrr", "weighted_nrr", "index", "grade"].contains(&result))
    })
}

impl Register for SurveyRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: None,
        is_exported: is_of_element,
        key: &["district_code", "section", "title", "starts_on", "ends_on"],
    };
    type New = (NewSurvey, Option<SurveyStatus>);

    fn check(contract: &Contract, draft: &Draft) -> Result<Self::New, Error> {
        let mut errors = FieldErrors::default();
        let status = draft
            .word("survey_status")
            .map(|word| word.parse::<SurveyStatus>())
            .transpose();
        errors.check(status.is_ok(), wrong_status);
        let survey = read::<NewSurvey>(contract, &draft.members.to_object()).map_err(|error| errors.add(error));
        errors.into_result()?;
        let survey = survey.map_err(|()| Error::internal("a wrong survey without an error"))?;
        Ok((survey, status.unwrap_or_default()))
    }

    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, Self::New)]) -> Result<Self, Error> {
        let days: BTreeSet<_> = sheet.iter().map(|(_, (survey, _))| survey.ends_on).collect();
        let ids: Vec<Uuid> = sheet.iter().filter_map(|(draft, _)| draft.id()).collect();
        let mut rows = Vec::new();
        rows.extend(current_records(tx, Surveys::find(), C::EndsOn, days).await?);
        rows.extend(current_records(tx, Surveys::find(), C::Id, ids).await?);
        rows.retain(|row| importer.actor.can_see(&row.district_code));
        let mut register = Self {
            by_id: HashMap::new(),
            ids: HashMap::new(),
            seen: HashSet::new(),
        };
        for row in rows {
            let survey = Survey::try_from(row)?;
            register.ids.insert(key_of(&survey.as_new()), survey.id);
            register.by_id.insert(survey.id, survey);
        }
        Ok(register)
    }

    async fn record(
        &mut self,
        importer: &Importer<'_>,
        tx: &WriteTx,
        draft: &Draft,
        (new, status): Self::New,
    ) -> Result<Judgement, Error> {
        let by_id = new.id.filter(|id| self.by_id.contains_key(id));
        let found = by_id.or_else(|| self.ids.get(&key_of(&new)).copied());
        let Some(survey) = found.and_then(|id| self.by_id.get(&id)) else {
            let id = new.id.unwrap_or_else(Uuid::new_v4);
            service::create(tx, importer.actor, NewSurvey { id: Some(id), ..new }).await?;
            lead(importer, tx, draft, (id, SurveyStatus::Draft), status).await?;
            return Ok(Outcome::Create.into());
        };
        let id = survey.id;
        ensure_first(&mut self.seen, id)?;
        let mut outcome = Outcome::Same;
        if let Difference::Patch(patch) = compare(importer.contract, &survey.as_new(), draft)? {
            service::patch(tx, importer.actor, id, &IfMatch::any(), patch).await?;
            outcome = Outcome::Change;
        }
        if lead(importer, tx, draft, (id, survey.status), status).await? {
            outcome = Outcome::Change;
        }
        Ok(outcome.into())
    }
}

/// Leads a survey to a status, and returns whether it had another one. Only an open survey can be closed.
async fn lead(
    importer: &Importer<'_>,
    tx: &WriteTx,
    draft: &Draft,
    (id, from): (Uuid, SurveyStatus),
    to: Option<SurveyStatus>,
) -> Result<bool, Error> {
    let Some(to) = to.filter(|to| *to != from) else {
        return Ok(false);
    };
    let opens_first = (from, to) == (SurveyStatus::Draft, SurveyStatus::Closed);
    for status in opens_first.then_some(SurveyStatus::Open).into_iter().chain([to]) {
        let mut members = json!({"status": status.as_str()});
        if let Some(reason) = draft.word("change_reason") {
            members["reason"] = reason.into();
        }
        let patch = Patch::of(members, importer.contract.clone())?;
        let led = service::patch(tx, importer.actor, id, &IfMatch::any(), patch).await;
        led.map_err(|mut error| {
            for field in error.errors.iter_mut().filter(|field| field.pointer == "#/status") {
                field.pointer = "#/survey_status".to_owned();
            }
            error
        })?;
    }
    Ok(true)
}

fn wrong_status() -> Error {
    let words = SurveyStatus::ALL.map(SurveyStatus::as_str).join(", ");
    Error::rule(
        "#/survey_status",
        format!("Harus salah satu dari: {words}."),
        format!("Must be one of: {words}."),
    )
}
