//! The overview: the indicators of the district in a quarter, and what is due next.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::charts::{self, Column};
use super::marks::{self, Mark};
use super::reader::Reader;
use super::shell::Shell;
use super::words::words;
use super::{answer, due, format, years};
use crate::access::Section;
use crate::access::permissions::{CompletenessRead, RealisationsRead, SurveysRead};
use crate::core::decimal::Hundredths;
use crate::core::formula::{Formula, Status, Unit};
use crate::core::obligation::ReportGroup;
use crate::core::period::{Period, PeriodKind};
use crate::facts::surveys::query::open_or_ending;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Paging};
use crate::platform::text::Lang;
use crate::results::completeness;
use crate::results::completeness::dto::{Completeness, CompletenessFilter};
use crate::results::facts::FactReader;
use crate::results::query::Query;
use crate::results::realisations::dto::{Realisation, RealisationFilter, RealisationSheet};
use crate::results::realisations::sheet;
use crate::results::response_cache::ResponseCache;

words! {
    /// The texts of the overview, and of an indicator's head.
    pub struct Words {
        title: "Beranda" / "Overview",
        to_date: "Nilai dihitung sejak 1 Januari sampai akhir triwulan." / "Values count from 1 January to the end of the quarter.",
        quarters: "Triwulan" / "Quarter",
        years: "Tahun" / "Year",
        no_value: "Belum ada nilai" / "No value yet",
        target: "Target" / "Target",
        no_target: "belum ditetapkan" / "not set",
        achievement: "Capaian" / "Achievement",
        closed: "Ditutup" / "Closed",
        open: "Belum ditutup" / "Not closed",
        provisional: "Sementara" / "Provisional",
        now_differs: "Bila dihitung sekarang" / "Computed now",
        details: "Penjelasan" / "Explanation",
        trend: "Nilai per triwulan" / "Values by quarter",
        target_mark: "garis: target" / "line: target",
        no_decree: "Belum ada keputusan yang menetapkan IKU untuk tahun ini." / "No decree sets indicators for this year.",
        last_year: "Tahun terakhir yang memiliki IKU:" / "The last year that has indicators:",
        next: "Berikutnya" / "Next",
    }
}

/// The query of the overview.
#[derive(Debug, Deserialize)]
pub struct Asked {
    periode: Option<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    period: String,
    quarters: Vec<Tab>,
    years: Vec<Tab>,
    cards: Vec<Card>,
    last_year: Option<i32>,
}

/// A period to choose.
#[derive(Debug)]
pub struct Tab {
    pub name: String,
    pub path: String,
    pub is_here: bool,
}

/// One indicator.
#[derive(Debug)]
struct Card {
    path: String,
    number: i32,
    name: String,
    head: Head,
    chart: String,
    due: Vec<String>,
}

/// A value with everything that belongs beside it.
#[derive(Debug)]
pub struct Head {
    pub value: Option<String>,
    /// Why there is no value.
    pub reason: Option<String>,
    pub grade: Option<String>,
    pub target: Option<String>,
    pub achievement: Option<String>,
    pub category: Option<Mark>,
    pub state: Mark,
    /// The day of the closing.
    pub closed_on: Option<String>,
    /// What a closed value would be now, if it differs.
    pub now_differs: Option<String>,
}

