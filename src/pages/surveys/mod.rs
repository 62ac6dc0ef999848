//! The surveys of a year with their indices, and one survey.

mod held;
mod link;
mod links;
mod new;
mod one;
mod profile;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::marks::Mark;
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, format, people, screen, years};
use crate::access::Section;
use crate::access::permissions::{SurveyIndexRead, SurveysWrite};
use crate::core::formula::survey_index::SurveyStatus;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;
use crate::results::survey_index::service::of_year;

words! {
    /// The texts of the list, and of the states of a survey.
    pub struct Words {
        title: "Survei" / "Surveys",
        about: "Survei kepuasan masyarakat yang berakhir dalam tahun ini." / "Surveys of citizens' satisfaction that end in this year.",
        name: "Survei" / "Survey",
        section: "Seksi" / "Section",
        days: "Masa" / "Days",
        status: "Status" / "Status",
        respondents: "Responden" / "Respondents",
        index: "IKM" / "Index",
        none: "Tidak ada survei yang berakhir dalam tahun ini." / "No survey ends in this year.",
        add: "Survei baru" / "New survey",
        draft: "Rancangan" / "Draft",
        open: "Dibuka" / "Open",
        closed: "Ditutup" / "Closed",
    }
}

/// The paths of surveys.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/survei").get(show).done())
        .service(screen("/survei/baru").get(new::form).post(new::create).done())
        .service(screen("/survei/{id}").get(one::show).post(one::change).done())
        .service(
            screen("/survei/{id}/tautan/baru")
                .get(links::form)
                .post(links::create)
                .done(),
        )
        .service(
            screen("/survei/{id}/tautan/{link}")
                .get(link::show)
                .post(link::change)
                .done(),
        )
        .service(screen("/survei/{id}/tautan/{link}/kupon").get(link::print).done());
}

/// The query of the list.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
}

#[derive(Template)]
#[template(path = "surveys.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    rows: Vec<Row>,
    may_add: bool,
}

struct Row {
    path: String,
    title: String,
    section: &'static str,
    days: String,
    mark: Mark,
    respondents: u64,
    index: Option<String>,
}

/// Shows the surveys of a year.
pub async fn show(
    reader: Reader,
    cache: web::Data<ResponseCache>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveyIndexRead>()?;
    let (lang, this_year) = (reader.lang, reader.today().year());
    let year = years::asked(asked.tahun, this_year)?;
    let (query, district) = (reader.query(), reader.district()?);
    let read = async |facts: FactReader<'_>| of_year(facts, &query, district.as_str(), year).await;
    let surveys = cache.compute_for_page(&query, read).await?;
    let rows = surveys.into_iter().map(|(survey, index)| {
        let section: Section = survey.section.parse()?;
        Ok(Row {
            path: format!("/survei/{}", survey.id),
            title: survey.title,
            section: people::section(section),
            days: days(survey.starts_on, survey.ends_on, lang),
            mark: status(survey.status.parse()?, lang),
            respondents: index.respondents,
            index: index.ikm.map(|ikm| match index.grade {
                Some(grade) => format!("{} ({})", format::decimal(ikm, lang), grade.letter),
                None => format::decimal(ikm, lang),
            }),
        })
    });
    let page = Page {
        rows: rows.collect::<Result<_, Error>>()?,
        shell: reader.shell(Words::of(lang).title),
        t: Words::of(lang),
        year,
        years: years::around(year, this_year),
        may_add: reader.may::<SurveysWrite>(),
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Returns the first and the last day in words.
fn days(first: chrono::NaiveDate, last: chrono::NaiveDate, lang: Lang) -> String {
    format!("{} – {}", format::day(first, lang), format::day(last, lang))
}

/// The state of a survey.
fn status(status: SurveyStatus, lang: Lang) -> Mark {
    let t = Words::of(lang);
    let (class, sign, word) = match status {
        SurveyStatus::Draft => ("idle", "✎", t.draft),
        SurveyStatus::Open => ("good", "●", t.open),
        SurveyStatus::Closed => ("closed", "■", t.closed),
    };
    Mark { class, sign, word }
}
