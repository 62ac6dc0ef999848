//! The reports of a year: a matrix of villages and owed reports, whose cells open what is recorded.

mod cell;
mod column;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::marks::{self, Mark};
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen, years};
use crate::access::permissions::{CompletenessRead, ReportsRead, ReportsWrite};
use crate::core::obligation::{Punctuality, ReportGroup};
use crate::plan::report_kinds;
use crate::plan::report_kinds::dto::{ReportKind, ReportKindFilter};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::completeness;
use crate::results::completeness::dto::{Completeness, CompletenessCell, CompletenessFilter, VillageCompleteness};
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        title: "Laporan desa" / "Village reports",
        about: "Pilih sel untuk mencatat, menerima, atau mengembalikan laporan. Pilih nama jenis untuk mencatat beberapa desa sekaligus." /
            "Choose a cell to record, accept or return a report. Choose the name of a kind to record several villages at once.",
        about_readers: "Pilih sel untuk melihat laporannya." / "Choose a cell to see its report.",
        caption: "Laporan yang jatuh tempo pada tahun" / "Reports that fall due in",
        administration: "IKU 4 · Administrasi pemerintahan" / "IKU 4 · Administration",
        finance: "IKU 5 · Administrasi keuangan" / "IKU 5 · Finance",
        fiscal_year: "TA" / "FY",
        kinds: "Jenis laporan" / "Kinds of reports",
        kind: "Kode" / "Code",
        name: "Nama" / "Name",
        basis: "Dasar" / "Legal basis",
        saved: "Tersimpan." / "Saved.",
        counts: "Jumlah menurut keadaan" / "Numbers by state",
        no_villages: "Tidak ada desa atau jenis laporan pada tahun ini." / "There are no villages or report kinds in this year.",
    }
}

/// The paths of reports.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/laporan").get(show).done())
        .service(
            screen("/laporan/jenis/{kind}/{fiscal_year}")
                .get(column::show)
                .post(column::record)
                .done(),
        )
        .service(
            screen("/laporan/{village}/{kind}/{fiscal_year}")
                .get(cell::show)
                .post(cell::change)
                .done(),
        );
}

/// The query of the matrix.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    may_write: bool,
    is_saved: bool,
    groups: Vec<(&'static str, usize)>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    counts: Vec<(Mark, u64)>,
}

/// A kind of report that is owed in the year.
struct Column {
    kind: ReportKind,
    fiscal_year: i32,
    due: String,
    /// The page that records several villages; `None`: the person may not.
    path: Option<String>,
    begins_group: bool,
}

struct Row {
    village: String,
    cells: Vec<Cell>,
}

struct Cell {
    id: String,
    path: Option<String>,
    mark: Mark,
    label: String,
    begins_group: bool,
}

