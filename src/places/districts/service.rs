//! The districts that an actor sees, what their offices say of their records, and the beginning of a write in a district.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::district::{self, Column as C, Entity as Districts};
use ::entity::record_start::{self, Column as S, Entity as Starts};

use super::dto::{District, DistrictPage, DistrictPatch, DistrictVersionPage, RecordsFrom};
use crate::access::{Actor, records};
use crate::places::structure::{self, Effect};
use crate::platform::db::versions::{self, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::page::Keyset;
use crate::platform::http::patch::merge;
use crate::platform::http::{DistrictCode, IfMatch, Paging, Patch, Version};

pub async fn list(conn: &ReadTx, actor: &Actor, paging: &Paging) -> Result<DistrictPage, Error> {
    let only = actor.district.as_deref();
    let request = paging.open(&("districts", only))?;
    let at = request.at(conn.latest(only).await?);
    let query = Districts::find().apply_if(only, |q, code| q.filter(C::Code.eq(code)));
    let page = request
        .fetch(conn, query, &Keyset::ascending(vec![C::Code]), at)
        .await?;
    let codes = page.rows.iter().map(|row| row.code.clone());
    let starts = Starts::find()
        .filter(S::DistrictCode.is_in(codes))
        .filter(known_at::<Starts>(Some(at)));
    let starts = starts.all(conn).await?.into_iter();
    let mut starts: HashMap<_, _> = starts.map(|start| (start.district_code.clone(), start)).collect();
    page.try_map(|row| {
        let start = starts.remove(&row.code);
        let code = &row.code;
        let start = start.ok_or_else(|| Error::internal(format!("district {code} has no record_start")))?;
        District::new(row, start)
    })
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, code: &DistrictCode) -> Result<District, Error> {
    let start = records::visible::<Starts>(conn, actor, code.as_str()).await?;
    District::new(of(conn, code).await?, start)
}

async fn of(conn: &impl ConnectionTrait, code: &DistrictCode) -> Result<district::Model, Error> {
    let row = Districts::find_by_id(code.as_str()).one(conn).await?;
    row.ok_or_else(Error::not_found)
}

/// Records from which year the office records. Years before it lose their zeros, years from it on get them.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &DistrictCode,
    if_match: &IfMatch,
    mut patch: Patch<DistrictPatch>,
) -> Result<District, Error> {
    let (stamp, seen) = records::begin_change::<Starts>(tx, actor, code.as_str()).await?;
    records::check_version::<Starts>(if_match, &seen)?;
    let district = of(tx, code).await?;
    let old = District::new(district.clone(), seen.clone())?;
    let new = changed(&old.records_from, &mut patch)?;
    if new == old.records_from {
        return Ok(old);
    }
    let warning = match new.first_difference(&old.records_from) {
        Some(first) => {
            let effect = Effect::in_years(first, new.last_difference(&old.records_from));
            structure::check(tx, stamp, Some(code.as_str()), effect, patch.reason.as_deref()).await?
        }
        None => None,
    };
    let RecordsFrom {
        administration,
        finance,
    } = new;
    let next = record_start::Model {
        district_code: seen.district_code.clone(),
        administration,
        finance,
        ..Default::default()
    };
    let row = versions::amend::<Starts>(tx, &actor.author(), stamp, &seen, next, patch.reason).await?;
    Ok(District {
        warnings: warning.into_iter().collect(),
        ..District::new(district, row)?
    })
}

/// Returns the years after the patch.
fn changed(old: &RecordsFrom, patch: &mut Patch<DistrictPatch>) -> Result<RecordsFrom, Error> {
    let Some(members) = patch.take("records_from") else {
        return Ok(old.clone());
    };
    let mut value = serde_json::to_value(old).or_internal()?;
    merge(&mut value, &members);
    serde_json::from_value(value).or_internal()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &DistrictCode,
    paging: &Paging,
) -> Result<DistrictVersionPage, Error> {
    let binding = ("district versions", code);
    let page = records::history_page::<Starts>(conn, actor, code.as_str(), paging, &binding).await?;
    let district = of(conn, code).await?;
    page.try_map(|row| {
        let info = Starts::version_info(&row);
        Ok(Version::new(info, District::new(district.clone(), row)?))
    })
}

/// Stamps the stream of a district that a body names. Every creation of a record begins with this. Returns `None` for a
/// district that does not exist or that the actor cannot see.
pub async fn stamp_in(tx: &WriteTx, actor: &Actor, district: &str, stream: Stream) -> Result<Option<Stamp>, Error> {
    if !actor.can_see(district) || stamps::get(tx, district).await?.is_none() {
        return Ok(None);
    }
    stamps::stamp(tx, &[district], stream).await.map(Some)
}

/// 422 for a district that [`stamp_in`] does not find.
pub fn unknown_district(code: &DistrictCode) -> Error {
    Error::unknown_reference("#/district_code", code)
}
