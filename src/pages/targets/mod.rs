//! The targets of a year by indicator and period, and the performance agreements that promise them.

mod agreement;
mod one;

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use ::entity::agreement as row;

use super::field::{Action, Field, Kind};
use super::form::{Faults, Member, Posted};
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen, years};
use crate::access::permissions::{TargetsRead, TargetsWrite};
use crate::core::period::Period;
use crate::plan::agreements;
use crate::plan::agreements::dto::{AgreementKind, NewAgreement};
use crate::plan::targets;
use crate::plan::targets::dto::{Target, TargetFilter};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;

words! {
    /// The texts of the targets and of the agreements.
    pub struct Words {
        title: "Perjanjian dan target" / "Agreements and targets",
        about: "Target tiap indikator menurut Perjanjian Kinerja, murni dan perubahan." /
            "The targets of the indicators by performance agreement, the first one and its revisions.",
        agreements: "Perjanjian Kinerja" / "Performance agreements",
        no_agreements: "Belum ada perjanjian untuk tahun ini." / "No agreement of this year yet.",
        targets: "Target" / "Targets",
        no_indicators: "Tidak ada IKU yang berlaku pada tahun ini." / "No indicator is in force in this year.",
        indicator: "Indikator" / "Indicator",
        number: "Nomor" / "Number",
        kind: "Jenis" / "Kind",
        original: "Murni" / "Original",
        revision: "Perubahan" / "Revision",
        signed: "Ditandatangani" / "Signed on",
        parties: "Para pihak" / "Parties",
        first: "Pihak pertama" / "First party",
        first_office: "Jabatan pihak pertama" / "Office of the first party",
        second: "Pihak kedua" / "Second party",
        second_office: "Jabatan pihak kedua" / "Office of the second party",
        revises: "Mengubah perjanjian" / "Revises the agreement",
        revises_hint: "Kosong: perjanjian murni." / "Empty: it is the original agreement.",
        nothing: "tidak mengubah yang lain" / "revises none",
        add: "Catat perjanjian" / "Record an agreement",
        saved: "Tersimpan." / "Saved.",
        not_set: "belum ada" / "not set",
    }
}

/// The fields of an agreement.
const AGREEMENT: [&str; 6] = [
    "number",
    "signed_on",
    "first_party",
    "second_party",
    "revises",
    "reason",
];

/// The paths of targets and agreements.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/target").get(show).post(add).done())
        .service(
            screen("/target/perjanjian/{id}")
                .get(agreement::show)
                .post(agreement::change)
                .done(),
        )
        .service(
            screen("/target/{code}/{period}")
                .get(one::show)
                .post(one::change)
                .done(),
        );
}

/// The query of the page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "targets.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    agreements: Vec<Row>,
    periods: Vec<String>,
    rows: Vec<Indicator>,
    actions: Vec<Action>,
    faults: Faults,
    is_saved: bool,
}

/// An agreement.
struct Row {
    path: String,
    number: String,
    kind: &'static str,
    signed: String,
    parties: String,
}

/// An indicator with the targets of its periods.
struct Indicator {
    name: String,
    cells: Vec<Cell>,
}

struct Cell {
    path: String,
    label: String,
    /// The value, and the number of its agreement.
    set: Option<(String, Option<String>)>,
}

/// What the page reads.
struct Found {
    agreements: Vec<row::Model>,
    /// Code, name, unit and targets.
    indicators: Vec<(String, String, String, Vec<Target>)>,
}

async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, year: i32) -> Result<Found, Error> {
    let district = reader.district()?.as_str();
    let query = reader.query();
    let read = async |facts: FactReader<'_>| {
        let plan = facts.plan(BTreeSet::from([district.to_owned()])).await?;
        let in_force = plan.in_force(year).into_iter().map(|one| {
            let name = format!("IKU {} · {}", one.row.number, one.row.name);
            (one.row.code.clone(), name, one.row.unit.clone())
        });
        Ok(in_force.collect::<Vec<_>>())
    };
    let in_force = cache.compute_for_page(&query, read).await?;
    let (filter, paging) = (TargetFilter { year: Some(year) }, reader.paging(10, None));
    db.read(async |tx| {
        let mut indicators = Vec::new();
        for (code, name, unit) in in_force.iter().cloned() {
            let of_code = targets::service::list(tx, &reader.actor, &code, &filter, &paging).await?;
            indicators.push((code, name, unit, of_code.items));
        }
        Ok(Found {
            agreements: agreements::query::all_of_year(tx, district, year).await?,
            indicators,
        })
    })
    .await
}

/// Shows the agreements and the targets of a year.
pub async fn show(
    reader: Reader,
    (db, cache): (web::Data<Db>, web::Data<ResponseCache>),
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<TargetsRead>()?;
    let year = years::asked(asked.tahun, reader.today().year())?;
    let found = find(&reader, &db, &cache, year).await?;
    page(
        &reader,
        year,
        found,
        None,
        (Faults::default(), asked.tersimpan.is_some()),
    )
}

