//! The tables of the performance report (LKjIP), for paper.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use futures_util::TryStreamExt;

use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen, years};
use crate::access::permissions::RealisationsRead;
use crate::exports::dto::YearFilter;
use crate::exports::table::{Cell, Table};
use crate::exports::{Choice, Source, open};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        title: "Tabel LKjIP" / "Tables of the performance report",
        about: "Cetak halaman ini, atau ambil sebagai buku kerja." / "Print this page, or take it as a workbook.",
        workbook: "Ambil XLSX" / "Get the XLSX",
        read_at: "Keadaan per" / "As of",
        empty: "Tidak ada baris." / "No rows.",
    }
}

/// The path of the tables.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/cetak/{year}").get(show).done());
}

#[derive(Template)]
#[template(path = "print.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    at: String,
    tables: Vec<Shown>,
}

struct Shown {
    title: &'static str,
    columns: Vec<String>,
    /// Texts, and whether each is a figure.
    rows: Vec<Vec<(String, bool)>>,
}

/// Shows the tables of a year.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    year: web::Path<i32>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let this_year = reader.today().year();
    let (lang, year) = (reader.lang, years::asked(Some(*year), this_year)?);
    let source = Source {
        db: &db,
        cache: &cache,
        actor: &reader.actor,
        as_of: None,
    };
    let filter = YearFilter {
        district_code: Some(reader.district()?.clone()),
        year: Some(year),
    };
    let export = open(&source, &Choice::Lkjip(filter)).await?;
    let mut tables = Vec::with_capacity(export.tables.len());
    for Table { title, columns, parts } in export.tables {
        let rows: Vec<Vec<Cell>> = parts.try_concat().await?;
        let rows = rows
            .into_iter()
            .map(|row| row.into_iter().map(|cell| text(cell, lang)).collect());
        tables.push(Shown {
            title,
            columns: columns.into_iter().map(|name| heading(&name)).collect(),
            rows: rows.collect(),
        });
    }
    let t = Words::of(lang);
    let page = Page {
        shell: reader.shell(format!("{} {year}", t.title)),
        t,
        year,
        years: years::around(year, this_year),
        at: format::instant(export.at, lang),
        tables,
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Returns the name of a column in words: `target_tw_1` is `Target tw 1`.
fn heading(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

fn text(cell: Cell, lang: Lang) -> (String, bool) {
    match cell {
        Cell::Empty => (String::new(), false),
        Cell::Text(text) => (text, false),
        Cell::Number(number) => (format::decimal(number, lang), true),
        Cell::Day(day) => (format::day(day, lang), false),
    }
}
