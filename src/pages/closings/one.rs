//! One closing: the files that prove it, and what its values would be now.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use askama::Template;
use uuid::Uuid;

use super::Words as List;
use crate::access::permissions::RealisationsRead;
use crate::closings::dto::{Closing, ClosingRevision};
use crate::closings::query::{stored, visible};
use crate::closings::revisions;
use crate::core::period::Period;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::words;
use crate::pages::{answer, format};
use crate::platform::db::Db;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::StoredBody;
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        closing: "Penutupan" / "Closing of",
        values: "Nilai yang ditutup" / "Closed values",
        indicator: "Indikator" / "Indicator",
        closed: "Ditutup" / "Closed",
        now: "Bila dihitung sekarang" / "Computed now",
        same: "sama" / "the same",
        no_value: "tidak ada nilai" / "no value",
        why: "Mengapa" / "Why",
        proof: "Untuk diperiksa" / "To check the values",
        proof_about: "Simpan kedua berkas. Siapa pun dapat memeriksanya tanpa layanan ini; caranya ada di docs/AUDIT.md." /
            "Save both files. Anybody can check them without this service; docs/AUDIT.md says how.",
        document: "Dokumen" / "Document",
        statement: "Pernyataan bertanda tangan" / "Signed statement",
        key: "Kunci" / "Key",
        version: "Versi" / "Version",
        reason: "Alasan" / "Reason",
        same_hand: "Akun yang menutup juga mencatat data kecamatan sejak penutupan sebelumnya." /
            "The account that closed also recorded facts of the district since the closing before.",
        earlier: "Versi sebelumnya" / "Earlier version",
    }
}

#[derive(Template)]
#[template(path = "closing.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    closing: Closing,
    at: String,
    rows: Vec<Row>,
}

struct Row {
    path: String,
    name: String,
    closed: String,
    now: Option<String>,
}

/// Shows a closing.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let (lang, t) = (reader.lang, Words::of(reader.lang));
    let row = db.read_one(async |tx| visible(tx, &reader.actor, *id).await).await?;
    let closing = Closing::try_from(row)?;
    let period: Period = closing.period.parse().or_internal()?;
    let (query, paging) = (reader.query(), reader.paging(100, None));
    let read = async |facts: FactReader<'_>| {
        let plan = facts.plan([closing.district_code.as_str().to_owned()].into()).await?;
        let named = plan.in_force(period.year()).into_iter();
        let named = named.map(|one| {
            (
                one.row.code.clone(),
                (one.row.number, one.row.name.clone(), one.row.unit.clone()),
            )
        });
        let named: HashMap<String, (i32, String, String)> = named.collect();
        let revisions = revisions::list(facts, &query, *id, &paging).await?;
        Ok((revisions.items, named))
    };
    let (revisions, named) = cache.compute_for_page(&query, read).await?;
    let rows = revisions.into_iter().map(|revision: ClosingRevision| {
        let code = revision.indicator_code.as_str();
        let (name, unit) = match named.get(code) {
            Some((number, name, unit)) => (format!("IKU {number} · {name}"), unit.as_str()),
            None => (code.to_owned(), ""),
        };
        let show =
            |value: Option<_>| value.map_or_else(|| t.no_value.to_owned(), |value| format::value(value, unit, lang));
        Row {
            path: format!("/iku/{code}/{period}"),
            name,
            closed: show(revision.value),
            now: revision.revised.filter(|now| now.changed).map(|now| show(now.value)),
        }
    });
    let title = format!("{} {}", t.closing, format::period(period, lang));
    let page = Page {
        rows: rows.collect(),
        shell: reader.shell(title),
        t,
        list: List::of(lang),
        at: format::instant(closing.closed_at, lang),
        closing,
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Sends the document as it was stored.
pub async fn document(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let (name, body) = db
        .read(async |tx| {
            let row = visible(tx, &reader.actor, *id).await?;
            let body = StoredBody {
                media: "application/json",
                sha256: row.document_sha256,
                bytes: stored(tx, *id).await?.document,
            };
            Ok((format!("{}-v{}.json", row.period, row.version), body))
        })
        .await?;
    download(&req, &name, body)
}

/// Sends the statement as it was stored.
pub async fn statement(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let row = db.read_one(async |tx| visible(tx, &reader.actor, *id).await).await?;
    let body = StoredBody {
        media: "application/jwt",
        sha256: row.statement_sha256,
        bytes: row.statement.into_bytes(),
    };
    download(&req, &format!("{}-v{}.jwt", row.period, row.version), body)
}

/// Sends a file as it was stored, as an attachment.
pub fn download(req: &HttpRequest, name: &str, body: StoredBody) -> Result<HttpResponse, Error> {
    let mut response = body.respond_to(req);
    let as_file = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).or_internal()?;
    response.headers_mut().insert(CONTENT_DISPOSITION, as_file);
    Ok(response)
}
