//! Facts are appended, not overwritten (docs/adr/0003).
//!
//! A thing is a chain of rows with the same key and versions 1, 2, 3 ... The current one has no
//! `superseded_at`. A deletion is a version that is born superseded, so it is valid at no instant and no filter
//! needs to mention it. `as_of` is one condition.

use chrono::{DateTime, Utc};
use sea_orm::ActiveModelTrait;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use ::entity as tables;

use super::{Stamp, WriteTx};
use crate::platform::error::{Code, Error};

/// What makes a row one version of a thing: who recorded it, when and why, and until when it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionInfo {
    pub version: i32,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub deleted: bool,
    /// SHA-256 of the creating request: a retry is recognised by it, also after later corrections.
    pub fingerprint: Option<String>,
}

impl VersionInfo {
    /// The mark of a first version; [`create`] gives it its instant.
    pub fn new(fingerprint: String) -> Self {
        Self {
            version: 1,
            recorded_at: DateTime::UNIX_EPOCH,
            recorded_by: String::new(),
            change_reason: None,
            superseded_at: None,
            deleted: false,
            fingerprint: Some(fingerprint),
        }
    }
}

/// A table of versions.
pub trait Versioned: EntityTrait<Model: IntoActiveModel<Self::ActiveModel> + Clone + Sync, ActiveModel: Send> {
    /// What names a thing, apart from the version.
    const KEY: &'static [Self::Column];
    const VERSION: Self::Column;
    const RECORDED_AT: Self::Column;
    const SUPERSEDED_AT: Self::Column;

    /// All versions of the same thing as this row.
    fn same_key(row: &Self::Model) -> Condition;
    fn version_info(row: &Self::Model) -> VersionInfo;
    fn set_version_info(row: &mut Self::Model, info: VersionInfo);
}

macro_rules! versioned {
    ($($table:ident by $($key:ident $column:ident),+;)*) => { $(
        impl Versioned for tables::$table::Entity {
            const KEY: &'static [Self::Column] = &[$(tables::$table::Column::$column),+];
            const VERSION: Self::Column = tables::$table::Column::Version;
            const RECORDED_AT: Self::Column = tables::$table::Column::RecordedAt;
            const SUPERSEDED_AT: Self::Column = tables::$table::Column::SupersededAt;

            fn same_key(row: &Self::Model) -> Condition {
                Condition::all()$(.add(tables::$table::Column::$column.eq(row.$key.clone())))+
            }
            fn version_info(row: &Self::Model) -> VersionInfo {
                VersionInfo {
                    version: row.version,
                    recorded_at: row.recorded_at,
                    recorded_by: row.recorded_by.clone(),
                    change_reason: row.change_reason.clone(),
                    superseded_at: row.superseded_at,
                    deleted: row.deleted,
                    fingerprint: row.fingerprint.clone(),
                }
            }
            fn set_version_info(row: &mut Self::Model, info: VersionInfo) {
                row.version = info.version;
                row.recorded_at = info.recorded_at;
                row.recorded_by = info.recorded_by;
                row.change_reason = info.change_reason;
                row.superseded_at = info.superseded_at;
                row.deleted = info.deleted;
                row.fingerprint = info.fingerprint;
            }
        }
    )* };
}

versioned! {
    village by code Code;
    decree by id Id;
    indicator by code Code, from_year FromYear;
    target by indicator_code IndicatorCode, period Period;
    report_kind by code Code, from_year FromYear;
    report by id Id;
    institution by id Id;
    public_case by id Id;
    survey by id Id;
}

/// The versions that held at an instant (`None`: now).
pub fn known_at<E: Versioned>(at: Option<DateTime<Utc>>) -> Condition {
    match at {
        None => Condition::all().add(E::SUPERSEDED_AT.is_null()),
        Some(t) => Condition::all().add(E::RECORDED_AT.lte(t)).add(
            Condition::any()
                .add(E::SUPERSEDED_AT.is_null())
                .add(E::SUPERSEDED_AT.gt(t)),
        ),
    }
}

/// The one row of a thing that held at an instant.
pub async fn find<E: Versioned>(
    conn: &impl ConnectionTrait,
    thing: Condition,
    at: Option<DateTime<Utc>>,
) -> Result<Option<E::Model>, Error> {
    Ok(E::find().filter(thing).filter(known_at::<E>(at)).one(conn).await?)
}

/// The newest version of a thing, deleted or not.
pub async fn last<E: Versioned>(conn: &impl ConnectionTrait, thing: Condition) -> Result<Option<E::Model>, Error> {
    Ok(E::find().filter(thing).order_by_desc(E::VERSION).one(conn).await?)
}

