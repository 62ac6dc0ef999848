//! What the values of a closing would be now.

use std::collections::HashMap;

use chrono::SecondsFormat;
use uuid::Uuid;

use super::dto::{ClosingRevision, ClosingRevisionPage};
use super::query::{stored, visible};
use crate::core::period::Period;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Paging, Slug};
use crate::results::facts::FactReader;
use crate::results::query::Query;
use crate::results::realisations::closed::ClosedValues;
use crate::results::realisations::dto::{Realisation, RevisedValue};
use crate::results::realisations::sheet::of_district;

/// Returns one page of the closed values of a closing, each with its value of now.
pub async fn list(
    reader: FactReader<'_>,
    query: &Query<'_>,
    id: Uuid,
    paging: &Paging,
) -> Result<ClosingRevisionPage, Error> {
    let request = paging.open(&("closing revisions", id))?;
    let query = &query.on_page(&request);
    let reader = reader.known_at(query.known_at());
    let closing = visible(&reader.tx(), query.actor, id).await?;
    let closed: ClosedValues = serde_json::from_str(&stored(&reader.tx(), id).await?.realisations).or_internal()?;
    let period: Period = closing.period.parse().or_internal()?;
    let now = of_district(reader, query, &closing.district_code, period)
        .await?
        .into_iter();
    let now: HashMap<String, _> = now.map(|(_, now)| (now.indicator.code.to_string(), now)).collect();
    let since = closing.closed_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let revision = |(code, closed): (&String, &Realisation)| {
        let now = now.get(code);
        Ok(ClosingRevision {
            indicator_code: Slug::try_from(code.clone()).or_internal()?,
            value: closed.value,
            exact: closed.exact.clone(),
            revised: now.map(|now| RevisedValue::of(now, closed)),
            difference: now.map(|_| format!("/v1/indicators/{code}/realisations/{period}/difference?from={since}")),
        })
    };
    let mut rows: Vec<_> = closed.iter().map(|(code, value)| (code, &value.id)).collect();
    rows.sort_by_key(|(code, value)| (value.indicator.number, (*code).clone()));
    let revisions = rows.into_iter().map(revision).collect::<Result<Vec<_>, Error>>()?;
    let at = match request.is_one_page(revisions.len()) {
        true => query.now,
        false => reader.page_instant(&request, query.now).await?,
    };
    request.paginate_in_memory(revisions, at)?.try_map(Ok)
}
