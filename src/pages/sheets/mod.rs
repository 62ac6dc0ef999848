//! Sheets that come in and go out: the exports as files, the templates, and an import with a preview.

mod import;
mod multipart;

use actix_web::{HttpRequest, HttpResponse, Responder, web};
use askama::Template;
use chrono::Datelike;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use uuid::Uuid;

use super::form::Faults;
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, screen, years};
use crate::access::audit;
use crate::access::guard::ensure_scope;
use crate::access::permissions::{
    CasesRead, CompletenessRead, IndicatorsRead, InstitutionsRead, Permission, RealisationsRead, ReportsRead,
    ResponsesRead, SurveyIndexRead,
};
use crate::exports::csv::Separator;
use crate::exports::dto::{AnswersFilter, CasesFilter, DistrictFilter, Format, ReportsFilter, YearFilter};
use crate::exports::handlers::download;
use crate::exports::{Choice, Source};
use crate::imports::dto::Resource;
use crate::imports::template_of;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::limits::at_work::{Caller, ReadQueues};
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::{Download, FileBody};
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    /// The texts of the page.
    pub struct Words {
        title: "Impor dan ekspor" / "Import and export",
        out: "Ambil tabel" / "Take tables",
        out_about: "Untuk SAKIP, LKjIP dan lembar kerja. Angka sama dengan yang ditampilkan di sini." /
            "For SAKIP, the performance report and spreadsheets. The figures are those shown here.",
        year: "Tahun" / "Year",
        table: "Tabel" / "Table",
        come_in: "Bawa masuk lembar" / "Bring in a sheet",
        come_in_about: "Lembar diperiksa lebih dulu, baris demi baris. Belum ada yang dicatat sampai Anda menekan tombol kedua." /
            "The sheet is checked first, row by row. Nothing is recorded until you press the second button.",
        what: "Isi lembar" / "What the rows are",
        file: "Berkas CSV atau XLSX" / "CSV or XLSX file",
        pasted: "Atau tempel sel dari lembar kerja" / "Or paste cells from a spreadsheet",
        pasted_hint: "Dengan baris judul kolom." / "With the row of column names.",
        check: "Periksa" / "Check",
        template: "Contoh lembar" / "Template",
        reports: "Laporan desa" / "Village reports",
        institutions: "Lembaga" / "Institutions",
        cases: "Kasus trantibum" / "Public-order cases",
        surveys: "Survei" / "Surveys",
        responses: "Jawaban survei di kertas" / "Survey answers on paper",
        targets: "Target" / "Targets",
        villages: "Desa dan kelurahan" / "Villages",
        realisations: "Realisasi IKU (SAKIP)" / "Realisations (SAKIP)",
        lkjip: "Tabel LKjIP" / "Tables of the performance report",
        completeness: "Kelengkapan laporan" / "Completeness of reports",
        metadata: "Metadata indikator (Satu Data)" / "Metadata of the indicators (Satu Data)",
        recorded: "baris tercatat." / "rows recorded.",
        print: "Tampilan cetak" / "For printing",
    }
}

impl Words {
    fn resource(&self, resource: Resource) -> &'static str {
        match resource {
            Resource::Reports => self.reports,
            Resource::Institutions => self.institutions,
            Resource::Cases => self.cases,
            Resource::Surveys => self.surveys,
            Resource::Responses => self.responses,
            Resource::Targets => self.targets,
            Resource::Villages => self.villages,
        }
    }
}

/// The paths of sheets.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/lembar").get(show).post(import::post).done())
        .service(screen("/lembar/contoh/{resource}.csv").get(template).done())
        .service(screen("/berkas/{name}.{format}").get(file).done());
}

#[derive(Template)]
#[template(path = "sheets.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    exports: Vec<(&'static str, &'static str, bool)>,
    /// The sheets that the person may bring in: value and name.
    resources: Vec<(&'static str, &'static str)>,
    /// How many rows were just recorded.
    recorded: Option<u32>,
    faults: Faults,
}

/// The query of the page and of the files.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
    survei: Option<Uuid>,
    dicatat: Option<u32>,
}

impl Asked {
    fn year(&self, reader: &Reader) -> Result<i32, Error> {
        years::asked(self.tahun, reader.today().year())
    }
}

/// Shows what can be taken and brought in.
pub async fn show(reader: Reader, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let year = asked.year(&reader)?;
    page(&reader, year, asked.dicatat, Faults::default())
}

