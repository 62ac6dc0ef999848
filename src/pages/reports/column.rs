//! One kind of report for all villages: whoever receives several on one day records them with one form.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::{back_to, id_of, mark_of, may_record, of_year};
use crate::access::permissions::ReportsWrite;
use crate::facts::reports;
use crate::facts::reports::dto::NewReport;
use crate::pages::field::{Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::words;
use crate::pages::{answer, format};
use crate::plan::report_kinds;
use crate::plan::report_kinds::dto::ReportKind;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Slug;
use crate::results::completeness::dto::{CompletenessCell, VillageCompleteness};
use crate::results::response_cache::ResponseCache;

/// The name of a village's box begins with this.
const BOX: &str = "desa-";

words! {
    struct Words {
        all: "Semua laporan" / "All reports",
        due: "Tenggat" / "Due",
        fiscal_year: "Tahun anggaran" / "Fiscal year",
        delivered: "Diterima kecamatan" / "Received by the district",
        delivered_hint: "Satu tanggal untuk semua desa yang dicentang." / "One day for all villages that are ticked.",
        villages: "Desa yang laporannya diterima" / "Villages whose report was received",
        record: "Catat yang dicentang" / "Record those that are ticked",
        complete: "Semua desa sudah tercatat." / "All villages are recorded.",
        nothing: "Centang sedikitnya satu desa." / "Tick at least one village.",
    }
}

#[derive(Template)]
#[template(path = "reports_of_kind.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    kind: ReportKind,
    fiscal_year: i32,
    year: i32,
    due: String,
    fields: Vec<Field>,
    faults: Faults,
    villages: Vec<Village>,
    is_open: bool,
}

struct Village {
    code: String,
    name: String,
    mark: Mark,
    /// Not recorded yet: it has a box.
    is_open: bool,
    is_ticked: bool,
    path: String,
}

/// The kind and the fiscal year.
type Key = (String, i32);

/// What is owed of one kind.
struct Owed {
    kind: ReportKind,
    fiscal_year: i32,
    year: i32,
    due_on: NaiveDate,
    villages: Vec<(VillageCompleteness, CompletenessCell)>,
}

/// Reads what is owed; 403 for a kind of another section, 404 if nobody owes it.
async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, key: &Key) -> Result<Owed, Error> {
    reader.require::<ReportsWrite>()?;
    let code: Slug = key.0.parse().map_err(|_| Error::not_found())?;
    let fiscal_year = key.1;
    for year in [fiscal_year, fiscal_year.saturating_add(1)] {
        let owed = of_year(reader, cache, year).await?;
        let villages = owed.villages.into_iter().filter_map(|village| {
            let mut cells = village.cells.iter();
            let cell = cells
                .find(|cell| cell.kind == code && cell.fiscal_year == fiscal_year)
                .cloned();
            cell.map(|cell| (village, cell))
        });
        let villages: Vec<_> = villages.collect();
        let Some(due_on) = villages.first().map(|(_, cell)| cell.due_on) else {
            continue;
        };
        let kind = db
            .read(async |tx| report_kinds::service::get(tx, &code, Some(year), year).await)
            .await?;
        if !may_record(reader, kind.group) {
            return Err(Error::new(Code::WrongSection));
        }
        return Ok(Owed {
            kind,
            fiscal_year,
            year,
            due_on,
            villages,
        });
    }
    Err(Error::not_found())
}

/// Shows the villages with a box for each that has not delivered.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    key: web::Path<Key>,
) -> Result<HttpResponse, Error> {
    let owed = find(&reader, &db, &cache, &key).await?;
    page(&reader, owed, None, Faults::default())
}

fn page(reader: &Reader, owed: Owed, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let ticked = posted.map(|posted| posted.ticked(BOX)).unwrap_or_default();
    let day = match posted {
        Some(posted) => posted.text("delivered_on").to_owned(),
        None => reader.today().to_string(),
    };
    let (kind, year) = (owed.kind.code.clone(), owed.fiscal_year);
    let villages = owed.villages.iter().map(|(village, cell)| Village {
        code: village.village_code.to_string(),
        name: village.name.clone(),
        mark: mark_of(cell, reader.lang),
        is_open: cell.report_id.is_none(),
        is_ticked: ticked.contains(&village.village_code.as_str()),
        path: format!("/laporan/{}/{kind}/{year}", village.village_code),
    });
    let villages: Vec<Village> = villages.collect();
    let delivered = Field::new("delivered_on", t.delivered, Kind::Date).value(day);
    let page = Page {
        shell: reader.shell(format!("{kind} {year}")),
        t,
        due: format::day(owed.due_on, reader.lang),
        fields: vec![delivered.hint(t.delivered_hint).required().faults(&faults)],
        is_open: villages.iter().any(|village| village.is_open),
        villages,
        fiscal_year: owed.fiscal_year,
        year: owed.year,
        kind: owed.kind,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Records the report of every village that is ticked: all of them, or none.
pub async fn record(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    key: web::Path<Key>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    let owed = find(&reader, &db, &cache, &key).await?;
    let ticked = posted.ticked(BOX).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let Some(first) = ticked.first() else {
        let faults = Faults::about(Words::of(reader.lang).nothing);
        return page(&reader, owed, Some(&posted), faults);
    };
    match record_all(&reader, &db, &owed, &ticked, posted.clone()).await {
        Ok(()) => {
            let id = id_of(first, owed.kind.code.as_str(), owed.fiscal_year);
            answer::see_other(&back_to(owed.year, &id))
        }
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["delivered_on"])?;
            page(&reader, owed, Some(&posted), faults)
        }
    }
}

async fn record_all(
    reader: &Reader,
    db: &Db,
    owed: &Owed,
    villages: &[String],
    mut posted: Posted,
) -> Result<(), Error> {
    posted.set("kind", &owed.kind.code);
    posted.set("fiscal_year", owed.fiscal_year);
    let mut all = Vec::new();
    for village in villages {
        posted.set("village_code", village);
        let (code, day) = (Member::Text("village_code"), Member::Text("delivered_on"));
        let members = [code, Member::Text("kind"), Member::Number("fiscal_year"), day];
        all.push(posted.body::<NewReport>(&members)?);
    }
    db.write(async |tx| {
        for new in all {
            reports::service::create(tx, &reader.actor, new).await?;
        }
        Ok(())
    })
    .await
}
