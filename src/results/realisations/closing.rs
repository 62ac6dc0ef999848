//! What a closing stores: the value of every indicator of a district in a period, with every record behind it.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use ::entity::decree;

use super::closed::ClosedValue;
use super::dto::{Explanation, JudgedRecord, JudgedRecordFilter, Realisation};
use super::{records, service};
use crate::core::formula::{Breakdown, Measured};
use crate::core::period::Period;
use crate::platform::db::{ReadConnection, StampView, Stamps, WriteTx};
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::results::facts::{FactCaches, FactReader, Facts, PlannedIndicator, Recorder};
use crate::results::query::Query;

/// One indicator of a closing.
#[derive(Debug)]
pub struct ClosedIndicator {
    pub decree: Arc<decree::Model>,
    /// With its sentences in Indonesian.
    pub explanation: Explanation,
    /// Every candidate.
    pub records: Vec<JudgedRecord>,
    pub value: ClosedValue,
    /// The surveys of the period that are open. Their answers can still change the value.
    pub open_surveys: Vec<Uuid>,
}

/// Returns all indicators of a district that are in force in the period, computed at `query.now` from the state of the
/// transaction, which has stamped the district at that instant. No cache of another state takes part.
pub async fn indicators(
    tx: &WriteTx,
    query: &Query<'_>,
    district: &str,
    period: Period,
) -> Result<Vec<ClosedIndicator>, Error> {
    let stamps = StampView::Memory(Arc::new(Stamps::load(tx, Some(district)).await?));
    // Of this transaction alone, for facts that several indicators read.
    let caches = FactCaches::default();
    let recorder = Recorder::default();
    let reader = FactReader::new(
        ReadConnection::Write(tx),
        &stamps,
        Some(district),
        &caches,
        None,
        &recorder,
    );
    let plan = reader.plan(BTreeSet::from([district.to_owned()])).await?;
    let mut all = Vec::new();
    for indicator in plan.in_force(period.year()) {
        let recorder = Recorder::default();
        let reader = FactReader::new(
            ReadConnection::Write(tx),
            &stamps,
            Some(district),
            &caches,
            None,
            &recorder,
        );
        all.push(one(reader, query, indicator, period).await?);
        recorder.finish().loaded.into_iter().for_each(|insert| insert());
    }
    Ok(all)
}

async fn one(
    reader: FactReader<'_>,
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    period: Period,
) -> Result<ClosedIndicator, Error> {
    // The document says as of which instant its values are.
    let query = &Query {
        as_of: Some(query.now),
        lang: Some(Lang::Id),
        ..*query
    };
    let facts = reader.facts_with_deleted(indicator.reads(), period.year()).await?;
    let measured = service::explained(query, indicator, period, &facts);
    let everything = JudgedRecordFilter::default();
    let frame = service::frame(query, period);
    let judged = records::of(query, indicator, &facts, &frame, &measured, &everything)?;
    let shown = |lang| shown(query, lang, indicator, period, &facts, &measured);
    let value = ClosedValue {
        objective: indicator.row.objective.clone(),
        id: shown(Lang::Id)?,
        en: shown(Lang::En)?,
    };
    let open_surveys = match &measured.breakdown {
        Breakdown::Surveys(counted) => counted.iter().filter(|s| s.is_open).map(|s| s.survey).collect(),
        Breakdown::Institutions(_) | Breakdown::Cases(_) | Breakdown::Obligations(_) => Vec::new(),
    };
    Ok(ClosedIndicator {
        decree: Arc::clone(&indicator.decree),
        explanation: service::explanation(reader, query, indicator, period, &facts, measured).await?,
        records: judged,
        value,
        open_surveys,
    })
}

/// Returns the realisation as a request without an instant shows it.
fn shown(
    query: &Query<'_>,
    lang: Lang,
    indicator: &PlannedIndicator,
    period: Period,
    facts: &Facts,
    measured: &Measured,
) -> Result<Realisation, Error> {
    let query = Query {
        as_of: None,
        lang: Some(lang),
        ..*query
    };
    service::realisation(&query, indicator, period, facts, measured)
}
