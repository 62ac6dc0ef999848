//! The rules of setting a past value: its year is over. The year may lie before the decree of the indicator.

use chrono::Datelike;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::past_value::{self, Column as C, Entity as PastValues};

use super::dto::{NewPastValue, PastValue, PastValueFilter, PastValuePage, PastValueVersionPage};
use crate::access::{Actor, records};
use crate::core::civil;
use crate::plan::indicators::service::visible;
use crate::plan::set::{Named, Set, set};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, PutConditions};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    code: &str,
    filter: &PastValueFilter,
    paging: &Paging,
) -> Result<PastValuePage, Error> {
    let district = visible(conn, actor, code, 0).await?.district_code;
    let request = paging.open(&("past values", code, filter))?;
    let at = request.at(conn.latest(Some(&district)).await?);
    let values = PastValues::find()
        .filter(C::IndicatorCode.eq(code))
        .apply_if(filter.year, |q, year| q.filter(C::Year.eq(year)))
        .filter(known_at::<PastValues>(Some(at)));
    request
        .fetch(conn, values, &Keyset::ascending(vec![C::Year]), at)
        .await?
        .try_map(PastValue::try_from)
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, code: &str, year: i32) -> Result<PastValue, Error> {
    visible(conn, actor, code, year).await?;
    stored(conn, code, year).await?.try_into()
}

pub async fn put(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    year: i32,
    conditions: PutConditions,
    new: NewPastValue,
) -> Result<Created<PastValue>, Error> {
    let district = visible(tx, actor, code, year).await?.district_code;
    let stamp = stamps::stamp(tx, &[&district], Stream::Notes).await?;
    let row = row(code, year, &district, new);
    let ensure = async || ensure_over(stamp, year);
    let of = (named(year), year);
    Ok(
        match set::<PastValues>(tx, actor, stamp, conditions, of, row, ensure).await? {
            Set::New(row) => Created::New(row.try_into()?),
            Set::Same(row) | Set::Replaced { new: row, .. } => Created::Existing(row.try_into()?),
        },
    )
}

/// Withdraws a past value.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    year: i32,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    let district = visible(tx, actor, code, year).await?.district_code;
    let stamp = stamps::stamp(tx, &[&district], Stream::Notes).await?;
    let seen = stored(tx, code, year).await?;
    records::delete::<PastValues>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Returns one page of the versions of a past value, oldest first. They stay readable after the value was withdrawn.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    year: i32,
    paging: &Paging,
) -> Result<PastValueVersionPage, Error> {
    let binding = ("past value versions", code, year);
    let order = Keyset::ascending(vec![C::Version]);
    records::page_of_history::<PastValues>(
        conn,
        actor,
        PastValues::find().filter(key(code, year)),
        &order,
        paging,
        &binding,
    )
    .await?
    .try_map(records::version_of)
}

/// 422 for a year that is not over: its value is computed.
fn ensure_over(stamp: Stamp, year: i32) -> Result<(), Error> {
    if year < civil::date_of(stamp.at).year() {
        return Ok(());
    }
    Err(Error::rule(
        "path:year",
        format!("Tahun {year} belum berakhir; nilainya dihitung dari catatan."),
        format!("The year {year} is not over; its value is computed from the records."),
    ))
}

fn named(year: i32) -> Named<i32> {
    Named {
        words: ("nilai lampau", "past value"),
        of: year,
    }
}

fn key(code: &str, year: i32) -> Condition {
    Condition::all().add(C::IndicatorCode.eq(code)).add(C::Year.eq(year))
}

async fn stored(conn: &impl ConnectionTrait, code: &str, year: i32) -> Result<past_value::Model, Error> {
    let row = versions::find::<PastValues>(conn, key(code, year), None).await?;
    row.ok_or_else(|| named(year).not_set())
}

fn row(code: &str, year: i32, district: &str, new: NewPastValue) -> past_value::Model {
    let NewPastValue { value, source, reason } = new;
    past_value::Model {
        indicator_code: code.to_owned(),
        year,
        district_code: district.to_owned(),
        value_hundredths: value.0.0,
        source,
        change_reason: reason,
        ..Default::default()
    }
}
