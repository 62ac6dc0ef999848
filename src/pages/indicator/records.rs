//! Every record that the formula judged, with its verdict.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{OK, Subject};
use crate::access::permissions::{RealisationsRead, ReportsRead};
use crate::core::formula::Exclusion;
use crate::pages::reader::Reader;
use crate::pages::shell::{Shell, encoded};
use crate::pages::words::words;
use crate::pages::{answer, format};
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::realisations::dto::{
    JudgedRecord, JudgedRecordFilter, OwedReport, RecordReference, RecordType, VerdictCode,
};
use crate::results::realisations::service;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        title: "Catatan dan putusannya" / "Records and their verdicts",
        about: "Nilai dapat dihitung ulang dari daftar ini saja." / "The value can be computed again from this list alone.",
        all: "Semua" / "All",
        contributing: "Dihitung" / "Counts",
        excluded: "Tidak dihitung" / "Does not count",
        verdict: "Putusan" / "Verdict",
        record: "Catatan" / "Record",
        village: "Desa/kelurahan" / "Village",
        why: "Alasan" / "Reason",
        recorded: "Dicatat" / "Recorded",
        survey: "Survei" / "Survey",
        institution: "Lembaga" / "Institution",
        case: "Gangguan" / "Case",
        report: "Laporan" / "Report",
        empty: "Tidak ada catatan." / "There are no records.",
        verdicts: "Putusan yang ditampilkan" / "Verdicts to show",
    }
}

/// The query of the list.
#[derive(Debug, Deserialize)]
pub struct Asked {
    putusan: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "records.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    path: String,
    title: String,
    verdict: String,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
}

struct Row {
    counts: bool,
    name: String,
    path: Option<String>,
    village: String,
    why: String,
    recorded: String,
}

/// Shows one page of the records.
pub async fn show(
    reader: Reader,
    cache: web::Data<ResponseCache>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let subject = Subject::of(path.into_inner())?;
    let (lang, asked) = (reader.lang, asked.into_inner());
    let (verdict, word) = match asked.putusan.as_deref() {
        Some("dihitung") => (Some(VerdictCode::Contributing), "dihitung"),
        Some("tidak") => (Some(VerdictCode::Excluded), "tidak"),
        _ => (None, ""),
    };
    let filter = JudgedRecordFilter {
        verdict,
        ..JudgedRecordFilter::default()
    };
    let is_first = asked.cursor.is_none();
    let (query, paging) = (reader.query(), reader.paging(50, asked.cursor));
    let read = async |facts: FactReader<'_>| {
        let value = service::one(facts, &query, &subject.code, subject.period).await?;
        let page = service::records(facts, &query, &subject.code, subject.period, &filter, &paging).await?;
        let names = facts.village_names(value.district_code.as_str(), query.day()).await?;
        Ok((value, page, names))
    };
    let (value, records, names) = cache.compute_for_page(&query, read).await?;
    let may_open = reader.may::<ReportsRead>();
    let rows = records.items.iter().map(|record| row(record, &names, may_open, lang));
    let t = Words::of(lang);
    let shown = Page {
        rows: rows.collect(),
        next: records.next_cursor.map(|cursor| encoded(&cursor)),
        title: subject.title(&value, lang),
        path: subject.path(),
        verdict: word.to_owned(),
        shell: reader.shell(t.title),
        t,
        is_first,
    };
    answer::page(OK, lang, &shown)
}

fn row(judged: &JudgedRecord, names: &HashMap<String, String>, may_open: bool, lang: Lang) -> Row {
    let village = judged.village_code.as_ref().map(|code| {
        let name = names.get(code.as_str());
        name.cloned().unwrap_or_else(|| code.to_string())
    });
    Row {
        counts: judged.verdict == VerdictCode::Contributing,
        name: name(judged, lang),
        path: path_of(judged.record.as_ref(), judged.obligation.as_ref())
            .filter(|_| may_open && judged.reason != Some(Exclusion::Deleted)),
        village: village.unwrap_or_default(),
        why: judged.reason_text.clone().unwrap_or_default(),
        recorded: judged
            .recorded_at
            .map(|at| format::instant(at, lang))
            .unwrap_or_default(),
    }
}

/// Returns the page of an owed report or of a record, if it has one.
pub fn path_of(record: Option<&RecordReference>, owed: Option<&OwedReport>) -> Option<String> {
    if let Some(owed) = owed {
        let (village, kind, year) = (&owed.village_code, &owed.kind, owed.fiscal_year);
        return Some(format!("/laporan/{village}/{kind}/{year}"));
    }
    let record = record?;
    match record.record_type {
        RecordType::Institution => Some(format!("/lembaga/{}", record.id)),
        RecordType::Case => Some(format!("/kasus/{}", record.id)),
        RecordType::Survey => Some(format!("/survei/{}", record.id)),
        RecordType::Report => None,
    }
}

/// Returns what a judged record is called: an owed report by its kind and year, any other as `called` says.
fn name(judged: &JudgedRecord, lang: Lang) -> String {
    match (&judged.obligation, &judged.record) {
        (Some(owed), _) => format!("{} {}", owed.kind, owed.fiscal_year),
        (None, Some(record)) => called(record, lang),
        (None, None) => Words::of(lang).report.to_owned(),
    }
}

/// Returns the type of a record and the start of its id.
pub fn called(record: &RecordReference, lang: Lang) -> String {
    let t = Words::of(lang);
    let kind = match record.record_type {
        RecordType::Survey => t.survey,
        RecordType::Institution => t.institution,
        RecordType::Case => t.case,
        RecordType::Report => t.report,
    };
    let id = record.id.to_string();
    format!("{kind} {}", id.get(..8).unwrap_or_default())
}
