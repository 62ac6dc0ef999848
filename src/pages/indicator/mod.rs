//! An indicator in a quarter: its value, the decree's words, the counted facts, what is missing, and the note of the period.

mod difference;
mod note;
mod records;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::field::{Action, Kind};
use super::form::Faults;
use super::home::{self, Head, Tab, quarter_of};
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen};
use crate::access::permissions::RealisationsRead;
use crate::core::formula::{Formula, Reason};
use crate::core::period::{Period, PeriodKind};
use crate::platform::error::{Code, Error};
use crate::platform::http::Slug;
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::query::Query;
use crate::results::realisations::dto::{Explanation, Gap, GapTarget, PeriodNote, Realisation, SeriesFilter};
use crate::results::realisations::service;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        formula: "Cara menghitung" / "How it is computed",
        decree: "Bunyi keputusan" / "The decree's words",
        decree_number: "Keputusan Camat Nomor" / "Decree of the Camat No.",
        objective: "Sasaran strategis" / "Strategic objective",
        meaning: "Makna" / "Meaning",
        selection: "Alasan" / "Reason",
        decree_formula: "Formula" / "Formula",
        reference: "Rujukan" / "Reference",
        choices: "Pilihan yang tidak diatur keputusan" / "Choices that the decree leaves open",
        other: "Menurut bacaan lain" / "By the other reading",
        counted: "Yang dihitung" / "What is counted",
        contributing: "catatan dihitung" / "records count",
        excluded: "tidak dihitung" / "do not count",
        records: "Semua catatan dan putusannya" / "All records and their verdicts",
        changes: "Mengapa nilainya berubah" / "Why the value has changed",
        matrix: "Matriks laporan" / "The matrix of reports",
        gap: "Menuju target" / "Towards the target",
        note: "Kendala dan tindak lanjut" / "Obstacles and follow-up",
        obstacles: "Kendala" / "Obstacles",
        follow_up: "Tindak lanjut" / "Follow-up",
        no_note: "Belum ada catatan untuk periode ini." / "There is no note for this period yet.",
        saved: "Tersimpan." / "Saved.",
        survey: "Survei berakhir" / "Survey ends",
        respondents: "Responden" / "Respondents",
        index: "IKM" / "Index",
        village: "Desa/kelurahan" / "Village",
        kind: "Jenis" / "Kind",
        registered: "Terdaftar" / "Registered",
        active: "Aktif" / "Active",
        category: "Kategori" / "Category",
        occurred: "Terjadi" / "Occurred",
        handled: "Ditangani" / "Handled",
        unknown_village: "desa tidak diketahui" / "village not known",
        by: "oleh" / "by",
        no_answers: "belum ada jawaban" / "no answers yet",
        element_unanswered: "ada unsur tanpa jawaban" / "an element has no answers",
        write: "Tulis catatan" / "Write a note",
        change: "Ubah catatan" / "Change the note",
        withdraw: "Cabut catatan" / "Withdraw the note",
        about_note: "Catatan tidak mengubah nilai." / "A note changes no value.",
    }
}

/// The paths of indicators.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/iku/{code}/{period}").get(show).post(note::change).done())
        .service(screen("/iku/{code}/{period}/catatan").get(records::show).done())
        .service(screen("/iku/{code}/{period}/perubahan").get(difference::show).done());
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "indicator.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    head_words: HeadWords,
    lang: Lang,
    path: String,
    period: String,
    year: i32,
    years: Vec<Tab>,
    quarters: Vec<Tab>,
    value: Realisation,
    head: Head,
    chart: String,
    explanation: Option<Explanation>,
    is_of_reports: bool,
    gap: Option<String>,
    note: Option<PeriodNote>,
    actions: Vec<Action>,
    faults: Faults,
    is_saved: bool,
}

type HeadWords = &'static home::Words;

impl Page {
    fn instant(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        format::instant(*at, self.lang)
    }

    fn day(&self, date: &NaiveDate) -> String {
        format::day(*date, self.lang)
    }

    fn decimal(&self, number: &impl std::fmt::Display) -> String {
        format::decimal(number, self.lang)
    }

    fn in_unit(&self, number: &impl std::fmt::Display) -> String {
        format::value(number, &self.value.indicator.unit, self.lang)
    }

    /// Why a survey does not count.
    fn why(&self, reason: &Reason) -> &'static str {
        match reason {
            Reason::ElementUnanswered => self.t.element_unanswered,
            _ => self.t.no_answers,
        }
    }
}

