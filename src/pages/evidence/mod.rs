//! Evidence (bukti dukung): the files of a record, on the record's own page and on a page of their own, where they are added and
//! withdrawn.

mod upload;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;
use uuid::Uuid;

use super::form::{Faults, Member, Posted};
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen};
use crate::access::permissions::EvidenceRead;
use crate::core::period::Period;
use crate::evidence::dto::{EvidenceLink, NewEvidenceLink};
use crate::evidence::links::{self, MOST_LINKS};
use crate::evidence::media::MediaType;
use crate::evidence::record::{Record, RecordType};
use crate::evidence::{EvidenceStore, upload as files};
use crate::facts::reports;
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::body::typed;
use crate::platform::http::deletion::Restoration;
use crate::platform::http::{Contract, Resource, Sha256};

words! {
    /// The texts of evidence.
    pub struct Words {
        title: "Bukti dukung" / "Evidence",
        none: "Belum ada berkas." / "No file yet.",
        file: "Berkas" / "File",
        file_hint: "PDF, JPEG, atau PNG, paling besar 10 MiB." / "PDF, JPEG or PNG, at most 10 MiB.",
        add: "Tambah bukti" / "Add evidence",
        withdraw: "Lepas" / "Withdraw",
        withdraw_about: "Tautannya dilepas; berkasnya tetap tersimpan." / "The link is withdrawn; the file is kept.",
        by: "oleh" / "by",
        nothing_sent: "Pilih berkas lebih dahulu." / "Choose a file first.",
        record: "Ke catatannya" / "To the record",
    }
}

/// The paths of evidence.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/bukti/berkas/{sha256}").get(file).done())
        .service(screen("/bukti/tautan/{id}").post(withdraw).done())
        .service(screen("/bukti/{type}/{key}").get(show).post(add).done())
        .service(screen("/bukti/{type}/{key}/{part}").get(show).post(add).done());
}

/// The evidence of one record, as `evidence.html` shows it.
#[derive(Debug)]
pub struct Evidence {
    pub t: &'static Words,
    /// Its page, where files are added.
    pub path: String,
    /// What the ids of its fields end with.
    pub id: String,
    /// Which part of the record the files belong to, if it has several.
    pub about: Option<String>,
    pub rows: Vec<Row>,
    pub may_write: bool,
    pub may_add: bool,
}

/// A file that is linked.
#[derive(Debug)]
pub struct Row {
    pub id: Uuid,
    pub etag: String,
    pub name: String,
    pub path: String,
    pub kind: &'static str,
    pub kib: i64,
    pub by: String,
    pub at: String,
}

impl Evidence {
    /// Reads the evidence of a record; `None` if the person may not read any.
    pub async fn of(reader: &Reader, db: &Db, record: &Record) -> Result<Option<Self>, Error> {
        if !reader.may::<EvidenceRead>() {
            return Ok(None);
        }
        let paging = reader.paging(MOST_LINKS, None);
        let read = db.read(async |tx| {
            let linked = links::list(tx, &reader.actor, record, &paging).await?.items;
            Ok((linked, may_write(tx, reader, record).await?))
        });
        let (linked, may_write) = read.await?;
        let (key, part) = record.key();
        let is_full = u64::try_from(linked.len()).unwrap_or(u64::MAX) >= MOST_LINKS;
        Ok(Some(Self {
            t: Words::of(reader.lang),
            path: path_of(record),
            id: if part.is_empty() { key } else { part },
            about: None,
            rows: linked.iter().map(|link| row(link, reader)).collect(),
            may_write,
            may_add: may_write && !is_full,
        }))
    }

    /// Names the part of the record.
    pub fn about(self, about: impl Into<String>) -> Self {
        Self {
            about: Some(about.into()),
            ..self
        }
    }
}

fn row(link: &EvidenceLink, reader: &Reader) -> Row {
    Row {
        id: link.id,
        etag: link.etag().to_string(),
        name: link.file_name.clone(),
        path: format!("/bukti/berkas/{}", link.sha256),
        kind: match link.media_type {
            MediaType::Pdf => "PDF",
            MediaType::Jpeg => "JPEG",
            MediaType::Png => "PNG",
        },
        kib: link.bytes.saturating_add(1023) / 1024,
        by: link.recorded_by.clone(),
        at: format::instant(link.recorded_at, reader.lang),
    }
}

/// Returns whether the person may write a record, and so its evidence.
async fn may_write(tx: &ReadTx, reader: &Reader, record: &Record) -> Result<bool, Error> {
    if !reader.actor.scopes.contains(&record.record_type().scope()) {
        return Ok(false);
    }
    let owner = record.owner(tx, &reader.actor).await?;
    match owner.ensure_may_write(tx, &reader.actor).await {
        Ok(()) => Ok(true),
        Err(error) if error.code == Code::WrongSection => Ok(false),
        Err(error) => Err(error),
    }
}

fn path_of(record: &Record) -> String {
    let (key, part) = record.key();
    match part.is_empty() {
        true => format!("/bukti/{}/{key}", record.record_type()),
        false => format!("/bukti/{}/{key}/{part}", record.record_type()),
    }
}