/// Shows the matrix of a year.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<CompletenessRead>()?;
    let (lang, this_year) = (reader.lang, reader.today().year());
    let year = years::asked(asked.tahun, this_year)?;
    let (owed, kinds) = (of_year(&reader, &cache, year).await?, kinds(&reader, &db, year).await?);
    let may_open = reader.may::<ReportsRead>();
    let columns = columns(&reader, owed.villages.first(), kinds, lang);
    let rows = owed
        .villages
        .iter()
        .map(|village| row(village, &columns, may_open, lang));
    let counts = [
        (Punctuality::OnTime, owed.counts.on_time),
        (Punctuality::Late, owed.counts.late),
        (Punctuality::Missing, owed.counts.missing),
        (Punctuality::NotDue, owed.counts.not_due),
    ];
    let t = Words::of(lang);
    let years = years::around(year, this_year);
    let groups = ReportGroup::ALL.map(|group| {
        let name = match group {
            ReportGroup::Administration => t.administration,
            ReportGroup::Finance => t.finance,
        };
        (name, columns.iter().filter(|column| column.kind.group == group).count())
    });
    let page = Page {
        shell: reader.shell(t.title),
        t,
        year,
        years,
        may_write: columns.iter().any(|column| column.path.is_some()),
        is_saved: asked.tersimpan.is_some(),
        groups: groups.into_iter().filter(|(_, columns)| *columns > 0).collect(),
        rows: rows.collect(),
        columns,
        counts: counts
            .map(|(state, count)| (marks::punctuality(state, false, lang), count))
            .into(),
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Reads what is owed in a year.
async fn of_year(reader: &Reader, cache: &ResponseCache, year: i32) -> Result<Completeness, Error> {
    let filter = CompletenessFilter {
        district_code: Some(reader.district()?.clone()),
        village_code: None,
        year: Some(year),
        group: None,
    };
    let query = reader.query();
    let read = async |facts: FactReader<'_>| completeness::service::get(facts, &query, &filter).await;
    cache.compute_for_page(&query, read).await
}

/// Reads the kinds that are owed in a year.
async fn kinds(reader: &Reader, db: &Db, year: i32) -> Result<Vec<ReportKind>, Error> {
    let filter = ReportKindFilter {
        group: None,
        year: Some(year),
        confirmed: None,
        recorded_by: None,
        changed_since: None,
        state: None,
    };
    let paging = reader.paging(100, None);
    let read = db.read(async |tx| report_kinds::service::list(tx, &filter, &paging, year).await);
    Ok(read.await?.items)
}

/// Returns the columns: by group, then by due day.
fn columns(reader: &Reader, village: Option<&VillageCompleteness>, kinds: Vec<ReportKind>, lang: Lang) -> Vec<Column> {
    let cells = village.map(|village| village.cells.as_slice()).unwrap_or_default();
    let with_kind = cells.iter().filter_map(|cell| {
        let kind = kinds.iter().find(|kind| kind.code == cell.kind)?;
        Some((kind.clone(), cell))
    });
    let mut all: Vec<(ReportKind, &CompletenessCell)> = with_kind.collect();
    all.sort_by_key(|(kind, cell)| (kind.group == ReportGroup::Finance, cell.due_on));
    let mut before = None;
    let of = |(kind, cell): (ReportKind, &CompletenessCell)| {
        let begins_group = before.replace(kind.group) != Some(kind.group);
        let path = format!("/laporan/jenis/{}/{}", kind.code, cell.fiscal_year);
        Column {
            path: may_record(reader, kind.group).then_some(path),
            fiscal_year: cell.fiscal_year,
            due: format::day_of_year(cell.due_on, lang),
            begins_group,
            kind,
        }
    };
    all.into_iter().map(of).collect()
}

/// Returns whether the person records reports of this group.
fn may_record(reader: &Reader, group: ReportGroup) -> bool {
    reader.may::<ReportsWrite>() && reader.actor.ensure_section(group.section()).is_ok()
}

fn row(village: &VillageCompleteness, columns: &[Column], may_open: bool, lang: Lang) -> Row {
    let cells = columns.iter().filter_map(|column| {
        let is_of_column =
            |cell: &&CompletenessCell| cell.kind == column.kind.code && cell.fiscal_year == column.fiscal_year;
        let cell = village.cells.iter().find(is_of_column)?;
        let mark = mark_of(cell, lang);
        let (code, kind, year) = (&village.village_code, &cell.kind, cell.fiscal_year);
        Some(Cell {
            id: id_of(code.as_str(), kind.as_str(), year),
            path: may_open.then(|| format!("/laporan/{code}/{kind}/{year}")),
            label: format!("{}, {kind} {year}: {}", village.name, mark.word),
            mark,
            begins_group: column.begins_group,
        })
    });
    Row {
        village: village.name.clone(),
        cells: cells.collect(),
    }
}

/// Returns the mark of a cell. A report that is recorded and not delivered was returned.
fn mark_of(cell: &CompletenessCell, lang: Lang) -> Mark {
    let is_returned = cell.report_id.is_some() && cell.delivered_on.is_none();
    marks::punctuality(cell.state, is_returned, lang)
}

/// Returns the id of a cell on the page of the matrix.
fn id_of(village: &str, kind: &str, fiscal_year: i32) -> String {
    format!("s-{village}-{kind}-{fiscal_year}")
}

/// Returns the address of the matrix at a cell that was changed.
fn back_to(year: i32, id: &str) -> String {
    format!("/laporan?tahun={year}&tersimpan=1#{id}")
}
