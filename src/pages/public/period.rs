//! The closed values of a period, and the files that prove them.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use ::entity::closing;

use super::{Visitor, Words as List, district_of};
use crate::access::auth::closing_keys;
use crate::access::enrolments::link::qr_svg;
use crate::closings::published;
use crate::closings::query::stored;
use crate::core::formula::Unit;
use crate::core::period::Period;
use crate::pages::closings::download;
use crate::pages::home::Head;
use crate::pages::shell::Shell;
use crate::pages::words::words;
use crate::pages::{answer, format};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{DistrictCode, StoredBody};

words! {
    struct Words {
        values: "Nilai yang ditutup" / "Closed values",
        indicator: "Indikator" / "Indicator",
        unit: "Satuan" / "Unit",
        percent: "persen" / "percent",
        index: "indeks" / "index",
        count: "jumlah" / "count",
        value: "Nilai" / "Value",
        no_value: "tidak ada nilai" / "no value",
        target: "Target" / "Target",
        achievement: "Capaian" / "Achievement",
        category: "Kategori" / "Category",
        closing: "Penutupan" / "Closing",
        by: "Oleh" / "By",
        at: "Waktu" / "Time",
        reason: "Alasan" / "Reason",
        replaced: "Periode ini ditutup lagi. Yang berlaku adalah versi terbaru." /
            "This period was closed again. The newest version is in effect.",
        newest: "Versi terbaru" / "The newest version",
        others: "Versi lain" / "Other versions",
        proof: "Untuk diperiksa" / "To check the values",
        document: "Dokumen" / "Document",
        statement: "Pernyataan bertanda tangan" / "Signed statement",
        keys: "Kunci penutupan" / "Keys of closings",
        fingerprint: "Sidik jari kunci yang menandatangani" / "Fingerprint of the key that signed",
        unknown_key: "tidak diketahui" / "not known",
        step_files: "Unduh dokumen, pernyataan dan kunci; dokumen memuat setiap nilai dengan catatan di baliknya." /
            "Download the document, the statement and the keys; the document has every value with the records behind it.",
        step_run: "Jalankan docs/verify.py dari kode sumber layanan ini dengan ketiga berkas itu: ia memeriksa tanda tangan dan SHA-256 tanpa layanan ini." /
            "Run docs/verify.py of this service's source code on the three files: it checks the signature and the SHA-256 without this service.",
        step_compare: "Kantor mengumumkan sidik jari kunci juga di tempat lain. Bandingkan keduanya: pemilik server dapat membuat kunci lain." /
            "The office publishes the fingerprint of the key in another place, too. Compare both: the owner of the server can make another key.",
        how: "Cara memeriksa" / "How to check",
        qr: "Kode QR alamat halaman ini" / "QR code of the address of this page",
    }
}

/// The most other versions that a page names. Each of them names its neighbours.
const MOST_VERSIONS: u64 = 20;

/// The query of a period's page: an earlier version.
#[derive(Debug, Deserialize)]
pub struct Asked {
    versi: Option<i32>,
}

#[derive(Template)]
#[template(path = "public_period.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    district: String,
    district_path: String,
    here: String,
    values: Vec<Value>,
    closing: closing::Model,
    office: String,
    at: String,
    /// Whether a newer version is in effect.
    is_replaced: bool,
    /// Version, time and path of the others, the newest first.
    others: Vec<(i32, String, String)>,
    fingerprint: Option<String>,
    address: String,
    qr: String,
}

struct Value {
    name: String,
    unit: &'static str,
    head: Head,
}

/// Returns the period that equivalent periods are closed under; 404 for other texts.
fn period_of(text: &str) -> Result<Period, Error> {
    let period = text.parse().ok().and_then(Period::target_period);
    period.ok_or_else(Error::not_found)
}