/// Returns the record of a path; 404 for other paths.
fn record_of(req: &HttpRequest) -> Result<Record, Error> {
    let part = |name| req.match_info().get(name);
    let id = |name| {
        part(name)
            .and_then(|text| text.parse::<Uuid>().ok())
            .ok_or_else(Error::not_found)
    };
    let kind: Option<RecordType> = part("type").and_then(|text| text.parse().ok());
    Ok(match (kind, part("part")) {
        (Some(RecordType::Report), None) => Record::Report(id("key")?),
        (Some(RecordType::Case), None) => Record::Case(id("key")?),
        (Some(RecordType::Survey), None) => Record::Survey(id("key")?),
        (Some(RecordType::InstitutionDecree), Some(_)) => Record::InstitutionDecree {
            institution: id("key")?,
            decree: id("part")?,
        },
        (Some(RecordType::Target), Some(period)) => Record::Target {
            indicator: part("key").unwrap_or_default().to_owned(),
            period: period
                .parse()
                .ok()
                .and_then(Period::target_period)
                .ok_or_else(Error::not_found)?,
        },
        _ => return Err(Error::not_found()),
    })
}

/// Returns the page of a record.
async fn page_of(tx: &ReadTx, reader: &Reader, record: &Record) -> Result<String, Error> {
    Ok(match record {
        Record::Report(id) => {
            let report = reports::service::get(tx, &reader.actor, *id).await?;
            format!(
                "/laporan/{}/{}/{}",
                report.village_code, report.kind, report.fiscal_year
            )
        }
        Record::InstitutionDecree { institution, .. } => format!("/lembaga/{institution}"),
        Record::Case(id) => format!("/kasus/{id}"),
        Record::Survey(id) => format!("/survei/{id}"),
        Record::Target { indicator, period } => format!("/target/{indicator}/{period}"),
    })
}

#[derive(Template)]
#[template(path = "evidence_page.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    /// The page of the record.
    back: String,
    evidence: Option<Evidence>,
    faults: Faults,
}

async fn page(reader: &Reader, db: &Db, record: &Record, faults: Faults) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let page = Page {
        shell: reader.shell(t.title),
        t,
        back: db.read(async |tx| page_of(tx, reader, record).await).await?,
        evidence: Evidence::of(reader, db, record).await?,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Shows the evidence of a record.
pub async fn show(reader: Reader, req: HttpRequest, db: web::Data<Db>) -> Result<HttpResponse, Error> {
    reader.require::<EvidenceRead>()?;
    page(&reader, &db, &record_of(&req)?, Faults::default()).await
}

/// Sends a file that is linked to a record which the person sees.
pub async fn file(
    reader: Reader,
    (db, store): (web::Data<Db>, web::Data<EvidenceStore>),
    sha256: web::Path<String>,
) -> Result<crate::platform::http::stored_file::StoredFile, Error> {
    reader.require::<EvidenceRead>()?;
    let sha256 = Sha256::try_from(sha256.into_inner()).map_err(|_| Error::not_found())?;
    links::open(&db, &store, &reader.actor, &sha256).await
}

/// Stores the file of a form, and links it to the record.
pub async fn add(
    reader: Reader,
    req: HttpRequest,
    (db, store, contract): (web::Data<Db>, web::Data<EvidenceStore>, web::Data<Contract>),
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    reader.require::<EvidenceRead>()?;
    let record = record_of(&req)?;
    let actor = &reader.actor;
    // Before anything is read: nobody else's file comes to the disk.
    crate::access::guard::ensure_scope(actor, record.record_type().scope())?;
    let may_write = db.read(async |tx| record.owner(tx, actor).await?.ensure_may_write(tx, actor).await);
    may_write.await?;
    let added = async {
        let Some(mut sent) = upload::first_file(&req, payload).await? else {
            return Err(nothing_sent());
        };
        let file_name = sent.name.clone();
        let stored = files::store_unnamed(&db, &store, actor, async || sent.next().await).await?;
        let body = json!({"sha256": stored.sha256, "file_name": file_name});
        contract.check_body("NewEvidenceLink", &body)?;
        let new: NewEvidenceLink = typed(body)?;
        db.write(async |tx| links::create(tx, actor, &record, new).await).await
    };
    match added.await {
        Ok(_) => answer::see_other(&db.read(async |tx| page_of(tx, &reader, &record).await).await?),
        Err(error) => page(&reader, &db, &record, Faults::of(error, reader.lang, &[])?).await,
    }
}

fn nothing_sent() -> Error {
    let (id, en) = (Words::ID.nothing_sent, Words::EN.nothing_sent);
    Error::new(Code::RuleBroken).detail(id, en)
}

/// Withdraws the link of a file from its record.
pub async fn withdraw(
    reader: Reader,
    db: web::Data<Db>,
    id: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<EvidenceRead>()?;
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let record = db
        .read(async |tx| links::record_of(tx, &reader.actor, id).await)
        .await?;
    let done = async {
        let reason = posted.body::<Restoration>(&[Member::Text("reason")])?.reason;
        let seen = posted.if_match()?;
        db.write(async |tx| links::delete(tx, &reader.actor, id, &seen, reason).await)
            .await
    };
    match done.await {
        Ok(()) => answer::see_other(&db.read(async |tx| page_of(tx, &reader, &record).await).await?),
        Err(error) => page(&reader, &db, &record, Faults::of(error, reader.lang, &[])?).await,
    }
}
