//! One case: its events, and the next steps as buttons.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::parts::{NAMES, fields, in_form, join_time, villages};
use super::{Words as Cases, awaits_receipt, mark, may_write, place, when};
use crate::access::permissions::{CasesRead, CasesWrite};
use crate::core::case::{EventKind, possible};
use crate::core::civil;
use crate::evidence::record::Record;
use crate::facts::cases::dto::{Case, CasePatch, Precision};
use crate::facts::cases::event::NewCaseEvent;
use crate::facts::cases::service;
use crate::pages::evidence::Evidence;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::names::{self, Named};
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format};
use crate::plan::code_lists::CodeList;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::deletion::Restoration;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    pub(super) struct Words {
        village: "Desa/kelurahan" / "Village",
        category: "Kategori" / "Category",
        occurred: "Terjadi" / "Occurred",
        doubt: "Terjadi lebih dari dua tahun sebelum dicatat; periksa tahunnya." / "It occurred more than two years before it was recorded; check the year.",
        events: "Perjalanan" / "Events",
        verified: "Dibenarkan" / "Verified",
        handling: "Ditangani" / "Being handled",
        resolved: "Selesai" / "Resolved",
        referred: "Dilimpahkan" / "Referred",
        receipt_added: "Tanda terima masuk" / "Receipt received",
        returned: "Dikembalikan oleh penerima" / "Handed back",
        rejected: "Ditolak" / "Rejected",
        reopened: "Dibuka kembali" / "Reopened",
        withdrawn: "Langkah terakhir ditarik" / "Last step taken back",
        do_verified: "Benarkan" / "Verify",
        do_handling: "Mulai tangani" / "Begin handling",
        do_resolved: "Nyatakan selesai" / "Resolve",
        do_referred: "Limpahkan" / "Refer",
        do_receipt_added: "Catat tanda terima" / "Record the receipt",
        do_returned: "Catat dikembalikan" / "Record that it was handed back",
        do_rejected: "Tolak" / "Reject",
        do_reopened: "Buka kembali" / "Reopen",
        do_withdrawn: "Tarik langkah terakhir" / "Take the last step back",
        at: "Waktu" / "Time",
        at_hint: "WITA; kosong berarti sekarang." / "WITA; empty means now.",
        note: "Catatan" / "Note",
        why: "Alasan" / "Reason",
        referred_to: "Dilimpahkan kepada" / "Referred to",
        receipt: "Tanda terima" / "Receipt",
        taken_back: "ditarik" / "taken back",
        correct: "Perbaiki catatan" / "Correct the record",
        delete: "Hapus gangguan" / "Delete the case",
        recorded: "Dicatat" / "Recorded",
        by: "oleh" / "by",
    }
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    cases: &'static Cases,
    lang: Lang,
    case: Case,
    category: String,
    place: String,
    when: String,
    mark: Mark,
    awaits_receipt: bool,
    evidence: Option<Evidence>,
    actions: Vec<Action>,
    faults: Faults,
    is_saved: bool,
}

impl Page {
    fn instant(&self, at: &DateTime<Utc>) -> String {
        format::instant(*at, self.lang)
    }

    fn event(&self, kind: &EventKind) -> &'static str {
        words_of(*kind, self.t).0
    }
}

/// Returns what an event is called, and what its button says.
fn words_of(kind: EventKind, t: &Words) -> (&'static str, &'static str) {
    match kind {
        EventKind::Verified => (t.verified, t.do_verified),
        EventKind::Handling => (t.handling, t.do_handling),
        EventKind::Resolved => (t.resolved, t.do_resolved),
        EventKind::Referred => (t.referred, t.do_referred),
        EventKind::ReceiptAdded => (t.receipt_added, t.do_receipt_added),
        EventKind::Returned => (t.returned, t.do_returned),
        EventKind::Rejected => (t.rejected, t.do_rejected),
        EventKind::Reopened => (t.reopened, t.do_reopened),
        EventKind::Withdrawn => (t.withdrawn, t.do_withdrawn),
    }
}

/// A case with the names that its page needs.
struct Found {
    case: Case,
    villages: Vec<Named>,
    categories: Vec<Named>,
    evidence: Option<Evidence>,
}

async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, id: &str) -> Result<Found, Error> {
    reader.require::<CasesRead>()?;
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    Ok(Found {
        case: db.read(async |tx| service::get(tx, &reader.actor, id).await).await?,
        villages: villages(reader, cache).await?,
        categories: names::codes(reader, db, CodeList::CaseCategories).await?,
        evidence: Evidence::of(reader, db, &Record::Case(id)).await?,
    })
}

/// Shows a case.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let found = find(&reader, &db, &cache, &id).await?;
    page(&reader, found, None, Faults::default(), asked.tersimpan.is_some())
}

