//! An import in two steps: the dry run with its preview, and the recording of the same sheet.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::Datelike;

use super::Words as Sheets;
use super::multipart::SheetForm;
use crate::imports::dto::{Import, ImportRow, ImportSummary, Judged, Mode, Outcome, Resource};
use crate::imports::{Importer, import};
use crate::pages::answer;
use crate::pages::form::Faults;
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::words;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Contract;
use crate::platform::text::Lang;

words! {
    struct Words {
        title: "Hasil pemeriksaan lembar" / "What the check of the sheet found",
        nothing_yet: "Belum ada yang dicatat." / "Nothing is recorded yet.",
        wrong: "Perbaiki baris yang salah di lembar kerja, lalu periksa lagi. Lembar dicatat utuh atau tidak sama sekali." /
            "Correct the wrong rows in the spreadsheet and check again. A sheet is recorded whole or not at all.",
        nothing_new: "Semua baris sudah tercatat. Tidak ada yang perlu dicatat." / "All rows are recorded already. There is nothing to record.",
        create: "Baru" / "New",
        same: "Sama" / "The same",
        change: "Berubah" / "Changed",
        error: "Salah" / "Wrong",
        row: "Baris" / "Row",
        outcome: "Hasil" / "Outcome",
        sentence: "Keterangan" / "Explanation",
        rows: "baris" / "rows",
        record: "Catat" / "Record",
        shown: "Hanya baris pertama yang ditampilkan." / "Only the first rows are shown.",
        empty: "Pilih berkas, atau tempel sel dengan baris judulnya." / "Choose a file, or paste cells with their header row.",
    }
}

/// The most rows that the preview lists.
const MOST_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "sheet_preview.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    sheets: &'static Sheets,
    resource: Resource,
    name: &'static str,
    summary: ImportSummary,
    rows: Vec<ImportRow>,
    is_cut: bool,
    /// The sheet, to be sent again.
    content: String,
}

impl Page {
    fn mark(&self, outcome: &Outcome) -> Mark {
        let (class, sign, word) = match outcome {
            Outcome::Create => ("good", "+", self.t.create),
            Outcome::Same => ("idle", "=", self.t.same),
            Outcome::Change => ("late", "~", self.t.change),
            Outcome::Error => ("bad", "!", self.t.error),
        };
        Mark { class, sign, word }
    }

    fn is_ready(&self) -> bool {
        self.summary.error == 0 && self.summary.create + self.summary.change > 0
    }
}

/// Checks a sheet, or records one that was checked.
pub async fn post(
    (db, contract): (web::Data<Db>, web::Data<Contract>),
    form: SheetForm,
) -> Result<HttpResponse, Error> {
    let reader = &form.reader;
    let year = reader.today().year();
    let read = async {
        let resource: Resource = form.text("isi").parse().map_err(|_| Error::new(Code::BadRequest))?;
        let sheet = sheet(&form)?;
        let importer = Importer {
            db: &db,
            actor: &reader.actor,
            contract: &contract,
            progress: &|_, _| {},
        };
        let mode = match form.text("aksi") {
            "catat" => Mode::Apply,
            _ => Mode::DryRun,
        };
        let judged = import(&importer, resource, mode, sheet.clone()).await?;
        Ok((resource, mode, sheet, judged))
    };
    match read.await {
        Ok((_, Mode::Apply, _, judged)) => answer::see_other(&format!("/lembar?dicatat={}", recorded(&judged))),
        Ok((resource, Mode::DryRun, sheet, judged)) => preview(reader, resource, &sheet, &judged),
        Err(error) => super::page(reader, year, None, Faults::of(error, reader.lang, &[])?),
    }
}

/// Returns how many rows an import has recorded.
fn recorded(judged: &Judged) -> usize {
    let new = |(_, outcome): &&(u32, Outcome)| matches!(outcome, Outcome::Create | Outcome::Change);
    judged.rows.iter().filter(new).count()
}

/// Returns the sheet: what was checked before, a file, or cells that were pasted.
fn sheet(form: &SheetForm) -> Result<Bytes, Error> {
    let (checked, file, pasted) = (form.text("muatan"), form.bytes("berkas"), form.text("tempel"));
    if !checked.is_empty() {
        let bytes = STANDARD.decode(checked).map_err(|_| Error::new(Code::BadRequest))?;
        return Ok(bytes.into());
    }
    match (file.is_empty(), pasted.is_empty()) {
        (false, _) => Ok(file),
        (true, false) => Ok(Bytes::copy_from_slice(pasted.as_bytes())),
        (true, true) => {
            let (id, en) = (Words::of(Lang::Id).empty, Words::of(Lang::En).empty);
            Err(Error::new(Code::RuleBroken).detail(id, en))
        }
    }
}

fn preview(reader: &Reader, resource: Resource, sheet: &Bytes, judged: &Judged) -> Result<HttpResponse, Error> {
    let (lang, t) = (reader.lang, Words::of(reader.lang));
    let found = Import::new(resource, Mode::DryRun, judged, lang);
    // Wrong rows first, then those that change something.
    let mut rows = found.rows;
    let rank = |row: &ImportRow| match row.outcome {
        Outcome::Error => 0,
        Outcome::Change => 1,
        Outcome::Create => 2,
        Outcome::Same => 3,
    };
    rows.sort_by_key(rank);
    let is_cut = rows.len() > MOST_SHOWN;
    rows.truncate(MOST_SHOWN);
    let page = Page {
        shell: reader.shell(t.title),
        t,
        sheets: Sheets::of(lang),
        resource,
        name: Sheets::of(lang).resource(resource),
        summary: found.summary,
        rows,
        is_cut,
        content: STANDARD.encode(sheet),
    };
    let status = match page.summary.error {
        0 => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    answer::page(status, lang, &page)
}
