//! The difference of a value between two instants, as steps: what was recorded, and what the calendar did. The effects of the
//! steps add up to the whole.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use uuid::Uuid;

use super::dto::{
    AnswersChanged, ChangedRecord, Difference, DifferenceCause, DifferenceFilter, DifferenceStep, JudgedRecord,
    JudgedRecordFilter, Realisation, RecordVerdict,
};
use super::records;
use super::service::{frame, realisation};
use crate::core::civil;
use crate::core::exact::Exact;
use crate::core::formula::{Formula, Inputs, Measured};
use crate::core::period::Period;
use crate::facts::responses::tally;
use crate::platform::db::Stream;
use crate::platform::error::{Code, Error};
use crate::platform::http::{Paging, Slug};
use crate::results::facts::{FactReader, Facts, Plan, PlannedIndicator, Span};
use crate::results::query::Query;

/// The most recordings between two instants.
const MOST_RECORDINGS: u64 = 5_000;
/// A survey's past answers are added up at each recording, so one page has fewer of them.
const MOST_OF_SURVEYS: u64 = 10;
/// The most records that one step shows.
const MOST_RECORDS: usize = 1_000;

/// Everything that a value is made of, as known at one instant.
struct State {
    plan: Plan,
    facts: Facts,
}

/// What is compared.
struct Subject<'a> {
    reader: FactReader<'a>,
    query: &'a Query<'a>,
    code: &'a Slug,
    period: Period,
}

/// A state that was measured at an instant, and its records.
struct Value {
    measured: Measured,
    records: Vec<JudgedRecord>,
}

pub async fn between(
    reader: FactReader<'_>,
    query: &Query<'_>,
    code: &Slug,
    period: Period,
    filter: &DifferenceFilter,
    paging: &Paging,
) -> Result<Difference, Error> {
    let request = paging.open(&("difference", code, period, filter))?;
    let query = &query.on_page(&request);
    let until = match query.as_of.or(query.snapshot_at) {
        Some(until) => until,
        None => reader.page_instant(&request, query.now).await?,
    };
    let from = filter.from.unwrap_or(civil::start_of_day(period.window().from));
    if from > until {
        return Err(Error::rule(
            "query:from",
            "`from` tidak boleh sesudah `to`.",
            "`from` must not come after `to`.",
        ));
    }
    let subject = Subject {
        reader,
        query,
        code,
        period,
    };
    let first = subject.load(from).await?;
    let first = first.ok_or_else(|| {
        Error::rule(
            "query:from",
            "Indikator ini belum ada pada saat `from`.",
            "The indicator did not exist at `from`.",
        )
    })?;
    let last = subject.load(until).await?.ok_or_else(Error::not_found)?;
    let indicator = last.indicator(code, period)?;
    let span = Span {
        after: from,
        until,
        most: MOST_RECORDINGS + 1,
    };
    let recordings = reader.recordings(indicator, period.year(), span).await?;
    if recordings.len() as u64 > MOST_RECORDINGS {
        return Err(Error::rule(
            "query:from",
            format!(
                "Lebih dari {MOST_RECORDINGS} pencatatan di antara kedua saat itu. Minta rentang yang lebih pendek."
            ),
            format!(
                "There are more than {MOST_RECORDINGS} recordings between the two instants. Ask for a shorter span."
            ),
        ));
    }
    let is_of_surveys = matches!(indicator.formula, Formula::SurveyIndex { .. });
    let request = match is_of_surveys {
        true => request.at_most(MOST_OF_SURVEYS),
        false => request,
    };
    let recordings: Vec<_> = recordings.into_iter().collect();
    let numbered = recordings.iter().copied().enumerate().collect();
    let page = request.paginate_in_memory(numbered, until)?;
    let before = page.rows.first().and_then(|(n, _)| recordings.get(n.checked_sub(1)?));
    let start = before.map_or(from, |(at, _)| *at);
    let mut walk = Walk::begin(&subject, start).await?;
    for (_, (at, stream)) in &page.rows {
        walk.go_to(*at - TimeDelta::microseconds(1)).await?;
        walk.record(*at, cause(*stream)).await?;
    }
    if page.next_cursor.is_none() {
        walk.go_to(until).await?;
    }
    let items = walk.steps;
    Ok(Difference {
        from: subject.realisation(&first, from)?,
        to: subject.realisation(&last, until)?,
        items,
        next_cursor: page.next_cursor,
        total: page.total,
    })
}

fn cause(stream: Stream) -> DifferenceCause {
    match stream {
        Stream::Targets => DifferenceCause::Target,
        Stream::Surveys | Stream::Institutions | Stream::Cases | Stream::Reports => DifferenceCause::Record,
        Stream::Places
        | Stream::Decrees
        | Stream::Indicators
        | Stream::ReportKinds
        | Stream::CodeLists
        | Stream::Notes
        | Stream::Evidence
        | Stream::Closings => DifferenceCause::Rule,
    }
}

