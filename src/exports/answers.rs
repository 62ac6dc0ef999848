//! The answers to a survey that count: for the officers of its section and for auditors. Comments are optional.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use ::entity::response::{Column as C, Entity as Responses};
use ::entity::survey;

use super::dto::AnswersFilter;
use super::table::{Cell, Row, Table, word, words};
use super::walk::{self, walk};
use super::{Export, Source};
use crate::access::{Actor, Role, Section};
use crate::core::element::Element;
use crate::facts::responses::dto::{Respondent, Response};
use crate::facts::responses::service::visible_survey;
use crate::facts::responses::tally::counted_at;
use crate::platform::error::{Code, Error};
use crate::platform::http::page::Keyset;

const BEFORE: [&str; 7] = [
    "id",
    "survey_id",
    "answered_at",
    "received_at",
    "mode",
    "service",
    "village_code",
];
const BEHIND: [&str; 5] = ["gender", "age", "education", "occupation", "flags"];

pub async fn export(source: &Source<'_>, filter: &AnswersFilter) -> Result<Export, Error> {
    let (id, actor) = (filter.survey_id, source.actor);
    let survey = source.db.read(async |tx| visible_survey(tx, actor, id).await).await?;
    ensure_may_export(actor, &survey)?;
    let at = walk::instant(source.db, source.query().known_at(), &survey.district_code).await?;
    let query = Responses::find()
        .filter(C::SurveyId.eq(id))
        .filter(counted_at(Some(at)));
    let keyset = Keyset::ascending(vec![C::ReceivedAt, C::Id]);
    let with_comments = filter.comments.unwrap_or(false);
    let parts = walk(source.db.clone(), query, keyset, async move |_, rows| {
        let row = |row| cells(Response::try_from(row)?, with_comments);
        rows.into_iter().map(row).collect()
    });
    let elements = Element::ALL.into_iter().map(Element::code);
    let columns = BEFORE.into_iter().chain(elements).chain(BEHIND);
    let columns = columns.chain(with_comments.then_some("comment"));
    Ok(Export {
        name: format!("jawaban-{id}"),
        at,
        tables: vec![Table::new("Jawaban", columns, parts)],
    })
}

/// 403 unless the actor works for the section of the survey, or inspects it.
fn ensure_may_export(actor: &Actor, survey: &survey::Model) -> Result<(), Error> {
    let section: Section = survey.section.parse()?;
    if actor.role == Role::Auditor || actor.ensure_section(section).is_ok() {
        return Ok(());
    }
    Err(Error::new(Code::WrongSection).detail(
        format!("Hanya petugas seksi {section} dan Inspektorat yang boleh mengekspor jawaban survei ini."),
        format!("Only officers of section {section} and auditors may export the answers of this survey."),
    ))
}

fn cells(answer: Response, with_comments: bool) -> Result<Row, Error> {
    let Response {
        id,
        survey_id,
        answers,
        answered_at,
        received_at,
        mode,
        flags,
        clock_implausible: _,
        service,
        village_code,
        respondent,
        comment,
        void: _,
        counted_from: _,
    } = answer;
    let Respondent {
        gender,
        age,
        education,
        occupation,
    } = respondent.unwrap_or_default();
    let before: [Cell; 7] = [
        id.into(),
        survey_id.into(),
        answered_at.into(),
        received_at.into(),
        word(mode)?,
        service.into(),
        village_code.map(String::from).into(),
    ];
    let scores = Element::ALL.map(|element| Cell::from(answers.get(element).map(|score| u64::from(score.get()))));
    let behind: [Cell; 5] = [
        gender.into(),
        age.into(),
        education.into(),
        occupation.into(),
        words(flags)?,
    ];
    let comment = with_comments.then(|| comment.into());
    Ok(before.into_iter().chain(scores).chain(behind).chain(comment).collect())
}
