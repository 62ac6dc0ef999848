//! Answers to surveys, from paper: one row each. Without an id, the same file has the same answers: the n-th answer with one
//! content always gets the same id.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use ::entity::response;

use super::columns::{Column, Kind, Place};
use super::draft::{Draft, Table, no_others};
use super::dto::Outcome;
use super::engine::{Importer, Judgement, Register, read};
use crate::facts::responses::dto::{NewResponse, Response};
use crate::facts::responses::query::stored;
use crate::facts::responses::{Acceptance, Outcome as Received, Quotas, Submission, receive};
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::http::Contract;

const COLUMNS: &[Column] = &[
    Column::word("id", "boleh kosong", ""),
    Column::word(
        "survey_id",
        "id survei; harus terbuka",
        "eea028ed-aa56-46b8-9aee-c948367e6d9d",
    )
    .at(Place::Beside),
    Column::word("answered_at", "waktu menjawab", "2025-03-14T10:15:00+08:00"),
    Column::exported("received_at"),
    Column::word("mode", "paper atau device; kosong: paper", "paper"),
    Column::text("service", "layanan yang diterima", "ktp"),
    Column::word("village_code", "desa asal, boleh kosong", "63.11.06.2005"),
    score("persyaratan", "answers/persyaratan"),
    score("prosedur", "answers/prosedur"),
    score("waktu", "answers/waktu"),
    score("biaya", "answers/biaya"),
    score("produk", "answers/produk"),
    score("kompetensi", "answers/kompetensi"),
    score("perilaku", "answers/perilaku"),
    score("sarana", "answers/sarana"),
    score("pengaduan", "answers/pengaduan"),
    Column::word("gender", "kode jenis kelamin", "perempuan").fills("respondent/gender"),
    Column::word("age", "umur dalam tahun", "34")
        .fills("respondent/age")
        .kind(Kind::Whole),
    Column::word("education", "kode pendidikan terakhir", "sma").fills("respondent/education"),
    Column::word("occupation", "kode pekerjaan", "wirausaha").fills("respondent/occupation"),
    Column::exported("flags"),
    Column::text("comment", "saran, tanpa nama orang", ""),
];

const fn score(name: &'static str, member: &'static str) -> Column {
    Column::word(name, "1 (terburuk) sampai 4 (terbaik); kosong: tidak dijawab", "3")
        .fills(member)
        .kind(Kind::Whole)
}

/// Answers that are received together. More take more memory, fewer more statements.
const PART: usize = 256;

/// The outcomes of the answers of a sheet, by row.
pub struct AnswerRegister {
    outcomes: BTreeMap<u32, Result<Outcome, Box<Error>>>,
}

/// An answer, and its survey.
pub struct SheetAnswer {
    survey_id: Uuid,
    content: NewResponse,
}

impl Register for AnswerRegister {
    const TABLE: Table = Table {
        columns: COLUMNS,
        parts: None,
        is_exported: no_others,
        key: &[],
    };
    type New = SheetAnswer;

    fn check(contract: &Contract, draft: &Draft) -> Result<SheetAnswer, Error> {
        let mut errors = FieldErrors::default();
        let survey_id = draft.word("survey_id").unwrap_or_default().parse::<Uuid>();
        errors.check(survey_id.is_ok(), || {
            Error::rule(
                "#/survey_id",
                "Isi id survei (UUID).",
                "Send the id of the survey (a UUID).",
            )
        });
        let mut members = draft.members.to_object();
        let mode = members.entry("mode").or_insert_with(Default::default);
        if mode.is_null() {
            *mode = "paper".into();
        }
        let content = read::<NewResponse>(contract, &members).map_err(|error| errors.add(error));
        errors.into_result()?;
        let (Ok(survey_id), Ok(content)) = (survey_id, content) else {
            return Err(Error::internal("a wrong answer without an error"));
        };
        Ok(SheetAnswer {
            survey_id,
            content: content.normalised(),
        })
    }

