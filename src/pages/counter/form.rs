//! The form without JavaScript: it is shown, sent, and shown again with its faults.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::question::{Choice, Question, choices, has_enough, questions, score};
use super::{Asked, Frame, Intake, Words, find, proof, proven, read, without_form};
use crate::facts::responses::batch::dto::{BatchResult, ResponseOutcome};
use crate::facts::surveys::links::form::{self as links, Form, Opened};
use crate::facts::surveys::links::intake::{self, FormAnswer};
use crate::pages::answer;
use crate::pages::form::{OpenPosted, Posted};
use crate::pages::shell::encoded;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::RawItem;
use crate::platform::http::cursor::CursorKey;
use crate::platform::text::Lang;

/// Seconds after which a busy service may be tried again.
const RETRY: u16 = 5;

#[derive(Template)]
#[template(path = "counter_form.html")]
struct Page {
    frame: Frame,
    t: &'static Words,
    survey: String,
    survey_id: Uuid,
    /// Of the answer.
    id: String,
    started: String,
    questions: Vec<Question>,
    needed: u32,
    choices: Vec<Choice>,
    age: String,
    comment: String,
    slip: String,
    slip_encoded: String,
    /// Whether the form asks for the code of a slip.
    asks_slip: bool,
    has_details: bool,
    faults: Vec<String>,
}

/// Shows the form of a link.
pub async fn show(
    req: HttpRequest,
    (db, key): (web::Data<Db>, web::Data<CursorKey>),
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let lang = asked.lang(req.headers());
    let opened = match find(&db, &code, lang).await? {
        Ok(opened) => opened,
        Err(page) => return Ok(page),
    };
    let now = db.clock().now();
    if let Some(page) = without_form(&opened, now, lang)? {
        return Ok(page);
    }
    let form = read(&db, async |tx| links::load(tx, &opened.survey, now).await).await?;
    let fresh = Filled {
        id: Uuid::new_v4(),
        started: proof(&key, &opened.link.code, now),
        slip: asked.kupon.clone().unwrap_or_default(),
        posted: None,
    };
    page(&opened, &form, fresh, (StatusCode::OK, Vec::new()), lang)
}

/// What a form has been filled with.
struct Filled<'a> {
    id: Uuid,
    started: String,
    slip: String,
    posted: Option<&'a Posted>,
}

fn page(
    opened: &Opened,
    form: &Form,
    filled: Filled<'_>,
    (status, faults): (StatusCode, Vec<String>),
    lang: Lang,
) -> Result<HttpResponse, Error> {
    let t = Words::of(lang);
    let posted = filled.posted;
    let text = |name: &str| posted.map_or("", |posted| posted.text(name));
    let legible = |text: &str| {
        text.chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect()
    };
    let choices = choices(form, posted, t);
    let is_chosen = |choice: &Choice| {
        choice
            .options
            .iter()
            .any(|(code, _, chosen)| *chosen && !code.is_empty())
    };
    let page = Page {
        frame: Frame::of(lang, t.title, opened),
        t,
        survey: opened.survey.title.clone(),
        survey_id: opened.survey.id,
        id: filled.id.to_string(),
        started: legible(&filled.started),
        questions: questions(form, posted, lang),
        needed: form.active.answers_needed(),
        has_details: choices.iter().any(is_chosen) || !text("age").is_empty(),
        choices,
        age: legible(text("age")),
        comment: legible(text("comment")),
        asks_slip: opened.link.slips_required || !filled.slip.is_empty(),
        slip_encoded: encoded(&filled.slip),
        slip: legible(&filled.slip),
        faults,
    };
    let mut response = answer::page(status, lang, &page)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY));
    }
    Ok(response)
}