/// All versions of a thing, oldest first.
pub async fn history<E: Versioned>(conn: &impl ConnectionTrait, thing: Condition) -> Result<Vec<E::Model>, Error> {
    Ok(E::find().filter(thing).order_by_asc(E::VERSION).all(conn).await?)
}

/// What a creating request met.
#[derive(Debug)]
pub enum Created<M> {
    /// Stored now: 201.
    New(M),
    /// The same request was stored before: 200 with the thing as it is now.
    Existing(M),
}

impl<M> Created<M> {
    pub fn map<T>(self, f: impl FnOnce(M) -> T) -> Created<T> {
        match self {
            Created::New(m) => Created::New(f(m)),
            Created::Existing(m) => Created::Existing(f(m)),
        }
    }
}

/// Is this creating request a retry? `Some` = yes, and this is the thing now. An id that holds other content,
/// or whose thing was deleted since, is a 409.
pub async fn retry_of<E: Versioned>(
    conn: &impl ConnectionTrait,
    thing: Condition,
    fingerprint: &str,
) -> Result<Option<E::Model>, Error> {
    let Some(row) = last::<E>(conn, thing).await? else {
        return Ok(None);
    };
    let info = E::version_info(&row);
    if info.fingerprint.as_deref() != Some(fingerprint) {
        return Err(Error::new(Code::IdConflict).at("#/id"));
    }
    if info.deleted {
        return Err(Error::new(Code::Deleted).at("#/id"));
    }
    Ok(Some(row))
}

/// Appends the first version of a thing (or the next one of a key that was deleted before).
pub async fn create<E: Versioned>(tx: &WriteTx, by: &str, stamp: Stamp, mut row: E::Model) -> Result<E::Model, Error> {
    let before = last::<E>(tx, E::same_key(&row)).await?;
    let mut info = E::version_info(&row);
    info.version = before.map_or(0, |b| E::version_info(&b).version) + 1;
    info.recorded_at = stamp.at;
    info.recorded_by = by.to_owned();
    E::set_version_info(&mut row, info);
    insert::<E>(tx, row).await
}

/// Appends a correction. `seen` is the version the caller read; when it is not the current one any more: 412.
pub async fn amend<E: Versioned>(
    tx: &WriteTx,
    by: &str,
    stamp: Stamp,
    seen: &E::Model,
    mut next: E::Model,
    change_reason: Option<String>,
) -> Result<E::Model, Error> {
    let old = E::version_info(seen);
    supersede::<E>(tx, seen, &old, stamp).await?;
    let info = VersionInfo {
        version: old.version + 1,
        recorded_at: stamp.at,
        recorded_by: by.to_owned(),
        change_reason,
        superseded_at: None,
        deleted: false,
        fingerprint: old.fingerprint,
    };
    E::set_version_info(&mut next, info);
    insert::<E>(tx, next).await
}

/// Appends the deletion of a thing; its versions stay readable.
pub async fn remove<E: Versioned>(
    tx: &WriteTx,
    by: &str,
    stamp: Stamp,
    seen: &E::Model,
    change_reason: String,
) -> Result<(), Error> {
    let old = E::version_info(seen);
    supersede::<E>(tx, seen, &old, stamp).await?;
    let mut gone = seen.clone();
    let info = VersionInfo {
        version: old.version + 1,
        recorded_at: stamp.at,
        recorded_by: by.to_owned(),
        change_reason: Some(change_reason),
        superseded_at: Some(stamp.at),
        deleted: true,
        fingerprint: old.fingerprint,
    };
    E::set_version_info(&mut gone, info);
    insert::<E>(tx, gone).await?;
    Ok(())
}

/// Before the insert, for the partial unique index is checked statement by statement. The UPDATE is the
/// optimistic lock.
async fn supersede<E: Versioned>(tx: &WriteTx, row: &E::Model, info: &VersionInfo, stamp: Stamp) -> Result<(), Error> {
    let hit = E::update_many()
        .col_expr(E::SUPERSEDED_AT, Expr::value(stamp.at))
        .filter(E::same_key(row))
        .filter(E::VERSION.eq(info.version))
        .filter(E::SUPERSEDED_AT.is_null())
        .exec(tx)
        .await?;
    if hit.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::new(Code::PreconditionFailed))
    }
}

async fn insert<E: Versioned>(tx: &WriteTx, row: E::Model) -> Result<E::Model, Error> {
    let active = row.clone().into_active_model().reset_all();
    E::insert(active).exec_without_returning(tx).await?;
    Ok(row)
}
