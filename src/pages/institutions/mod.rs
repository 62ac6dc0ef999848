//! The register of institutions: first those whose terms end soon, then all.

mod new;
mod one;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::marks::Mark;
use super::names::{self, Named};
use super::reader::Reader;
use super::shell::{Shell, encoded};
use super::words::words;
use super::{answer, format, screen};
use crate::access::Section;
use crate::access::permissions::{InstitutionsRead, InstitutionsWrite};
use crate::core::institution::{self as core, InactiveReason, Term, WARNING_DAYS};
use crate::facts::institutions;
use crate::facts::institutions::decree_dto::InstitutionDecree;
use crate::facts::institutions::dto::{Institution, InstitutionFilter};
use crate::plan::code_lists::CodeList;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::Slug;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    pub(super) struct Words {
        title: "Lembaga kemasyarakatan desa" / "Village institutions",
        about: "Lembaga aktif selama ada Keputusan Kepala Desa yang berlaku (IKU 2)." /
            "An institution is active while a village decree is in force (IKU 2).",
        ending: "Berakhir dalam 90 hari" / "Ending within 90 days",
        none_ending: "Tidak ada masa bakti yang berakhir dalam 90 hari." / "No term ends within 90 days.",
        register: "Register" / "Register",
        new: "Catat lembaga" / "Record an institution",
        village: "Desa" / "Village",
        kind: "Jenis" / "Kind",
        name: "Nama" / "Name",
        decree: "Keputusan Kepala Desa" / "Village decree",
        until: "Berlaku sampai" / "In force until",
        state: "Keadaan" / "State",
        active: "Aktif" / "Active",
        soon: "Segera berakhir" / "Ending soon",
        lapsed: "Berakhir" / "Lapsed",
        revoked: "Dicabut" / "Revoked",
        not_started: "Belum berlaku" / "Not in force yet",
        every: "semua" / "all",
        filter: "Tampilkan" / "Show",
        empty: "Tidak ada lembaga." / "There are no institutions.",
        saved: "Tersimpan." / "Saved.",
    }
}

/// The paths of institutions.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/lembaga").get(show).done())
        .service(screen("/lembaga/baru").get(new::show).post(new::record).done())
        .service(screen("/lembaga/{id}").get(one::show).post(one::change).done());
}

/// The query of the register.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    desa: Option<String>,
    jenis: Option<String>,
    cursor: Option<String>,
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "institutions.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    may_write: bool,
    is_saved: bool,
    is_first: bool,
    ending: Vec<Row>,
    rows: Vec<Row>,
    villages: Vec<Named>,
    kinds: Vec<Named>,
    village: String,
    kind: String,
    next: Option<String>,
}

struct Row {
    path: String,
    name: String,
    kind: String,
    village: String,
    decree: String,
    until: String,
    mark: Mark,
}

/// Shows the register.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<InstitutionsRead>()?;
    let (asked, today, lang) = (asked.into_inner(), reader.today(), reader.lang);
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (village, kind) = (given(&asked.desa), given(&asked.jenis));
    let mut filter = everything(&reader)?;
    filter.village_code = village
        .as_ref()
        .map(|code| code.parse())
        .transpose()
        .map_err(|_| Error::not_found())?;
    filter.kind = kind
        .as_ref()
        .map(|code| code.parse::<Slug>())
        .transpose()
        .map_err(|_| Error::not_found())?;
    let is_first = asked.cursor.is_none();
    let soon = InstitutionFilter {
        expires_before: today.checked_add_days(Days::new(WARNING_DAYS)),
        ..filter.clone()
    };
    let (all, first) = (reader.paging(50, asked.cursor), reader.paging(100, None));
    let read = db.read(async |tx| {
        let page = institutions::service::list(tx, &reader.actor, &filter, &all, today).await?;
        let ending = match is_first {
            true => {
                institutions::service::list(tx, &reader.actor, &soon, &first, today)
                    .await?
                    .items
            }
            false => Vec::new(),
        };
        Ok((page, ending))
    });
    let (page, mut ending) = read.await?;
    ending.sort_by_key(|institution| core::active_until(today, &terms(institution)));
    let (villages, kinds) = (
        names::villages(&reader, &cache).await?,
        names::codes(&reader, &db, CodeList::InstitutionKinds).await?,
    );
    let row = |institution: &Institution| row(institution, &villages, &kinds, today, lang);
    let t = Words::of(lang);
    let shown = Page {
        shell: reader.shell(t.title),
        t,
        may_write: may_write(&reader),
        is_saved: asked.tersimpan.is_some(),
        is_first,
        ending: ending.iter().map(row).collect(),
        rows: page.items.iter().map(row).collect(),
        villages: names::choices(t.every, names::desa(&reader, &cache).await?),
        kinds: names::choices(t.every, kinds.clone()),
        village: village.unwrap_or_default(),
        kind: kind.unwrap_or_default(),
        next: page.next_cursor.map(|cursor| encoded(&cursor)),
    };
    answer::page(StatusCode::OK, lang, &shown)
}

fn everything(reader: &Reader) -> Result<InstitutionFilter, Error> {
    Ok(InstitutionFilter {
        district_code: Some(reader.district()?.clone()),
        village_code: None,
        kind: None,
        active_on: None,
        expires_before: None,
        recorded_by: None,
        changed_since: None,
        suspected: None,
        state: None,
        sort: None,
    })
}

/// Returns whether the person records institutions.
fn may_write(reader: &Reader) -> bool {
    reader.may::<InstitutionsWrite>() && reader.actor.ensure_section(Section::Pmd).is_ok()
}

/// Returns the terms as the core reads them.
fn terms(institution: &Institution) -> Vec<Term> {
    institution.decrees.iter().map(term).collect()
}

fn term(decree: &InstitutionDecree) -> Term {
    Term {
        starts_on: decree.starts_on,
        ends_on: Some(decree.ends_on),
        revoked_on: decree.revoked_on,
    }
}

/// Returns the state of an institution on a day.
fn mark(institution: &Institution, today: NaiveDate, lang: Lang) -> Mark {
    let (t, terms) = (Words::of(lang), terms(institution));
    let (class, sign, word) = match core::check_active(today, &terms) {
        Ok(()) if core::is_expiring(today, &terms) => ("warn", "◆", t.soon),
        Ok(()) => ("good", "✓", t.active),
        Err(InactiveReason::Lapsed) => ("bad", "!", t.lapsed),
        Err(InactiveReason::Revoked) => ("bad", "✗", t.revoked),
        Err(InactiveReason::NotStarted) => ("idle", "–", t.not_started),
    };
    Mark { class, sign, word }
}

fn row(
    institution: &Institution,
    villages: &HashMap<String, String>,
    kinds: &[Named],
    today: NaiveDate,
    lang: Lang,
) -> Row {
    let code = institution.village_code.as_str();
    let last = institution
        .decrees
        .iter()
        .max_by_key(|decree| (decree.starts_on, decree.ends_on));
    let until = core::active_until(today, &terms(institution)).or_else(|| last.map(|decree| decree.ends_on));
    Row {
        path: format!("/lembaga/{}", institution.id),
        name: institution.name.clone(),
        kind: names::of(kinds, institution.kind.as_str()).to_owned(),
        village: villages.get(code).cloned().unwrap_or_else(|| code.to_owned()),
        decree: last.map(|decree| decree.number.clone()).unwrap_or_default(),
        until: until.map(|day| format::day(day, lang)).unwrap_or_default(),
        mark: mark(institution, today, lang),
    }
}