/// Takes a form. Faults and a busy service show it again, with all that was filled in.
pub async fn send(
    req: HttpRequest,
    (db, queue, contract, key): Intake,
    code: web::Path<String>,
    asked: web::Query<Asked>,
    posted: OpenPosted,
) -> Result<HttpResponse, Error> {
    let (lang, posted) = (asked.lang(req.headers()), posted.0);
    let opened = match find(&db, &code, lang).await? {
        Ok(opened) => opened,
        Err(page) => return Ok(page),
    };
    let now = db.clock().now();
    let form = read(&db, async |tx| links::load(tx, &opened.survey, now).await).await?;
    let filled = Filled {
        id: posted.text("id").parse().unwrap_or_else(|_| Uuid::new_v4()),
        started: posted.text("started").to_owned(),
        slip: posted.text("slip").to_owned(),
        posted: Some(&posted),
    };
    if !has_enough(&form, &posted) {
        let faults = (StatusCode::UNPROCESSABLE_ENTITY, vec![Words::of(lang).few.to_owned()]);
        return page(&opened, &form, filled, faults, lang);
    }
    let answer = answer_of(&opened, &form, &filled, &key)?;
    let stored = intake::receive(&db, &queue, &contract, &opened.link, (vec![answer], None), lang).await;
    let again = |note: &str| {
        let lang = lang.tag();
        answer::see_other(&format!("/s/{}/terima-kasih?bahasa={lang}{note}", opened.link.code))
    };
    let result = stored.map(|outcome| outcome.results.into_iter().next());
    match result {
        Ok(Some(BatchResult { outcome, errors, .. })) => match outcome {
            ResponseOutcome::Created | ResponseOutcome::AlreadyStored | ResponseOutcome::Quarantined => again(""),
            ResponseOutcome::Conflict => again("&ganda=ya"),
            ResponseOutcome::Rejected | ResponseOutcome::Deferred => {
                let status = match outcome {
                    ResponseOutcome::Rejected => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                let sentences = errors.into_iter().map(|error| error.detail).collect();
                page(&opened, &form, filled, (status, sentences), lang)
            }
        },
        Ok(None) => Err(Error::internal("an answer of a form has no result")),
        Err(error) if error.code.status().is_server_error() => {
            error.log();
            let busy = vec![Words::of(lang).busy.to_owned()];
            page(&opened, &form, filled, (StatusCode::SERVICE_UNAVAILABLE, busy), lang)
        }
        Err(error) => Err(error),
    }
}

/// Returns what was filled in as an item of a batch. It is given at the instant of the form, so that a form that is sent twice is
/// one answer.
fn answer_of(opened: &Opened, form: &Form, filled: &Filled<'_>, key: &CursorKey) -> Result<FormAnswer, Error> {
    let posted = filled.posted.ok_or_else(|| Error::internal("a form was not posted"))?;
    let started = proven(key, &opened.link.code, &filled.started);
    let asked = form.questionnaire.elements.iter().map(|element| element.code.code());
    let answers = asked.filter_map(|name| Some((name.to_owned(), Value::from(score(posted, name)?))));
    let mut item = Map::from_iter([
        ("survey_id".to_owned(), json!(opened.survey.id)),
        ("id".to_owned(), json!(filled.id)),
        ("answers".to_owned(), Value::Object(answers.collect())),
    ]);
    if let Some(started) = started {
        item.insert("answered_at".to_owned(), json!(started));
    }
    for name in ["service", "village_code", "comment"] {
        if !posted.text(name).is_empty() {
            item.insert(name.to_owned(), posted.text(name).into());
        }
    }
    let about = ["gender", "education", "occupation"].into_iter();
    let about = about.filter(|name| !posted.text(name).is_empty());
    let about = about.map(|name| (name.to_owned(), Value::from(posted.text(name))));
    let age = posted.text("age").parse::<i64>().ok();
    let age = age.map(|age| ("age".to_owned(), Value::from(age)));
    let respondent: Map<String, Value> = about.chain(age).collect();
    if !respondent.is_empty() {
        item.insert("respondent".to_owned(), Value::Object(respondent));
    }
    Ok(FormAnswer {
        item: RawItem::of(&item)?,
        started,
        seconds: None,
        slip: Some(filled.slip.clone()).filter(|slip| !slip.is_empty()),
    })
}
