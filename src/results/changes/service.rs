//! Reading the changes.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use ::entity::indicator;
use ::entity::journal::{Column as J, Entity as Journal, Model};

use super::dto::{ChangeFeed, ChangeFilter, ValueChange};
use super::selection::{concerns, moves_values};
use crate::access::Actor;
use crate::core::formula::Formula;
use crate::plan::indicators::formula::of_row;
use crate::plan::indicators::query::rows_of_district;
use crate::platform::db::journal::{Resource, SERVICE, head};
use crate::platform::db::{ReadTx, stamps};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::fingerprint::to_hex;
use crate::platform::http::{DistrictCode, Slug};

const LIMIT: u64 = 100;
/// Digits of a hash that tell two epochs apart.
const EPOCH: usize = 16;

/// The numbers of the last events that a reader knows: of the district, and of what all districts share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    own: i64,
    shared: i64,
}

pub async fn list(conn: &ReadTx, actor: &Actor, filter: ChangeFilter) -> Result<ChangeFeed, Error> {
    let asked = filter.district_code.as_ref().map(DistrictCode::as_str);
    let district = match actor.scope_district(asked)? {
        Some(district) => district,
        None => only_district(conn).await?,
    };
    if stamps::get(conn, &district).await?.is_none() {
        return Err(Error::not_found());
    }
    let epoch = epoch(conn).await?;
    if filter.epoch.is_some_and(|known| known != epoch) {
        return Err(Error::new(Code::EpochEnded));
    }
    let now = Position {
        own: last(conn, &district).await?,
        shared: last(conn, SERVICE).await?,
    };
    let after = match filter.after.as_deref() {
        None => Position { own: 0, shared: 0 },
        Some("now") => now,
        Some(text) => position(text)?,
    };
    if after.own > now.own || after.shared > now.shared {
        // The position is of another database, or of one that was restored.
        return Err(Error::new(Code::EpochEnded));
    }
    let limit = filter.limit.unwrap_or(LIMIT);
    let own = read(
        conn,
        &district,
        moves_values(),
        Range {
            after: after.own,
            to: now.own,
            limit,
        },
    )
    .await?;
    let shared = match own.end == now.own {
        true => {
            let limit = limit - own.events.len() as u64;
            let range = Range {
                after: after.shared,
                to: now.shared,
                limit,
            };
            read(conn, SERVICE, moves_values(), range).await?
        }
        false => Part {
            events: Vec::new(),
            end: after.shared,
        },
    };
    let next = Position {
        own: own.end,
        shared: shared.end,
    };
    let indicators: Vec<(indicator::Model, Formula)> = rows_of_district(conn, &district)
        .await?
        .into_iter()
        .map(|(row, _)| of_row(&row).map(|formula| (row, formula)))
        .collect::<Result<_, _>>()?;
    let items = own
        .events
        .iter()
        .chain(&shared.events)
        .map(|event| change(event, &indicators));
    Ok(ChangeFeed {
        district_code: DistrictCode::try_from(district.clone()).or_internal()?,
        epoch,
        items: items.collect::<Result<_, _>>()?,
        next_after: format!("{}.{}", next.own, next.shared),
        has_more: next != now,
    })
}

/// 422 unless there is only one district.
async fn only_district(conn: &ReadTx) -> Result<String, Error> {
    let only = conn.stamp_view().await?.only_district().await?;
    only.ok_or_else(|| {
        Error::rule(
            "query:district_code",
            "Sebutkan kecamatannya: ?district_code=63.11.06.",
            "Name the district: ?district_code=63.11.06.",
        )
    })
}

/// Events after one number, up to another.
struct Range {
    after: i64,
    to: i64,
    limit: u64,
}

/// Some events, and the number up to which they are all.
struct Part {
    events: Vec<Model>,
    end: i64,
}

/// Reads the events of a chain in a range: all of them, or the first `limit`.
async fn read(conn: &ReadTx, chain: &str, matching: Condition, range: Range) -> Result<Part, Error> {
    let mut events = Journal::find()
        .filter(J::Chain.eq(chain))
        .filter(J::Seq.gt(range.after))
        .filter(J::Seq.lte(range.to))
        .filter(matching)
        .order_by_asc(J::Seq)
        .limit(range.limit + 1)
        .all(conn)
        .await?;
    let limit = usize::try_from(range.limit).unwrap_or(usize::MAX);
    if events.len() <= limit {
        return Ok(Part { events, end: range.to });
    }
    events.truncate(limit);
    let end = events.last().map_or(range.after, |event| event.seq);
    Ok(Part { events, end })
}

async fn last(conn: &ReadTx, chain: &str) -> Result<i64, Error> {
    Ok(head(conn, chain).await?.map_or(0, |head| head.seq))
}

/// Returns the beginning of the hash of the event that made or restored the database.
async fn epoch(conn: &ReadTx) -> Result<String, Error> {
    let begun = Journal::find()
        .filter(J::Resource.eq(Resource::Database.as_str()))
        .order_by_desc(J::Seq)
        .one(conn)
        .await?;
    let begun = begun.ok_or_else(|| Error::internal("the journal has not begun"))?;
    Ok(to_hex(&begun.hash).chars().take(EPOCH).collect())
}

fn position(text: &str) -> Result<Position, Error> {
    let numbers = text
        .split_once('.')
        .and_then(|(own, shared)| Some((own.parse().ok()?, shared.parse().ok()?)));
    let (own, shared) = numbers.ok_or_else(|| {
        Error::new(Code::InvalidQuery)
            .detail(
                "Kirim next_after dari jawaban sebelumnya, atau now.",
                "Send next_after of the answer before, or now.",
            )
            .at("query:after")
    })?;
    Ok(Position { own, shared })
}

fn change(event: &Model, indicators: &[(indicator::Model, Formula)]) -> Result<ValueChange, Error> {
    let resource: Resource = event.resource.parse()?;
    let concerned = indicators
        .iter()
        .filter(|(row, formula)| concerns(event, resource, &row.code, *formula))
        .map(|(row, _)| row.code.clone());
    let mut codes: Vec<String> = concerned.collect();
    codes.dedup();
    Ok(ValueChange {
        at: event.at,
        indicators: codes
            .into_iter()
            .map(|code| Slug::try_from(code).or_internal())
            .collect::<Result<_, _>>()?,
        from_year: event.from_year,
        to_year: event.to_year,
    })
}