impl State {
    fn indicator(&self, code: &Slug, period: Period) -> Result<&PlannedIndicator, Error> {
        self.plan.indicator(code.as_str(), period.year())
    }
}

impl<'a> Subject<'a> {
    /// Returns what was known at an instant; `None`: the indicator was not in force.
    async fn load(&self, at: DateTime<Utc>) -> Result<Option<State>, Error> {
        let reader = self.reader.known_at(Some(at));
        let plan = match reader.plan_of(self.code.as_str()).await {
            Ok(plan) => plan,
            Err(error) if error.code == Code::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(indicator) = plan.indicator(self.code.as_str(), self.period.year()) else {
            return Ok(None);
        };
        let facts = reader.facts_with_deleted(indicator.reads(), self.period.year()).await?;
        Ok(Some(State { plan, facts }))
    }

    fn at(&self, at: DateTime<Utc>) -> Query<'a> {
        Query {
            as_of: Some(at),
            ..*self.query
        }
    }

    fn measure(&self, state: &State, at: DateTime<Utc>) -> Result<Measured, Error> {
        let (district, formula) = state.indicator(self.code, self.period)?.reads();
        let inputs = state.facts.inputs(formula, district, self.period.year());
        Ok(formula.explain(&frame(&self.at(at), self.period), &inputs))
    }

    fn value(&self, state: &State, at: DateTime<Utc>, measured: Measured) -> Result<Value, Error> {
        let indicator = state.indicator(self.code, self.period)?;
        let frame = frame(&self.at(at), self.period);
        let everything = JudgedRecordFilter::default();
        let records = records::of(self.query, indicator, &state.facts, &frame, &measured, &everything)?;
        Ok(Value { measured, records })
    }

    fn realisation(&self, state: &State, at: DateTime<Utc>) -> Result<Realisation, Error> {
        let measured = self.measure(state, at)?;
        let indicator = state.indicator(self.code, self.period)?;
        realisation(&self.at(at), indicator, self.period, &state.facts, &measured)
    }
}

/// The steps from one instant to the next.
struct Walk<'s, 'a> {
    subject: &'s Subject<'a>,
    at: DateTime<Utc>,
    /// `None`: the indicator is not in force.
    now: Option<(State, Value)>,
    steps: Vec<DifferenceStep>,
}

impl<'s, 'a> Walk<'s, 'a> {
    async fn begin(subject: &'s Subject<'a>, at: DateTime<Utc>) -> Result<Self, Error> {
        let mut walk = Self {
            subject,
            at,
            now: None,
            steps: Vec::new(),
        };
        if let Some(state) = subject.load(at).await? {
            let measured = subject.measure(&state, at)?;
            let value = subject.value(&state, at, measured)?;
            walk.now = Some((state, value));
        }
        Ok(walk)
    }

    /// Passes the time up to an instant. Nothing is recorded in it but answers.
    async fn go_to(&mut self, until: DateTime<Utc>) -> Result<(), Error> {
        if until <= self.at {
            return Ok(());
        }
        self.pass_days(until)?;
        self.count_answers(until).await?;
        self.at = until;
        Ok(())
    }

    /// What is recorded at an instant.
    async fn record(&mut self, at: DateTime<Utc>, cause: DifferenceCause) -> Result<(), Error> {
        let next = match self.subject.load(at).await? {
            Some(state) => {
                let measured = self.subject.measure(&state, at)?;
                let value = self.subject.value(&state, at, measured)?;
                Some((state, value))
            }
            None => None,
        };
        let (before, after) = (self.now.as_ref().map(|(_, v)| v), next.as_ref().map(|(_, v)| v));
        let step = step(at, cause, before, after, None);
        if cause == DifferenceCause::Target || is_change(&step) {
            self.steps.push(step);
        }
        self.now = next;
        self.at = at;
        Ok(())
    }

    /// The days change the value: a term ends, a period begins or is over. Only days of the window can.
    fn pass_days(&mut self, until: DateTime<Utc>) -> Result<(), Error> {
        let window = self.subject.period.window();
        let after = civil::date_of(self.at).checked_add_days(Days::new(1));
        let first = after.unwrap_or(window.from).max(window.from);
        let end = window.to.checked_add_days(Days::new(1)).unwrap_or(window.to);
        let last = civil::date_of(until).min(end);
        let days = first
            .iter_days()
            .take_while(|day| *day <= last)
            .map(civil::start_of_day);
        let instants: Vec<_> = days.chain([until]).collect();
        for at in instants {
            let Some((state, before)) = &self.now else {
                return Ok(());
            };
            let measured = self.subject.measure(state, at)?;
            if (&measured.candidates, &measured.value) == (&before.measured.candidates, &before.measured.value) {
                continue;
            }
            let after = self.subject.value(state, at, measured)?;
            self.steps
                .push(step(at, DifferenceCause::Calendar, Some(before), Some(&after), None));
            if let Some((_, value)) = &mut self.now {
                *value = after;
            }
        }
        Ok(())
    }