fn page(
    reader: &Reader,
    found: Found,
    posted: Option<&Posted>,
    faults: Faults,
    is_saved: bool,
) -> Result<HttpResponse, Error> {
    let (t, lang) = (Words::of(reader.lang), reader.lang);
    let actions = actions(reader, &found, t)
        .into_iter()
        .map(|action| action.after(posted, &faults));
    let actions = actions.collect();
    let villages = found.villages.into_iter().collect();
    let category = names::of(&found.categories, found.case.category.as_str()).to_owned();
    let page = Page {
        place: place(&found.case, &villages, lang),
        when: when(&found.case, lang),
        mark: mark(found.case.status, lang),
        awaits_receipt: awaits_receipt(&found.case),
        shell: reader.shell(category.as_str()),
        category,
        case: found.case,
        evidence: found.evidence,
        cases: Cases::of(lang),
        actions,
        faults,
        is_saved,
        lang,
        t,
    };
    answer::page(page.faults.status(), lang, &page)
}

fn actions(reader: &Reader, found: &Found, t: &'static Words) -> Vec<Action> {
    if !may_write(reader) {
        return Vec::new();
    }
    let case = &found.case;
    let mut actions: Vec<Action> = possible(case.status).map(|kind| step(kind, t)).collect();
    let reason = || Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    let correction = fields(found.villages.clone(), found.categories.clone(), reader.lang).into_iter();
    let mut correction: Vec<Field> = correction.map(|field| filled(field, case)).collect();
    correction.push(reason());
    let etag = case.etag();
    actions.push(Action::new("perbaiki", t.correct, correction).of_version(&etag));
    let delete = Action::new("hapus", t.delete, vec![reason().required()]);
    actions.push(delete.danger().of_version(&etag));
    actions
}

/// Returns the form of an event.
fn step(kind: EventKind, t: &'static Words) -> Action {
    let at = Field::new("at", t.at, Kind::Instant).hint(t.at_hint);
    let note = Field::new("note", t.note, Kind::Lines).longest(2000);
    let receipt = Field::new("receipt", t.receipt, Kind::Line("off")).longest(2000);
    let to = Field::new("referred_to", t.referred_to, Kind::Line("off")).longest(200);
    let fields = match kind {
        EventKind::Referred => vec![to.required(), receipt, at, note],
        EventKind::ReceiptAdded => vec![receipt.required(), at, note],
        EventKind::Withdrawn => vec![Field::new("note", t.why, Kind::Lines).longest(2000).required()],
        _ => vec![at, note],
    };
    let action = Action::new(kind.as_str(), words_of(kind, t).1, fields);
    match kind {
        EventKind::Rejected | EventKind::Withdrawn => action.danger(),
        _ => action,
    }
}

/// Fills a field with what is recorded.
fn filled(field: Field, case: &Case) -> Field {
    let day = civil::date_of(case.occurred_at);
    let value = match field.name {
        "village_code" => case.village_code.as_ref().map(ToString::to_string).unwrap_or_default(),
        "category" => case.category.to_string(),
        "occurred_on" => day.to_string(),
        "occurred_time" if case.occurred_precision == Precision::Instant => format::time(case.occurred_at),
        "summary" => case.summary.clone(),
        _ => String::new(),
    };
    field.value(value)
}

/// Records an event, corrects the case, or deletes it.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<CasesWrite>()?;
    let found = find(&reader, &db, &cache, &id).await?;
    let id = found.case.id;
    match apply(&reader, &db, id, posted.clone()).await {
        Ok(()) if posted.text("aksi") == "hapus" => answer::see_other("/kasus?tersimpan=1"),
        Ok(()) => answer::see_other(&format!("/kasus/{id}?tersimpan=1")),
        Err(error) => {
            let names = [NAMES.as_slice(), &["at", "note", "referred_to", "receipt", "reason"]].concat();
            let faults = Faults::of(in_form(error), reader.lang, &names)?;
            page(&reader, found, Some(&posted), faults, false)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, id: Uuid, mut posted: Posted) -> Result<(), Error> {
    let (actor, text) = (&reader.actor, Member::Text);
    match posted.text("aksi") {
        "perbaiki" => {
            join_time(&mut posted);
            let members = [
                Member::OrNull("village_code"),
                text("category"),
                text("occurred_at"),
                text("summary"),
                text("reason"),
            ];
            let (seen, patch) = (posted.if_match()?, posted.patch::<CasePatch>(&members)?);
            db.write(async |tx| service::patch(tx, actor, id, &seen, patch).await)
                .await?;
        }
        "hapus" => {
            let reason = posted.body::<Restoration>(&[text("reason")])?.reason;
            let seen = posted.if_match()?;
            db.write(async |tx| service::delete(tx, actor, id, &seen, reason).await)
                .await?;
        }
        kind => {
            let kind: EventKind = kind.parse().map_err(|_| Error::new(Code::BadRequest))?;
            posted.set("kind", kind);
            if posted.text("at").is_empty() {
                posted.set("at", reader.now.to_rfc3339());
            }
            let members = [
                text("kind"),
                Member::Instant("at"),
                text("note"),
                text("referred_to"),
                text("receipt"),
            ];
            let event: NewCaseEvent = posted.body(&members)?;
            db.write(async |tx| service::add_event(tx, actor, id, event).await)
                .await?;
        }
    }
    Ok(())
}