/// An indicator in a quarter, as all its pages need it.
pub(super) struct Subject {
    pub code: Slug,
    pub period: Period,
}

impl Subject {
    /// Reads the path; 404 for a code or a period that cannot be one.
    fn of((code, period): (String, String)) -> Result<Self, Error> {
        Ok(Self {
            code: code.parse().map_err(|_| Error::not_found())?,
            period: quarter_of(&period)?,
        })
    }

    fn path(&self) -> String {
        format!("/iku/{}/{}", self.code, self.period)
    }

    /// Returns the name of the page below the head: the number of the indicator and the period.
    fn title(&self, value: &Realisation, lang: Lang) -> String {
        format!("IKU {} · {}", value.indicator.number, format::period(self.period, lang))
    }
}

/// What the page reads.
struct Found {
    value: Realisation,
    series: Vec<Realisation>,
    explanation: Option<Explanation>,
    gap: Option<Gap>,
    formula: Option<Formula>,
}

/// Reads a value with everything that explains it. The value of a closed period may outlive its indicator.
async fn find(reader: &Reader, facts: FactReader<'_>, query: &Query<'_>, subject: &Subject) -> Result<Found, Error> {
    let (code, period) = (&subject.code, subject.period);
    let value = service::one(facts, query, code, period).await?;
    let filter = SeriesFilter {
        from: Period::new(period.year(), PeriodKind::Quarter, 1).ok_or_else(Error::not_found)?,
        to: Period::new(period.year(), PeriodKind::Quarter, 4).ok_or_else(Error::not_found)?,
    };
    let in_force = |error: Error| match error.code {
        Code::NotFound | Code::IndicatorNotInForce => Ok(None),
        _ => Err(error),
    };
    let plan = facts.plan_of(code.as_str()).await;
    let formula = match plan {
        Ok(plan) => plan
            .indicator(code.as_str(), period.year())
            .ok()
            .map(|indicator| indicator.formula),
        Err(error) => in_force(error)?,
    };
    if formula.is_none() {
        let (series, explanation, gap) = (vec![value.clone()], None, None);
        return Ok(Found {
            value,
            series,
            explanation,
            gap,
            formula,
        });
    }
    let series = service::series(facts, query, code, &filter, &reader.paging(4, None))
        .await?
        .items;
    let explanation = service::explain(facts, query, code, period).await?;
    let gap = match value.target {
        Some(target) => {
            let wanted = GapTarget { target };
            Some(service::gap(facts, query, code, period, &wanted, &reader.paging(1, None)).await?)
        }
        None => None,
    };
    Ok(Found {
        value,
        series,
        explanation: Some(explanation),
        gap,
        formula,
    })
}

/// Shows an indicator.
pub async fn show(
    reader: Reader,
    cache: web::Data<ResponseCache>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let subject = Subject::of(path.into_inner())?;
    let is_saved = asked.tersimpan.is_some();
    page(&reader, &cache, &subject, |action| action, Faults::default(), is_saved).await
}

/// Returns the page. `after` fills the form of the note with what was posted.
async fn page(
    reader: &Reader,
    cache: &ResponseCache,
    subject: &Subject,
    after: impl Fn(Action) -> Action,
    faults: Faults,
    is_saved: bool,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let (lang, period) = (reader.lang, subject.period);
    let query = reader.query();
    query.ensure_aggregate()?;
    let read = async |facts: FactReader<'_>| find(reader, facts, &query, subject).await;
    let found = cache.compute_for_page(&query, read).await?;
    let t = Words::of(lang);
    let to = |period: Period| format!("/iku/{}/{period}", subject.code);
    let actions = found
        .formula
        .map(|formula| note::actions(reader, formula, period, found.value.note.as_ref(), t));
    let page = Page {
        shell: reader.shell(subject.title(&found.value, lang)),
        t,
        head_words: home::Words::of(lang),
        lang,
        path: subject.path(),
        period: format::period(period, lang),
        year: period.year(),
        years: home::years(period, reader.today(), to),
        quarters: home::quarters(period, to),
        head: Head::of(&found.value, lang),
        chart: home::trend(&found.series, period, lang),
        is_of_reports: matches!(found.formula, Some(Formula::ReportDelivery { .. })),
        gap: found.gap.filter(|gap| !gap.reached).map(|gap| gap.text),
        note: found.value.note.clone(),
        actions: actions.unwrap_or_default().into_iter().map(after).collect(),
        value: found.value,
        explanation: found.explanation,
        faults,
        is_saved,
    };
    answer::page(page.faults.status(), lang, &page)
}

const OK: StatusCode = StatusCode::OK;