impl Head {
    pub fn of(value: &Realisation, lang: Lang) -> Self {
        let t = Words::of(lang);
        let unit = value.indicator.unit.as_str();
        let show = |number| format::value(number, unit, lang);
        let (class, sign, word) = match (&value.closing, value.status) {
            (Some(_), _) => ("closed", "■", t.closed),
            (None, Status::Provisional) => ("idle", "◌", t.provisional),
            (None, Status::Computed | Status::NotComputable) => ("idle", "□", t.open),
        };
        let revised = value.closing.as_ref().and_then(|closing| closing.revised.as_ref());
        let differs = revised.filter(|now| now.changed);
        Self {
            value: value.value.map(show),
            reason: value.reason_text.clone(),
            grade: value
                .grade
                .as_ref()
                .map(|grade| format!("{} · {}", grade.letter, grade.label)),
            target: value.target.map(show),
            achievement: value
                .achievement
                .map(|percent| format!("{}%", format::decimal(percent, lang))),
            category: value
                .achievement_category
                .map(|category| marks::achievement(category, lang)),
            state: Mark { class, sign, word },
            closed_on: value
                .closing
                .as_ref()
                .map(|closing| format::instant(closing.closed_at, lang)),
            now_differs: differs.map(|now| now.value.map_or_else(|| t.no_value.to_owned(), show)),
        }
    }
}

