//! Public-order cases: what is open, by status; all of one status; a new case.

mod new;
mod one;
mod parts;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::marks::Mark;
use super::names::{self, Named};
use super::reader::Reader;
use super::shell::{Shell, encoded};
use super::words::words;
use super::{answer, format, screen};
use crate::access::Section;
use crate::access::permissions::{CasesRead, CasesWrite};
use crate::core::case::CaseStatus;
use crate::core::civil;
use crate::facts::cases;
use crate::facts::cases::dto::{Case, CaseFilter, Precision};
use crate::plan::code_lists::CodeList;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    pub(super) struct Words {
        title: "Gangguan ketentraman dan ketertiban" / "Public-order cases",
        about: "Gangguan dihitung sebagai ditangani bila selesai atau dilimpahkan (IKU 3)." /
            "A case counts as handled when it is resolved or referred (IKU 3).",
        new: "Catat gangguan" / "Record a case",
        open: "Belum selesai" / "Open",
        statuses: "Keadaan" / "Status",
        reported: "Dilaporkan" / "Reported",
        verified: "Dibenarkan" / "Verified",
        handling: "Sedang ditangani" / "Being handled",
        resolved: "Selesai" / "Resolved",
        referred: "Dilimpahkan" / "Referred",
        rejected: "Ditolak" / "Rejected",
        all: "Lihat semua" / "See all",
        none: "Tidak ada." / "None.",
        no_village: "desa tidak diketahui" / "village not known",
        receipt_missing: "belum ada tanda terima" / "no receipt yet",
        saved: "Tersimpan." / "Saved.",
    }
}

/// The paths of cases.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/kasus").get(show).done())
        .service(screen("/kasus/baru").get(new::show).post(new::record).done())
        .service(screen("/kasus/{id}").get(one::show).post(one::change).done());
}

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    status: Option<String>,
    cursor: Option<String>,
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    may_write: bool,
    is_saved: bool,
    tabs: Vec<(CaseStatus, &'static str, bool)>,
    is_open: bool,
    columns: Vec<Column>,
}

/// The cases of one status.
struct Column {
    status: CaseStatus,
    mark: Mark,
    cards: Vec<Card>,
    /// The next page of this status.
    next: Option<String>,
}

struct Card {
    path: String,
    what: String,
    place: String,
    when: String,
    summary: String,
    awaits_receipt: bool,
}

/// The statuses that need work, in the order of the work.
const OPEN: [CaseStatus; 3] = [CaseStatus::Reported, CaseStatus::Verified, CaseStatus::Handling];

/// Shows what is open, or all cases of a status.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<CasesRead>()?;
    let (lang, asked) = (reader.lang, asked.into_inner());
    let chosen: Option<CaseStatus> = match asked.status.as_deref() {
        None | Some("") => None,
        Some(word) => Some(word.parse().map_err(|_| Error::not_found())?),
    };
    let (villages, categories) = (
        names::villages(&reader, &cache).await?,
        names::codes(&reader, &db, CodeList::CaseCategories).await?,
    );
    let (statuses, limit) = match chosen {
        Some(status) => (vec![status], 50),
        None => (OPEN.to_vec(), 20),
    };
    let mut columns = Vec::new();
    for status in statuses {
        let filter = of_status(&reader, status)?;
        let paging = reader.paging(limit, asked.cursor.clone().filter(|_| chosen.is_some()));
        let page = db
            .read(async |tx| cases::service::list(tx, &reader.actor, &filter, &paging).await)
            .await?;
        columns.push(Column {
            status,
            mark: mark(status, lang),
            cards: page
                .items
                .iter()
                .map(|case| card(case, &villages, &categories, lang))
                .collect(),
            next: page.next_cursor.map(|cursor| encoded(&cursor)),
        });
    }
    let t = Words::of(lang);
    let tabs = CaseStatus::ALL.map(|status| (status, mark(status, lang).word, chosen == Some(status)));
    let page = Page {
        shell: reader.shell(t.title),
        t,
        may_write: may_write(&reader),
        is_saved: asked.tersimpan.is_some(),
        tabs: tabs.into(),
        is_open: chosen.is_none(),
        columns,
    };
    answer::page(StatusCode::OK, lang, &page)
}

fn of_status(reader: &Reader, status: CaseStatus) -> Result<CaseFilter, Error> {
    Ok(CaseFilter {
        district_code: Some(reader.district()?.clone()),
        village_code: None,
        village_known: None,
        category: None,
        status: Some(status),
        occurred_from: None,
        occurred_to: None,
        recorded_by: None,
        changed_since: None,
        flagged: None,
        state: None,
        sort: None,
    })
}

/// Returns whether the person records cases.
fn may_write(reader: &Reader) -> bool {
    reader.may::<CasesWrite>() && reader.actor.ensure_section(Section::Trantibum).is_ok()
}

/// The status of a case as a mark.
fn mark(status: CaseStatus, lang: Lang) -> Mark {
    let t = Words::of(lang);
    let (class, sign, word) = match status {
        CaseStatus::Reported => ("warn", "○", t.reported),
        CaseStatus::Verified => ("warn", "◐", t.verified),
        CaseStatus::Handling => ("late", "◑", t.handling),
        CaseStatus::Resolved => ("good", "✓", t.resolved),
        CaseStatus::Referred => ("good", "→", t.referred),
        CaseStatus::Rejected => ("idle", "✗", t.rejected),
    };
    Mark { class, sign, word }
}

/// Returns when a case occurred: its day, and the time where it is known.
fn when(case: &Case, lang: Lang) -> String {
    match case.occurred_precision {
        Precision::Instant => format::instant(case.occurred_at, lang),
        Precision::Day => format::day(civil::date_of(case.occurred_at), lang),
    }
}

/// Returns where a case occurred.
fn place(case: &Case, villages: &HashMap<String, String>, lang: Lang) -> String {
    match &case.village_code {
        Some(code) => villages.get(code.as_str()).cloned().unwrap_or_else(|| code.to_string()),
        None => Words::of(lang).no_village.to_owned(),
    }
}

/// Returns whether the receipt of a referral that counts is missing.
fn awaits_receipt(case: &Case) -> bool {
    let mut counting = case.events.iter().filter(|event| event.withdrawn_by.is_none());
    case.status == CaseStatus::Referred && counting.any(|event| event.receipt_missing)
}

fn card(case: &Case, villages: &HashMap<String, String>, categories: &[Named], lang: Lang) -> Card {
    Card {
        path: format!("/kasus/{}", case.id),
        what: names::of(categories, case.category.as_str()).to_owned(),
        place: place(case, villages, lang),
        when: when(case, lang),
        summary: case.summary.clone(),
        awaits_receipt: awaits_receipt(case),
    }
}