    /// Counts the answers up to an instant, survey by survey.
    async fn count_answers(&mut self, until: DateTime<Utc>) -> Result<(), Error> {
        let subject = self.subject;
        let Some((state, _)) = &self.now else {
            return Ok(());
        };
        let (district, formula) = state.indicator(subject.code, subject.period)?.reads();
        if !matches!(formula, Formula::SurveyIndex { .. }) {
            return Ok(());
        }
        let (district, year) = (district.to_owned(), subject.period.year());
        let mut surveys = state.facts.inputs(formula, &district, year).surveys;
        let Some(next) = subject.load(until).await? else {
            return Ok(());
        };
        let later = next.facts.inputs(formula, &district, year).surveys;
        let ids: Vec<Uuid> = surveys.iter().map(|survey| survey.id).collect();
        let changes = tally::changes(&subject.reader.tx(), &ids, self.at, until).await?;
        let frame = frame(&subject.at(until), subject.period);
        for later in later {
            let Some(survey) = surveys.iter_mut().find(|survey| survey.id == later.id) else {
                continue;
            };
            let change = changes.get(&later.id).copied().unwrap_or_default();
            *survey = later;
            if change == tally::Change::default() {
                continue;
            }
            let inputs = Inputs {
                surveys: surveys.clone(),
                ..Inputs::default()
            };
            let after = subject.value(&next, until, formula.explain(&frame, &inputs))?;
            let answers = AnswersChanged {
                survey_id: later.id,
                counted: change.counted,
                voided: change.voided,
            };
            let before = self.now.as_ref().map(|(_, value)| value);
            self.steps.push(step(
                until,
                DifferenceCause::Answers,
                before,
                Some(&after),
                Some(answers),
            ));
            if let Some((_, value)) = &mut self.now {
                *value = after;
            }
        }
        if let Some((state, _)) = &mut self.now {
            *state = next;
        }
        Ok(())
    }
}

fn is_change(step: &DifferenceStep) -> bool {
    !step.records.is_empty() || step.exact_before != step.exact_after
}

fn step(
    at: DateTime<Utc>,
    cause: DifferenceCause,
    before: Option<&Value>,
    after: Option<&Value>,
    answers: Option<AnswersChanged>,
) -> DifferenceStep {
    let of = |value: Option<&Value>| value.and_then(|value| value.measured.value.clone());
    let (old, new) = (of(before), of(after));
    let records = changed(before, after);
    let exact = |value: Option<&Value>| {
        let fraction = value.and_then(|value| value.measured.fraction.as_ref());
        fraction.map(Exact::to_fraction_string)
    };
    DifferenceStep {
        at,
        cause,
        value_before: old.as_ref().map(|value| value.to_hundredths().into()),
        exact_before: exact(before),
        value_after: new.as_ref().map(|value| value.to_hundredths().into()),
        exact_after: exact(after),
        effect: old.zip(new).map(|(old, new)| new.minus(&old).to_fraction_string()),
        records_changed: records.len() as u64,
        records: records.into_iter().take(MOST_RECORDS).collect(),
        answers,
    }
}

/// A candidate in two lists: the obligation, or the record itself.
type Key<'a> = (Option<(&'a str, &'a str, i32)>, Option<Uuid>);

fn key(judged: &JudgedRecord) -> Key<'_> {
    match &judged.obligation {
        Some(owed) => (
            Some((owed.village_code.as_str(), owed.kind.as_str(), owed.fiscal_year)),
            None,
        ),
        None => (None, judged.record.as_ref().map(|record| record.id)),
    }
}

fn judged_of(value: Option<&Value>) -> &[JudgedRecord] {
    value.map_or(&[], |value| &value.records)
}

fn changed(before: Option<&Value>, after: Option<&Value>) -> Vec<ChangedRecord> {
    let mut old: BTreeMap<Key<'_>, &JudgedRecord> =
        judged_of(before).iter().map(|judged| (key(judged), judged)).collect();
    let verdict = |judged: &JudgedRecord| RecordVerdict {
        verdict: judged.verdict,
        amount: judged.amount.clone(),
        reason: judged.reason,
    };
    let mut all = Vec::new();
    for judged in judged_of(after) {
        let was = old.remove(&key(judged));
        let is_same = was.is_some_and(|was| {
            let id = |judged: &JudgedRecord| judged.record.as_ref().map(|record| record.id);
            (verdict(was), id(was)) == (verdict(judged), id(judged))
        });
        if !is_same {
            all.push(ChangedRecord::new(judged, was.map(verdict), Some(verdict(judged))));
        }
    }
    all.extend(
        old.into_values()
            .map(|was| ChangedRecord::new(was, Some(verdict(was)), None)),
    );
    all
}