/// Shows the overview; who may not read values gets the own account.
pub async fn show(
    reader: Reader,
    cache: web::Data<ResponseCache>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    if !reader.may::<RealisationsRead>() {
        return answer::see_other("/akun");
    }
    let (lang, today) = (reader.lang, reader.today());
    let period = match &asked.periode {
        Some(text) => quarter_of(text)?,
        None => current_quarter(today)?,
    };
    let district = reader.district()?;
    let query = reader.query();
    let (paging, may_see_reports) = (reader.paging(100, None), reader.may::<CompletenessRead>());
    let may_see_surveys = reader.may::<SurveysRead>();
    let read = async |facts: FactReader<'_>| {
        let sheet = of_year(facts, &query, district, period.year(), &paging).await?;
        let due = match may_see_reports {
            true => Some(owed(facts, &query, district, period.year()).await?),
            false => None,
        };
        let plan = facts.plan(BTreeSet::from([district.as_str().to_owned()])).await?;
        let formulas = plan.in_force(period.year()).into_iter();
        let formulas: HashMap<String, Formula> = formulas.map(|one| (one.row.code.clone(), one.formula)).collect();
        let mut surveys = HashMap::new();
        for section in formulas.values().filter(|_| may_see_surveys).filter_map(of_surveys) {
            let days = (period.first_day(), period.last_day());
            let found = open_or_ending(&facts.tx(), district.as_str(), section, days).await?;
            surveys.insert(section, found);
        }
        Ok((sheet, due, formulas, surveys))
    };
    let (sheet, owed, formulas, surveys) = cache.compute_for_page(&query, read).await?;
    let last_year = sheet.not_in_force.first().and_then(|district| district.last_year);
    let of_indicator = sheet
        .items
        .chunk_by(|one, next| one.indicator.code == next.indicator.code);
    let cards = of_indicator.filter_map(|series| {
        let value = series
            .iter()
            .find(|value| value.period.last_day() == period.last_day())?;
        let formula = formulas.get(value.indicator.code.as_str());
        let surveys = formula.and_then(of_surveys).and_then(|section| surveys.get(&section));
        Some(Card {
            path: format!("/iku/{}/{period}", value.indicator.code),
            number: value.indicator.number,
            name: value.indicator.name.clone(),
            head: Head::of(value, lang),
            chart: trend(series, period, lang),
            due: due::lines(value, formula, owed.as_ref(), surveys.map(Vec::as_slice), (today, lang)),
        })
    });
    let title = Words::of(lang).title;
    let page = Page {
        cards: cards.collect(),
        shell: reader.shell(title),
        t: Words::of(lang),
        period: format::period(period, lang),
        quarters: quarters(period, |period| format!("/?periode={period}")),
        years: years(period, today, |period| format!("/?periode={period}")),
        last_year,
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Returns the section whose surveys a formula reads.
fn of_surveys(formula: &Formula) -> Option<Section> {
    match formula {
        Formula::SurveyIndex { section } => Some(*section),
        _ => None,
    }
}

/// Returns the values of a district in the four quarters of a year, by indicator.
async fn of_year(
    facts: FactReader<'_>,
    query: &Query<'_>,
    district: &DistrictCode,
    year: i32,
    paging: &Paging,
) -> Result<RealisationSheet, Error> {
    let filter = RealisationFilter {
        period: None,
        district_code: Some(district.clone()),
        from: Period::new(year, PeriodKind::Quarter, 1),
        to: Period::new(year, PeriodKind::Quarter, 4),
        changed_since: None,
    };
    sheet::all(facts, query, &filter, paging).await
}

/// Returns the owed reports of IKU 4 and of IKU 5.
async fn owed(
    facts: FactReader<'_>,
    query: &Query<'_>,
    district: &DistrictCode,
    year: i32,
) -> Result<[Completeness; 2], Error> {
    let of = async |group| {
        let filter = CompletenessFilter {
            district_code: Some(district.clone()),
            village_code: None,
            year: Some(year),
            group: Some(group),
        };
        completeness::service::get(facts, query, &filter).await
    };
    Ok([of(ReportGroup::Administration).await?, of(ReportGroup::Finance).await?])
}

/// Returns the quarter of a text; 404 for any other period.
pub fn quarter_of(text: &str) -> Result<Period, Error> {
    let period: Period = text.parse().map_err(|_| Error::not_found())?;
    let quarters = (1..=4).filter_map(|number| Period::new(period.year(), PeriodKind::Quarter, number));
    let mut same = quarters.filter(|quarter| quarter.last_day() == period.last_day());
    same.next().ok_or_else(Error::not_found)
}

fn current_quarter(today: NaiveDate) -> Result<Period, Error> {
    let quarter = Period::new(today.year(), PeriodKind::Quarter, today.month0() / 3 + 1);
    quarter.ok_or_else(Error::not_found)
}

/// Returns the quarters of a period's year.
pub fn quarters(here: Period, path: impl Fn(Period) -> String) -> Vec<Tab> {
    let all = (1..=4).filter_map(|number| Period::new(here.year(), PeriodKind::Quarter, number));
    let tabs = all.zip(ROMAN).map(|(period, name)| Tab {
        name: name.to_owned(),
        path: path(period),
        is_here: period.last_day() == here.last_day(),
    });
    tabs.collect()
}

/// Returns the years around a period: the two before this year, this year, and the period's own with its neighbours.
pub fn years(here: Period, today: NaiveDate, path: impl Fn(Period) -> String) -> Vec<Tab> {
    let year = here.year();
    let of = |year| {
        let period = Period::new(year, PeriodKind::Quarter, here.number())?;
        Some(Tab {
            name: year.to_string(),
            path: path(period),
            is_here: year == here.year(),
        })
    };
    years::around(year, today.year()).into_iter().filter_map(of).collect()
}

const ROMAN: [&str; 4] = ["I", "II", "III", "IV"];

/// Draws the values of the quarters with their targets.
pub fn trend(series: &[Realisation], here: Period, lang: Lang) -> String {
    let t = Words::of(lang);
    let columns = series.iter().zip(ROMAN).map(|(value, label)| Column {
        label,
        value: value.value.map(Hundredths::from),
        target: value.target.map(Hundredths::from),
        is_here: value.period.last_day() == here.last_day(),
    });
    let columns: Vec<Column> = columns.collect();
    let words = series.iter().map(|value| {
        let show = |number| format::value(number, &value.indicator.unit, lang);
        let own = value.value.map_or_else(|| t.no_value.to_owned(), show);
        let target = value.target.map(|target| format!(" ({} {})", t.target, show(target)));
        format!(
            "{}: {own}{}",
            format::period(value.period, lang),
            target.unwrap_or_default()
        )
    });
    let words: Vec<String> = words.collect();
    let is_count = series
        .first()
        .is_some_and(|value| value.indicator.unit == Unit::Count.as_str());
    let at_least = Hundredths(if is_count { 0 } else { 10_000 });
    charts::columns(t.trend, &words.join("; "), &columns, at_least)
}