fn page(reader: &Reader, year: i32, recorded: Option<u32>, faults: Faults) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let all: [(&str, &str, &str, bool); 8] = [
        ("realisasi", t.realisations, RealisationsRead::SCOPE, true),
        ("lkjip", t.lkjip, RealisationsRead::SCOPE, false),
        ("kelengkapan", t.completeness, CompletenessRead::SCOPE, true),
        ("laporan", t.reports, ReportsRead::SCOPE, true),
        ("lembaga", t.institutions, InstitutionsRead::SCOPE, true),
        ("kasus", t.cases, CasesRead::SCOPE, true),
        ("survei", t.surveys, SurveyIndexRead::SCOPE, true),
        ("metadata", t.metadata, IndicatorsRead::SCOPE, true),
    ];
    let open = all
        .into_iter()
        .filter(|(_, _, scope, _)| reader.actor.scopes.contains(scope));
    let page = Page {
        shell: reader.shell(t.title),
        t,
        year,
        years: years::around(year, reader.today().year()),
        exports: open.map(|(name, title, _, has_csv)| (name, title, has_csv)).collect(),
        resources: resources(reader),
        recorded,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Returns the sheets that the person may bring in.
fn resources(reader: &Reader) -> Vec<(&'static str, &'static str)> {
    let t = Words::of(reader.lang);
    let own = Resource::ALL
        .into_iter()
        .filter(|one| reader.actor.scopes.contains(&one.scope()));
    own.map(|one| (one.as_str(), t.resource(one))).collect()
}

/// Sends a template, for spreadsheets in the reader's language.
pub async fn template(reader: Reader, req: HttpRequest, resource: web::Path<String>) -> Result<HttpResponse, Error> {
    let resource: Resource = resource.parse().map_err(|_| Error::not_found())?;
    ensure_scope(&reader.actor, resource.scope())?;
    let csv = template_of(resource, separator(reader.lang))?;
    let download = Download {
        name: format!("{resource}.csv"),
        body: FileBody::Csv(stream::once(async { Ok(csv) }).boxed_local()),
    };
    Ok(download.respond_to(&req))
}

/// Spreadsheets in Indonesian separate by semicolons.
fn separator(lang: Lang) -> Separator {
    match lang {
        Lang::Id => Separator::Semicolon,
        Lang::En => Separator::Comma,
    }
}

/// Sends an export.
pub async fn file(
    reader: Reader,
    req: HttpRequest,
    (db, cache, queues): (web::Data<Db>, web::Data<ResponseCache>, web::Data<ReadQueues>),
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let (name, format) = path.into_inner();
    let year = asked.year(&reader)?;
    let district_code = Some(reader.district()?.clone());
    let of_year = YearFilter {
        district_code: district_code.clone(),
        year: Some(year),
    };
    let (choice, scope) = match name.as_str() {
        "realisasi" => (Choice::Realisations(of_year), RealisationsRead::SCOPE),
        "lkjip" if format == "xlsx" => (Choice::Lkjip(of_year), RealisationsRead::SCOPE),
        "kelengkapan" => (Choice::Completeness(of_year), CompletenessRead::SCOPE),
        "laporan" => {
            let fiscal_year = None;
            (
                Choice::Reports(ReportsFilter {
                    district_code,
                    fiscal_year,
                }),
                ReportsRead::SCOPE,
            )
        }
        "lembaga" => (
            Choice::Institutions(DistrictFilter { district_code }),
            InstitutionsRead::SCOPE,
        ),
        "kasus" => {
            let year = Some(year);
            (Choice::Cases(CasesFilter { district_code, year }), CasesRead::SCOPE)
        }
        "survei" => (Choice::Surveys(of_year), SurveyIndexRead::SCOPE),
        "metadata" => (Choice::MsInd(of_year), IndicatorsRead::SCOPE),
        "jawaban" => {
            let survey_id = asked.survei.ok_or_else(Error::not_found)?;
            (
                Choice::Answers(AnswersFilter {
                    survey_id,
                    comments: None,
                }),
                ResponsesRead::SCOPE,
            )
        }
        _ => return Err(Error::not_found()),
    };
    ensure_scope(&reader.actor, scope)?;
    let source = Source {
        db: &db,
        cache: &cache,
        actor: &reader.actor,
        as_of: None,
    };
    let format: Format = format.parse().map_err(|_| Error::not_found())?;
    let caller = Caller::of(&*RequestContext::of(&req)?);
    let file = download(&source, &choice, (format, separator(reader.lang)), (queues, caller)).await?;
    if let Some(survey) = asked.survei {
        audit::event("answers exported", &reader.source(), &format!("survey {survey}"));
    }
    Ok(file.respond_to(&req))
}
