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
pub struct Mark {
    pub version: i32,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub deleted: bool,
    /// SHA-256 of the creating request: a retry is recognised by it, also after later corrections.
    pub fingerprint: Option<String>,
}

impl Mark {
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
    fn same_thing(row: &Self::Model) -> Condition;
    fn mark(row: &Self::Model) -> Mark;
    fn set_mark(row: &mut Self::Model, mark: Mark);
}

macro_rules! versioned {
    ($($table:ident by $($key:ident $column:ident),+;)*) => { $(
        impl Versioned for tables::$table::Entity {
            const KEY: &'static [Self::Column] = &[$(tables::$table::Column::$column),+];
            const VERSION: Self::Column = tables::$table::Column::Version;
            const RECORDED_AT: Self::Column = tables::$table::Column::RecordedAt;
            const SUPERSEDED_AT: Self::Column = tables::$table::Column::SupersededAt;

            fn same_thing(row: &Self::Model) -> Condition {
                Condition::all()$(.add(tables::$table::Column::$column.eq(row.$key.clone())))+
            }
            fn mark(row: &Self::Model) -> Mark {
                Mark {
                    version: row.version,
                    recorded_at: row.recorded_at,
                    recorded_by: row.recorded_by.clone(),
                    change_reason: row.change_reason.clone(),
                    superseded_at: row.superseded_at,
                    deleted: row.deleted,
                    fingerprint: row.fingerprint.clone(),
                }
            }
            fn set_mark(row: &mut Self::Model, mark: Mark) {
                row.version = mark.version;
                row.recorded_at = mark.recorded_at;
                row.recorded_by = mark.recorded_by;
                row.change_reason = mark.change_reason;
                row.superseded_at = mark.superseded_at;
                row.deleted = mark.deleted;
                row.fingerprint = mark.fingerprint;
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
    Before(M),
}

impl<M> Created<M> {
    pub fn map<T>(self, f: impl FnOnce(M) -> T) -> Created<T> {
        match self {
            Created::New(m) => Created::New(f(m)),
            Created::Before(m) => Created::Before(f(m)),
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
    let mark = E::mark(&row);
    if mark.fingerprint.as_deref() != Some(fingerprint) {
        return Err(Error::new(Code::IdConflict).at("#/id"));
    }
    if mark.deleted {
        return Err(Error::new(Code::Deleted).at("#/id"));
    }
    Ok(Some(row))
}

/// Appends the first version of a thing (or the next one of a key that was deleted before).
pub async fn create<E: Versioned>(tx: &WriteTx, by: &str, stamp: Stamp, mut row: E::Model) -> Result<E::Model, Error> {
    let before = last::<E>(tx, E::same_thing(&row)).await?;
    let mut mark = E::mark(&row);
    mark.version = before.map_or(0, |b| E::mark(&b).version) + 1;
    mark.recorded_at = stamp.at;
    mark.recorded_by = by.to_owned();
    E::set_mark(&mut row, mark);
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
    let old = E::mark(seen);
    supersede::<E>(tx, seen, &old, stamp).await?;
    let mark = Mark {
        version: old.version + 1,
        recorded_at: stamp.at,
        recorded_by: by.to_owned(),
        change_reason,
        superseded_at: None,
        deleted: false,
        fingerprint: old.fingerprint,
    };
    E::set_mark(&mut next, mark);
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
    let old = E::mark(seen);
    supersede::<E>(tx, seen, &old, stamp).await?;
    let mut gone = seen.clone();
    let mark = Mark {
        version: old.version + 1,
        recorded_at: stamp.at,
        recorded_by: by.to_owned(),
        change_reason: Some(change_reason),
        superseded_at: Some(stamp.at),
        deleted: true,
        fingerprint: old.fingerprint,
    };
    E::set_mark(&mut gone, mark);
    insert::<E>(tx, gone).await?;
    Ok(())
}

/// Before the insert, for the partial unique index is checked statement by statement. The UPDATE is the
/// optimistic lock.
async fn supersede<E: Versioned>(tx: &WriteTx, row: &E::Model, mark: &Mark, stamp: Stamp) -> Result<(), Error> {
    let hit = E::update_many()
        .col_expr(E::SUPERSEDED_AT, Expr::value(stamp.at))
        .filter(E::same_thing(row))
        .filter(E::VERSION.eq(mark.version))
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
