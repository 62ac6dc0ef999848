//! Definitions that change from a year on: report kinds and indicators.
//!
//! A code has one row per first year that the row governs, and each row has versions. The row with the latest
//! `from_year` up to a year governs that year. A correction names the first year that it governs: the row that begins
//! in exactly that year is amended, otherwise a new row begins there. Earlier years keep their rows.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, SchemaFormat};

use ::entity::{indicator, report_kind};

use crate::platform::db::versions::{self, VersionInfo, known_at};
use crate::platform::db::{Stamp, Versioned, WriteTx};
use crate::platform::error::{Code, Error};

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

/// Returns all versions of all rows of a code, in the order of recording.
pub async fn history<E: ByYear>(conn: &impl ConnectionTrait, code: &str) -> Result<Vec<E::Model>, Error> {
    Ok(E::find()
        .filter(E::CODE.eq(code))
        .order_by_asc(E::RECORDED_AT)
        .order_by_asc(E::FROM_YEAR)
        .order_by_asc(E::VERSION)
        .all(conn)
        .await?)
}

/// Returns the current row of a code when this creating request is a retry. A code that another request made is a 409.
pub async fn retry_of<E: ByYear>(
    conn: &impl ConnectionTrait,
    code: &str,
    fingerprint: &str,
) -> Result<Option<E::Model>, Error> {
    let rows = history::<E>(conn, code).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let same = |row: &&E::Model| E::version_info(row).fingerprint.as_deref() == Some(fingerprint);
    let made = rows.iter().find(same).ok_or_else(|| taken(code))?;
    versions::find::<E>(conn, E::same_key(made), None).await
}

/// 409 for a code that is in use.
pub fn taken(code: &str) -> Error {
    Error::new(Code::DuplicateCode)
        .detail(
            format!("Kode \"{code}\" sudah dipakai. Ubah yang ada dengan PATCH."),
            format!("The code \"{code}\" is taken. Change what is there with PATCH."),
        )
        .at("#/code")
}

/// Records `next`, a correction of the governing row `seen`: amends it when both begin in the same year, otherwise
/// appends the row that governs from `next`'s year on.
pub async fn correct<E: ByYear>(
    tx: &WriteTx,
    by: &str,
    stamp: Stamp,
    seen: &E::Model,
    mut next: E::Model,
    change_reason: Option<String>,
) -> Result<E::Model, Error> {
    if E::from_year(seen) == E::from_year(&next) {
        return versions::amend::<E>(tx, by, stamp, seen, next, change_reason).await;
    }
    let info = VersionInfo {
        change_reason,
        ..VersionInfo::default()
    };
    E::set_version_info(&mut next, info);
    versions::create::<E>(tx, by, stamp, next, None).await
}

/// The schema of `from_year` in a patch, where it is required.
pub fn from_year(example: i32) -> Object {
    let mut year = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(2000))
        .maximum(Some(2100))
        .description(Some(
            "The first year the correction governs; earlier years stay as they are.",
        ))
        .build();
    year.example = Some(example.into());
    year
}
