//! What has changed a value since the year began: recordings, answers and the calendar, step by step.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::records::{called, path_of};
use super::{OK, Subject};
use crate::access::permissions::{RealisationsRead, ReportsRead};
use crate::pages::problem::sentences;
use crate::pages::reader::Reader;
use crate::pages::shell::{Shell, encoded};
use crate::pages::words::words;
use crate::pages::{answer, format};
use crate::platform::error::{Code, Error};
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::realisations::difference::between;
use crate::results::realisations::dto::{
    ChangedRecord, DifferenceCause, DifferenceFilter, DifferenceStep, Realisation, VerdictCode,
};
use crate::results::realisations::service;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        title: "Mengapa nilainya berubah" / "Why the value has changed",
        about: "Setiap langkah yang mengubah nilai sejak awal tahun: apa yang dicatat, dan apa yang dibawa kalender." /
            "Every step that has changed the value since the year began: what was recorded, and what the calendar brought.",
        when: "Waktu" / "Time",
        cause: "Sebab" / "Cause",
        before: "Sebelum" / "Before",
        after: "Sesudah" / "After",
        what: "Catatan" / "Records",
        record: "Catatan" / "Record",
        answers: "Jawaban survei" / "Survey answers",
        calendar: "Kalender" / "Calendar",
        rule: "Aturan atau data induk" / "Rule or master data",
        target: "Target" / "Target",
        none: "Nilainya tidak berubah sejak awal tahun." / "The value has not changed since the year began.",
        no_value: "belum ada" / "none",
        more: "catatan lain" / "further records",
        counted: "jawaban mulai dihitung" / "answers began to count",
        voided: "jawaban tidak lagi dihitung" / "answers no longer count",
        now_counts: "kini dihitung" / "now counts",
        no_longer: "tidak lagi dihitung" / "no longer counts",
    }
}

/// The most records that a step names on the page.
const MOST_NAMED: usize = 5;

/// The query of the list.
#[derive(Debug, Deserialize)]
pub struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "difference.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    path: String,
    title: String,
    /// Why there is no list.
    refused: Vec<String>,
    steps: Vec<Step>,
    next: Option<String>,
    is_first: bool,
}

struct Step {
    at: String,
    cause: &'static str,
    before: String,
    after: String,
    lines: Vec<(String, Option<String>)>,
}

/// Shows one page of the steps.
pub async fn show(
    reader: Reader,
    cache: web::Data<ResponseCache>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let subject = Subject::of(path.into_inner())?;
    let lang = reader.lang;
    let cursor = asked.into_inner().cursor;
    let is_first = cursor.is_none();
    let (query, paging) = (reader.query(), reader.paging(100, cursor));
    let filter = DifferenceFilter { from: None, to: None };
    let read = async |facts: FactReader<'_>| {
        let value = service::one(facts, &query, &subject.code, subject.period).await?;
        let names = facts.village_names(value.district_code.as_str(), query.day()).await?;
        let steps = match between(facts, &query, &subject.code, subject.period, &filter, &paging).await {
            Ok(difference) => Ok((difference.items, difference.next_cursor)),
            // A period that is not over yet, or too many recordings: the page says so.
            Err(error) if error.code == Code::RuleBroken => Err(error),
            Err(error) => return Err(error),
        };
        Ok((value, names, steps))
    };
    let (value, names, steps) = cache.compute_for_page(&query, read).await?;
    let (steps, next, refused) = match steps {
        Ok((steps, next)) => (steps, next, Vec::new()),
        Err(error) => (Vec::new(), None, sentences(&error, lang)),
    };
    let may_open = reader.may::<ReportsRead>();
    let t = Words::of(lang);
    let shown = Page {
        steps: steps
            .iter()
            .filter(|step| step.exact_before != step.exact_after)
            .map(|step| shown(step, &value, &names, may_open, lang))
            .collect(),
        next: next.map(|cursor| encoded(&cursor)),
        title: subject.title(&value, lang),
        path: subject.path(),
        shell: reader.shell(t.title),
        t,
        refused,
        is_first,
    };
    answer::page(OK, lang, &shown)
}

fn shown(
    step: &DifferenceStep,
    value: &Realisation,
    names: &HashMap<String, String>,
    may_open: bool,
    lang: Lang,
) -> Step {
    let t = Words::of(lang);
    let unit = value.indicator.unit.as_str();
    let figure =
        |number: Option<_>| number.map_or_else(|| t.no_value.to_owned(), |number| format::value(number, unit, lang));
    let mut lines: Vec<_> = step
        .records
        .iter()
        .take(MOST_NAMED)
        .map(|record| line(record, names, may_open, lang))
        .collect();
    let named = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if let Some(further) = step.records_changed.checked_sub(named).filter(|further| *further > 0) {
        lines.push((format!("+ {further} {}", t.more), None));
    }
    if let Some(answers) = &step.answers {
        let counts = [(answers.counted, t.counted), (answers.voided, t.voided)];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        lines.extend(counts.map(|(count, words)| (format!("{count} {words}"), None)));
    }
    Step {
        at: format::instant(step.at, lang),
        cause: match step.cause {
            DifferenceCause::Record => t.record,
            DifferenceCause::Answers => t.answers,
            DifferenceCause::Calendar => t.calendar,
            DifferenceCause::Rule => t.rule,
            DifferenceCause::Target => t.target,
        },
        before: figure(step.value_before),
        after: figure(step.value_after),
        lines,
    }
}

/// Returns a changed record in words, and its page.
fn line(
    changed: &ChangedRecord,
    names: &HashMap<String, String>,
    may_open: bool,
    lang: Lang,
) -> (String, Option<String>) {
    let t = Words::of(lang);
    let village = changed.village_code.as_ref().and_then(|code| names.get(code.as_str()));
    let what = match (&changed.obligation, &changed.record) {
        (Some(owed), _) => format!("{} {}", owed.kind, owed.fiscal_year),
        (None, Some(record)) => called(record, lang),
        (None, None) => String::new(),
    };
    let counts = changed
        .after
        .as_ref()
        .is_some_and(|after| after.verdict == VerdictCode::Contributing);
    let verdict = if counts { t.now_counts } else { t.no_longer };
    let name = village.map(|village| format!("{village}, ")).unwrap_or_default();
    let path = path_of(changed.record.as_ref(), changed.obligation.as_ref()).filter(|_| may_open);
    (format!("{name}{what}: {verdict}"), path)
}
