//! Checks that the answers of each survey are as the journal says. A finding names the transaction and the survey.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::journal::{Column as C, Entity as Journal, Model};
use ::entity::survey;

use super::Findings;
use crate::facts::responses::transitions::{self, Lines, Span};
use crate::platform::db::ReadTx;
use crate::platform::db::journal::content::digest_of;
use crate::platform::db::journal::{Action, Resource};
use crate::platform::error::Error;

/// Events that are read at a time. Each has the answers of one transaction, up to some thousands.
const EVENTS: u64 = 100;
/// Answers of a long span that are read at a time.
const ANSWERS: u64 = 10_000;

/// Returns the number of events.
pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<usize, Error> {
    let surveys: Vec<Uuid> = survey::Entity::find()
        .select_only()
        .column(survey::Column::Id)
        .distinct()
        .into_tuple()
        .all(tx)
        .await?;
    let mut events = 0;
    for survey in surveys {
        for resource in [Resource::Response, Resource::HeldResponse] {
            events += of_survey(tx, findings, survey, resource).await?;
        }
    }
    Ok(events)
}

async fn of_survey(tx: &ReadTx, findings: &mut Findings, survey: Uuid, resource: Resource) -> Result<usize, Error> {
    let (mut last, mut after) = (0, DateTime::<Utc>::UNIX_EPOCH);
    let mut events = 0;
    loop {
        // The key of a decision on held answers is no survey, so the events are those of receipts.
        let page = Journal::find()
            .filter(C::Resource.eq(resource.as_str()))
            .filter(C::Key.eq(survey.to_string()))
            .filter(C::Seq.gt(last))
            .order_by_asc(C::Seq)
            .limit(EVENTS)
            .all(tx)
            .await?;
        let Some(end) = page.last() else { break };
        (last, events) = (end.seq, events + page.len());
        let (history, commits): (Vec<&Model>, Vec<&Model>) = page.iter().partition(|event| is_history(event));
        for event in history {
            let until = Some(event.at);
            let lines = read(tx, survey, resource, Span { after, until }).await?;
            judge(
                findings,
                survey,
                event,
                lines.into_iter().map(|(_, line)| line).collect(),
            );
            after = event.at;
        }
        let until = Some(end.at);
        let mut by_commit: BTreeMap<DateTime<Utc>, Vec<String>> = BTreeMap::new();
        for (at, line) in read(tx, survey, resource, Span { after, until }).await? {
            by_commit.entry(at).or_default().push(line);
        }
        for event in commits {
            let lines = by_commit.remove(&event.at).unwrap_or_default();
            judge(findings, survey, event, lines);
        }
        by_commit.keys().for_each(|at| unknown(findings, survey, *at));
        after = end.at;
    }
    let rest = read(tx, survey, resource, Span { after, until: None }).await?;
    if let Some((at, _)) = rest.first() {
        unknown(findings, survey, *at);
    }
    Ok(events)
}

/// The first events of a survey that had answers before the journal began cover all of them, some thousands each.
fn is_history(event: &Model) -> bool {
    event.action == Action::Recorded.as_str()
}

fn unknown(findings: &mut Findings, survey: Uuid, at: DateTime<Utc>) {
    findings.errors.push(format!(
        "journal: answers of survey {survey} changed at {at:?} without an event"
    ));
}

/// Compares the answers of a commit with the digest of its event.
fn judge(findings: &mut Findings, survey: Uuid, event: &Model, lines: Vec<String>) {
    if event.content.as_deref() != Some(&digest_of(&lines)) {
        let (at, seq, chain) = (event.at, event.seq, &event.chain);
        findings.errors.push(format!(
            "journal: answers of survey {survey} in the commit of {at:?} (chain {chain}, event {seq}) were changed after they \
             were recorded"
        ));
    }
}

/// Reads the lines of a span, some answers at a time.
async fn read(tx: &ReadTx, survey: Uuid, resource: Resource, span: Span) -> Result<Lines, Error> {
    let mut lines = Vec::new();
    let mut after = span.after;
    while let Some(until) = part_end(tx, survey, resource, after).await? {
        if span.until.is_some_and(|end| end <= until) {
            break;
        }
        let part = Span {
            after,
            until: Some(until),
        };
        lines.extend(read_part(tx, survey, resource, part).await?);
        after = until;
    }
    let rest = Span {
        after,
        until: span.until,
    };
    lines.extend(read_part(tx, survey, resource, rest).await?);
    Ok(lines)
}

/// Returns the end of a part of some answers that begins after an instant; `None`: fewer answers are left.
pub async fn part_end(
    tx: &ReadTx,
    survey: Uuid,
    resource: Resource,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Error> {
    match resource {
        Resource::HeldResponse => transitions::nth_held(tx, survey, after, ANSWERS).await,
        _ => transitions::nth_receipt(tx, survey, after, ANSWERS).await,
    }
}

pub async fn read_part(tx: &ReadTx, survey: Uuid, resource: Resource, span: Span) -> Result<Lines, Error> {
    match resource {
        Resource::HeldResponse => transitions::of_held(tx, survey, span).await,
        _ => transitions::of_answers(tx, survey, span).await,
    }
}
