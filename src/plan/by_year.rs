//! Definitions that change from a year on: report kinds and indicators.
//!
//! A code has one row per first year that the row governs, and each row has versions. The row with the latest
//! `from_year` up to a year governs that year. A correction names the first year that it governs: the row that begins
//! in exactly that year is amended, otherwise a new row begins there. Earlier years keep their rows.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use serde::Serialize;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, SchemaFormat};

use ::entity::{indicator, report_kind};

use crate::access::{Actor, records};
use crate::platform::db::journal::Author;
use crate::platform::db::versions::{self, VersionInfo, known_at};
use crate::platform::db::{Stamp, Versioned, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::Paging;
use crate::platform::http::page::{Keyset, PageRows};

/// A table of definitions with the key (code, `from_year`).
pub trait ByYear: Versioned {
    const CODE: Self::Column = Self::KEY[0];
    const FROM_YEAR: Self::Column = Self::KEY[1];

    fn from_year(row: &Self::Model) -> i32;
}

impl ByYear for report_kind::Entity {
    fn from_year(row: &report_kind::Model) -> i32 {
        row.from_year
    }
}

impl ByYear for indicator::Entity {
    fn from_year(row: &indicator::Model) -> i32 {
        row.from_year
    }
}

/// Selects one row per code: the row that governs the year, as known at an instant (`None`: now).
pub fn all_governing<E: ByYear>(year: i32, at: Option<DateTime<Utc>>) -> Select<E> {
    let latest = E::find()
        .select_only()
        .column(E::CODE)
        .expr(E::FROM_YEAR.max())
        .filter(E::FROM_YEAR.lte(year))
        .filter(known_at::<E>(at))
        .group_by(E::CODE)
        .into_query();
    let key = Expr::tuple([E::CODE, E::FROM_YEAR].map(|c| Expr::col(c.as_column_ref())));
    E::find().filter(key.in_subquery(latest)).filter(known_at::<E>(at))
}

/// Returns the row of a code that governs a year, as known at an instant (`None`: now).
pub async fn governing<E: ByYear>(
    conn: &impl ConnectionTrait,
    code: &str,
    year: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Option<E::Model>, Error> {
    Ok(E::find()
        .filter(E::CODE.eq(code))
        .filter(E::FROM_YEAR.lte(year))
        .filter(known_at::<E>(at))
        .order_by_desc(E::FROM_YEAR)
        .one(conn)
        .await?)
}

/// Returns the row of a code that begins first.
pub async fn first<E: ByYear>(conn: &impl ConnectionTrait, code: &str) -> Result<Option<E::Model>, Error> {
    Ok(E::find()
        .filter(E::CODE.eq(code))
        .filter(known_at::<E>(None))
        .order_by_asc(E::FROM_YEAR)
        .one(conn)
        .await?)
}

/// Returns one page of all versions of all rows of a code, in the order of recording.
pub async fn history_page<E: ByYear>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let order = Keyset::ascending(vec![E::RECORDED_AT, E::FROM_YEAR, E::VERSION]);
    records::page_of_versions::<E>(conn, actor, code, &order, paging, binding).await
}

/// Returns the current row of a code when this creating request is a retry. A code that another request made, or that was
/// withdrawn since, is a 409.
pub async fn retry_of<E: ByYear>(
    conn: &impl ConnectionTrait,
    code: &str,
    fingerprint: &str,
) -> Result<Option<E::Model>, Error> {
    let of_code = E::find().filter(E::CODE.eq(code));
    if of_code.clone().one(conn).await?.is_none() {
        return Ok(None);
    }
    if first::<E>(conn, code).await?.is_none() {
        return Err(Error::new(Code::Deleted).at("#/code"));
    }
    let made = of_code.filter(E::FINGERPRINT.eq(fingerprint)).one(conn).await?;
    let made = made.ok_or_else(|| taken(code))?;
    versions::find::<E>(conn, E::same_key(&made), None).await
}

/// Returns all current rows of a code by first year.
pub async fn rows_of<E: ByYear>(conn: &impl ConnectionTrait, code: &str) -> Result<Vec<E::Model>, Error> {
    Ok(E::find()
        .filter(E::CODE.eq(code))
        .filter(known_at::<E>(None))
        .order_by_asc(E::FROM_YEAR)
        .all(conn)
        .await?)
}

/// Selects one row of each code that was withdrawn and not restored, as known at an instant. The last withdrawal of a code
/// took several rows with it; the row with the latest first year stands for them (`until`: up to this year).
pub fn all_withdrawn<E: ByYear>(until: Option<i32>, at: DateTime<Utc>) -> Select<E> {
    let own = |column: E::Column| Expr::col(column.as_column_ref());
    let other = |column: E::Column| Expr::col((Alias::new(OTHER), column));
    let of_the_same_code = |which: Condition| {
        Query::select()
            .expr(Expr::val(1))
            .from_as(E::default().table_ref(), Alias::new(OTHER))
            .and_where(other(E::CODE).eq(own(E::CODE)))
            .and_where(other(E::RECORDED_AT).lte(at))
            .cond_where(which)
            .take()
    };
    let ends_later = other(E::SUPERSEDED_AT).is_null().or(other(E::SUPERSEDED_AT).gt(at));
    let begins_later = other(E::RECORDED_AT)
        .eq(own(E::RECORDED_AT))
        .and(other(E::FROM_YEAR).gt(own(E::FROM_YEAR)));
    let later = Condition::all()
        .add(other(E::DELETED))
        .add_option(until.map(|year| other(E::FROM_YEAR).lte(year)))
        .add(other(E::RECORDED_AT).gt(own(E::RECORDED_AT)).or(begins_later));
    E::find()
        .filter(versions::deleted_at::<E>(Some(at)))
        .apply_if(until, |q, year| q.filter(E::FROM_YEAR.lte(year)))
        .filter(Expr::exists(of_the_same_code(Condition::all().add(ends_later))).not())
        .filter(Expr::exists(of_the_same_code(later)).not())
}

const OTHER: &str = "other";

/// Withdraws a code: all its rows.
pub async fn withdraw<E: ByYear>(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    rows: &[E::Model],
    reason: &str,
) -> Result<(), Error> {
    for row in rows {
        versions::remove::<E>(tx, author, stamp, row, reason.to_owned()).await?;
    }
    Ok(())
}

/// Returns the rows of a code that were withdrawn last, by first year. 404 for an unknown code, 409 unless it is withdrawn.
pub async fn withdrawn<E: ByYear>(conn: &impl ConnectionTrait, code: &str) -> Result<Vec<E::Model>, Error> {
    let of_code = || E::find().filter(E::CODE.eq(code));
    let newest = of_code().order_by_desc(E::RECORDED_AT).one(conn).await?;
    let newest = E::version_info(&newest.ok_or_else(Error::not_found)?);
    if first::<E>(conn, code).await?.is_some() {
        return Err(Error::new(Code::NotDeleted));
    }
    Ok(of_code()
        .filter(E::DELETED.eq(true))
        .filter(E::RECORDED_AT.eq(newest.recorded_at))
        .order_by_asc(E::FROM_YEAR)
        .all(conn)
        .await?)
}

/// Restores rows that were withdrawn together. Their keys have no current row.
pub async fn restore<E: ByYear>(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    deletions: &[E::Model],
    reason: &str,
) -> Result<(), Error> {
    for deletion in deletions {
        let fingerprint = E::version_info(deletion).fingerprint;
        let info = VersionInfo {
            change_reason: Some(reason.to_owned()),
            ..VersionInfo::default()
        };
        let mut row = deletion.clone();
        E::set_version_info(&mut row, info);
        // A key may have had another life since.
        versions::create::<E>(tx, author, stamp, row, fingerprint).await?;
    }
    Ok(())
}

/// 409 for a code that is in use.
pub fn taken(code: &str) -> Error {
    Error::new(Code::DuplicateCode)
        .detail(
            format!("Kode \"{code}\" sudah dipakai. Ubah yang ada dengan PATCH."),
            format!("The code \"{code}\" is taken. Change the existing record with PATCH."),
        )
        .at("#/code")
}

/// Records `next`, a correction of the governing row `seen`: amends it when both begin in the same year, otherwise
/// appends the row that governs from `next`'s year on.
pub async fn correct<E: ByYear>(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    seen: &E::Model,
    mut next: E::Model,
    change_reason: Option<String>,
) -> Result<E::Model, Error> {
    if E::from_year(seen) == E::from_year(&next) {
        return versions::amend::<E>(tx, author, stamp, seen, next, change_reason).await;
    }
    let info = VersionInfo {
        change_reason,
        ..VersionInfo::default()
    };
    E::set_version_info(&mut next, info);
    versions::create::<E>(tx, author, stamp, next, None).await
}

/// Returns the schema of `from_year` in a patch, where it is required.
pub fn from_year(example: i32) -> Object {
    let mut year = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(2000))
        .maximum(Some(2100))
        .description(Some(
            "The first year that the correction governs; earlier years do not change.",
        ))
        .build();
    year.example = Some(example.into());
    year
}