/// Shows the newest closing of a period, or the version that was asked for.
pub async fn show(
    visitor: Visitor,
    (db, public_url): (web::Data<Db>, web::Data<PublicUrl>),
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let (code, period) = (district_of(&path.0)?, period_of(&path.1)?);
    let (name, here) = (period.to_string(), format!("/publik/{code}/{period}"));
    let read = db.read(async |tx| {
        let (district, versions) = (
            published::district(tx, code.as_str()).await?.name,
            published::versions(tx, code.as_str(), &name, MOST_VERSIONS).await?,
        );
        let newest = versions.first().ok_or_else(Error::not_found)?.version;
        let closing = published::version(tx, code.as_str(), &name, asked.versi.unwrap_or(newest)).await?;
        let closing = closing.ok_or_else(Error::not_found)?;
        let values = published::values(tx, closing.id).await?;
        let keys = closing_keys::list(tx).await?;
        let signed = keys.into_iter().find(|key| key.kid == closing.kid);
        let fingerprint = signed.map(|key| closing_keys::fingerprint(&key.public_key));
        Ok((district, versions, newest, closing, values, fingerprint))
    });
    let (district, versions, newest, closing, values, fingerprint) = read.await?;
    if path.1 != name {
        return answer::see_other(&here);
    }
    let (lang, t) = (visitor.lang, Words::of(visitor.lang));
    let mut values: Vec<_> = values.values().map(|value| value.in_lang(lang)).collect();
    values.sort_by_key(|value| (value.indicator.number, value.indicator.code.to_string()));
    let values = values.into_iter().map(|value| Value {
        name: format!("IKU {} · {}", value.indicator.number, value.indicator.name),
        unit: match value.indicator.unit.parse() {
            Ok(Unit::Percent) => t.percent,
            Ok(Unit::Index) => t.index,
            Ok(Unit::Count) | Err(_) => t.count,
        },
        head: Head::of(value, lang),
    });
    let others = versions.iter().filter(|other| other.version != closing.version);
    let others = others.map(|other| {
        let at = format::instant(other.closed_at, lang);
        let path = match other.version == newest {
            true => here.clone(),
            false => format!("{here}?versi={}", other.version),
        };
        (other.version, at, path)
    });
    let address = format!("{}{here}", public_url.for_caller(&visitor.req));
    visitor.page(&Page {
        values: values.collect(),
        others: others.collect(),
        shell: visitor.shell(format!("{} {}", List::of(lang).title, format::period(period, lang))),
        t,
        list: List::of(lang),
        district,
        district_path: format!("/publik/{code}?tahun={}", period.year()),
        office: published::office_of_closer(&closing)?,
        at: format::instant(closing.closed_at, lang),
        is_replaced: closing.version != newest,
        closing,
        fingerprint,
        qr: STANDARD.encode(qr_svg(&address)?),
        address,
        here,
    })
}

/// The address of a file names its content, so the content never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Sends a document or a statement by its hash, byte by byte as it was stored: `{sha256}.json`, `{sha256}.jwt`.
pub async fn file(
    visitor: Visitor,
    db: web::Data<Db>,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    let (code, period) = (district_of(&path.0)?, period_of(&path.1)?);
    let (sha256, ending) = path.2.rsplit_once('.').ok_or_else(Error::not_found)?;
    let read = db.read(async |tx| {
        let row = published::of_hash(tx, code.as_str(), &period.to_string(), sha256).await?;
        let row = row.ok_or_else(Error::not_found)?;
        let name = file_name(&code, &row, ending);
        let body = match ending {
            "json" if row.document_sha256 == sha256 => StoredBody {
                media: "application/json",
                bytes: stored(tx, row.id).await?.document,
                sha256: row.document_sha256,
            },
            "jwt" if row.statement_sha256 == sha256 => StoredBody {
                media: "application/jwt",
                bytes: row.statement.into_bytes(),
                sha256: row.statement_sha256,
            },
            _ => return Err(Error::not_found()),
        };
        Ok((name, body))
    });
    let (name, body) = read.await?;
    let mut response = download(&visitor.req, &name, body)?;
    response.headers_mut().insert(CACHE_CONTROL, IMMUTABLE);
    Ok(response)
}

fn file_name(district: &DistrictCode, row: &closing::Model, ending: &str) -> String {
    format!("iku-{district}-{}-v{}.{ending}", row.period, row.version)
}