fn page(
    reader: &Reader,
    year: i32,
    found: Found,
    posted: Option<&Posted>,
    (faults, is_saved): (Faults, bool),
) -> Result<HttpResponse, Error> {
    let (lang, t) = (reader.lang, Words::of(reader.lang));
    let numbers: HashMap<_, _> = found
        .agreements
        .iter()
        .map(|one| (one.id, one.number.clone()))
        .collect();
    let periods: Vec<Period> = Period::target_periods(year).collect();
    let rows = found.indicators.into_iter().map(|(code, name, unit, targets)| {
        let cells = periods.iter().map(|period| {
            let set = targets.iter().find(|target| target.period == period.to_string());
            Cell {
                path: format!("/target/{code}/{period}"),
                label: format!("{name}, {}", format::period(*period, lang)),
                set: set.map(|target| {
                    let number = target.agreement_id.and_then(|id| numbers.get(&id).cloned());
                    (
                        format::value(target.value, &unit, lang),
                        number.or_else(|| target.basis.clone()),
                    )
                }),
            }
        });
        Indicator {
            cells: cells.collect(),
            name,
        }
    });
    let mut actions = Vec::new();
    if reader.may::<TargetsWrite>() {
        let action = Action::new("perjanjian", t.add, agreement_fields(&found.agreements, lang));
        actions.push(action.after(posted, &faults));
    }
    let shown = Page {
        rows: rows.collect(),
        shell: reader.shell(t.title),
        t,
        year,
        years: years::around(year, reader.today().year()),
        agreements: found.agreements.iter().map(|one| shown(one, lang)).collect(),
        periods: periods.iter().map(|period| format::period(*period, lang)).collect(),
        actions,
        faults,
        is_saved,
    };
    answer::page(shown.faults.status(), lang, &shown)
}

fn kind(row: &row::Model, t: &'static Words) -> &'static str {
    match AgreementKind::of(row) {
        AgreementKind::Murni => t.original,
        AgreementKind::Perubahan => t.revision,
    }
}

fn shown(one: &row::Model, lang: Lang) -> Row {
    Row {
        path: format!("/target/perjanjian/{}", one.id),
        number: one.number.clone(),
        kind: kind(one, Words::of(lang)),
        signed: format::day(one.signed_on, lang),
        parties: format!(
            "{} ({}) – {} ({})",
            one.first_party_name, one.first_party_office, one.second_party_name, one.second_party_office
        ),
    }
}

/// Returns the fields of an agreement, which may revise one of these.
fn agreement_fields(others: &[row::Model], lang: Lang) -> Vec<Field> {
    let t = Words::of(lang);
    let line = |name, label| Field::new(name, label, Kind::Line("off")).required().longest(200);
    let none = (String::new(), t.nothing.to_owned());
    let others = others.iter().map(|one| (one.id.to_string(), one.number.clone()));
    let revises = Field::new(
        "revises",
        t.revises,
        Kind::Choice(std::iter::once(none).chain(others).collect()),
    );
    vec![
        line("number", t.number),
        Field::new("signed_on", t.signed, Kind::Date).required(),
        line("first_party", t.first),
        line("first_party_office", t.first_office),
        line("second_party", t.second),
        line("second_party_office", t.second_office),
        revises.hint(t.revises_hint),
    ]
}

/// The parties, each with the fields that have its name and its office.
const PARTIES: [Member; 2] = [
    Member::Group(
        "first_party",
        &[("name", "first_party"), ("office", "first_party_office")],
    ),
    Member::Group(
        "second_party",
        &[("name", "second_party"), ("office", "second_party_office")],
    ),
];

/// Records an agreement.
pub async fn add(
    reader: Reader,
    (db, cache): (web::Data<Db>, web::Data<ResponseCache>),
    asked: web::Query<Asked>,
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<TargetsWrite>()?;
    let year = years::asked(asked.tahun, reader.today().year())?;
    posted.set("district_code", reader.district()?);
    posted.set("fiscal_year", year);
    let made = async {
        let [first, second] = PARTIES;
        let members = [
            Member::Text("district_code"),
            Member::Number("fiscal_year"),
            Member::Text("number"),
            Member::Text("signed_on"),
            first,
            second,
            Member::Text("revises"),
        ];
        let new: NewAgreement = posted.body(&members)?;
        db.write(async |tx| agreements::service::create(tx, &reader.actor, new).await)
            .await
    };
    match made.await {
        Ok(Created::New(_) | Created::Existing(_)) => answer::see_other(&format!("/target?tahun={year}&tersimpan=1")),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &AGREEMENT)?;
            let found = find(&reader, &db, &cache, year).await?;
            page(&reader, year, found, Some(&posted), (faults, false))
        }
    }
}
