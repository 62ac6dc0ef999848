//! The results of the satisfaction surveys that end in a year: a row for each survey.

use chrono::Datelike;

use ::entity::survey;

use super::dto::YearFilter;
use super::indicators::status;
use super::table::{Cell, Row, Table};
use super::{Export, Source};
use crate::core::element::Element;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;
use crate::results::facts::FactReader;
use crate::results::survey_index::dto::{ElementIndex, SurveyIndex};
use crate::results::survey_index::service::of_year;

const COLUMNS: [&str; 18] = [
    "survey_id",
    "district_code",
    "title",
    "section",
    "starts_on",
    "ends_on",
    "survey_status",
    "status",
    "population",
    "sample_required",
    "respondents",
    "voided",
    "held",
    "ikm",
    "grade",
    "grade_label",
    "reason",
    "inactive_elements",
];

/// The columns of each element, in the order of the standard form.
const OF_ELEMENT: [&str; 5] = ["answers", "nrr", "weighted_nrr", "index", "grade"];

pub async fn export(source: &Source<'_>, filter: &YearFilter) -> Result<Export, Error> {
    let query = &source.query();
    query.ensure_aggregate()?;
    let year = filter.year.unwrap_or_else(|| query.day().year());
    let found = async |reader: FactReader<'_>| {
        let asked = filter.district_code.as_ref().map(DistrictCode::as_str);
        let district = query.one_district(&reader, asked).await?;
        let surveys = of_year(reader, query, district.as_str(), year).await?;
        Ok((district, surveys))
    };
    let (district, surveys) = source.cache.compute(query, found).await?;
    let columns = COLUMNS.into_iter().map(str::to_owned);
    let of_elements = Element::ALL
        .into_iter()
        .flat_map(|element| OF_ELEMENT.map(|name| format!("{}_{name}", element.code())));
    let rows = surveys.into_iter().map(|(survey, index)| row(survey, index)).collect();
    Ok(Export {
        name: format!("survei-{district}-{year}"),
        at: query.as_of.unwrap_or(query.now),
        tables: vec![Table::of_rows("Survei", columns.chain(of_elements), rows)],
    })
}

fn row(survey: survey::Model, index: SurveyIndex) -> Row {
    let SurveyIndex {
        survey_id,
        status: of_value,
        respondents,
        by_mode: _,
        voided,
        held,
        ikm,
        exact: _,
        grade,
        elements,
        sample,
        profile: _,
        reason: _,
        reason_text,
    } = index;
    let inactive = elements
        .iter()
        .filter(|element| !element.active)
        .map(|element| element.code.code());
    let inactive = inactive.collect::<Vec<_>>().join(" ");
    let (letter, label) = grade.map(|grade| (grade.letter, grade.label)).unzip();
    let start: [Cell; 18] = [
        survey_id.into(),
        survey.district_code.into(),
        survey.title.into(),
        survey.section.into(),
        survey.starts_on.into(),
        survey.ends_on.into(),
        survey.status.into(),
        status(of_value).into(),
        survey.population.into(),
        sample.map(|sample| sample.required).into(),
        respondents.into(),
        voided.into(),
        held.into(),
        ikm.into(),
        letter.into(),
        label.into(),
        reason_text.into(),
        Some(inactive).filter(|codes| !codes.is_empty()).into(),
    ];
    start
        .into_iter()
        .chain(elements.into_iter().flat_map(of_element))
        .collect()
}

fn of_element(element: ElementIndex) -> [Cell; 5] {
    let ElementIndex {
        code: _,
        active: _,
        answers,
        nrr,
        weighted_nrr,
        index,
        grade,
    } = element;
    [
        answers.into(),
        nrr.into(),
        weighted_nrr.into(),
        index.into(),
        grade.map(|grade| grade.letter).into(),
    ]
}