    /// Receives all answers, many in one statement.
    async fn load(importer: &Importer<'_>, tx: &WriteTx, sheet: &[(Draft, SheetAnswer)]) -> Result<Self, Error> {
        let sender = Arc::new(importer.actor.clone());
        let mut copies: HashMap<[u8; 32], u64> = HashMap::new();
        let mut outcomes = BTreeMap::new();
        for part in sheet.chunks(PART) {
            let mut items = Vec::with_capacity(part.len());
            for (_, SheetAnswer { survey_id, content }) in part {
                let id = match content.id {
                    Some(id) => id,
                    None => {
                        let digest = content.fingerprint(*survey_id, &[])?;
                        let copy = copies.entry(digest).or_default();
                        *copy += 1;
                        id_of(digest, *copy)
                    }
                };
                let (content, sender) = (content.clone(), Arc::clone(&sender));
                items.push(Submission::new(*survey_id, id, content, sender, Acceptance::OnlyOpen)?);
            }
            let known = stored(tx, items.iter().map(|item| item.id)).await?;
            let new = items.iter().filter(|item| !known.contains_key(&item.id));
            let new: Vec<Submission> = new.cloned().collect();
            let mut received: HashMap<Uuid, Received> = HashMap::new();
            if !new.is_empty() {
                let of_new = receive(tx, Quotas::default(), &new).await?;
                received.extend(new.iter().map(|item| item.id).zip(of_new));
            }
            for ((draft, _), item) in part.iter().zip(&items) {
                let outcome = match known.get(&item.id) {
                    Some(row) => compared(row, draft, item),
                    None => outcome_of(received.remove(&item.id)),
                };
                outcomes.insert(draft.row(), outcome.map_err(Box::new));
            }
        }
        Ok(Self { outcomes })
    }

    async fn record(
        &mut self,
        _: &Importer<'_>,
        _: &WriteTx,
        draft: &Draft,
        _: SheetAnswer,
    ) -> Result<Judgement, Error> {
        let outcome = self.outcomes.remove(&draft.row());
        let outcome = outcome.ok_or_else(|| Error::internal("an answer without an outcome"))?;
        outcome.map(Judgement::from).map_err(|error| *error)
    }
}

/// Returns the id of the n-th answer with one content.
fn id_of(digest: [u8; 32], copy: u64) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    for (byte, of_copy) in bytes[8..].iter_mut().zip(copy.to_be_bytes()) {
        *byte ^= of_copy;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// An answer never changes: the row has what is stored, or another answer has its id.
fn compared(row: &response::Model, draft: &Draft, item: &Submission) -> Result<Outcome, Error> {
    if row.fingerprint == item.fingerprint() {
        return Ok(Outcome::Same);
    }
    let mut known = NewResponse::from(Response::try_from(row.clone())?).normalised();
    if !draft.members.contains("comment") {
        known.comment = None;
    }
    let sent = item.content();
    let is_visible = row.survey_id == item.survey_id && row.counted_from.is_some();
    match is_visible
        && (NewResponse {
            id: known.id,
            ..sent.clone()
        }) == known
    {
        true => Ok(Outcome::Same),
        false => Err(Error::new(Code::IdConflict).at("#/id")),
    }
}

fn outcome_of(received: Option<Received>) -> Result<Outcome, Error> {
    match received {
        Some(Received::Created(_)) => Ok(Outcome::Create),
        Some(Received::AlreadyStored(_)) => Ok(Outcome::Same),
        Some(Received::Conflict) => Err(Error::new(Code::IdConflict).at("#/id")),
        Some(Received::Refused(error)) if error.code == Code::NotFound => Err(error.at("#/survey_id")),
        Some(Received::Refused(error)) => Err(error),
        Some(Received::Quarantined(_)) | None => Err(Error::internal("an answer has no outcome")),
    }
}
