//! Facts are appended, not overwritten (docs/adr/0003).
//!
//! A record is a chain of rows with the same key and versions 1, 2, 3 ... The current row has no `superseded_at`. A
//! deletion is a version that is superseded from the start: it is valid at no instant, so filters need not mention
//! it. `as_of` is one condition.

use chrono::{DateTime, Datelike, Utc};
use sea_orm::ActiveModelTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};
use uuid::Uuid;

use ::entity as tables;

use super::journal::{Action, Author, Event, Resource, Years, content};
use super::{Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error};

/// The columns that make a row one version of a record: its recorder, time and reason, and the end of its validity.
/// Services leave these columns at their defaults; [`create`], [`amend`], [`remove`] and [`restore`] fill them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionInfo {
    pub version: i32,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub change_reason: Option<String>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub deleted: bool,
    /// SHA-256 of the creating request. It identifies a retry, also after later corrections.
    pub fingerprint: Option<String>,
}

/// A table of versions.
pub trait Versioned:
    EntityTrait<Model: IntoActiveModel<Self::ActiveModel> + Clone + Send + Sync, ActiveModel: Send>
{
    /// The columns that identify a record, apart from the version.
    const KEY: &'static [Self::Column];
    const VERSION: Self::Column;
    const RECORDED_AT: Self::Column;
    const SUPERSEDED_AT: Self::Column;
    const DELETED: Self::Column;
    const FINGERPRINT: Self::Column;
    /// The stream that a change of a record stamps.
    const STREAM: Stream;
    /// The name of the record in the journal.
    const RESOURCE: Resource;

    /// Returns the district that owns a record; `None`: all districts share it.
    fn district(_: &Self::Model) -> Option<&str> {
        None
    }
    /// Returns the years whose values depend on this version.
    fn years(row: &Self::Model) -> Years;
    /// Selects all versions of the same record as this row.
    fn same_key(row: &Self::Model) -> Condition;
    fn version_info(row: &Self::Model) -> VersionInfo;
    fn set_version_info(row: &mut Self::Model, info: VersionInfo);
}

/// Something to do with every table of versions.
pub trait EveryTable {
    fn table<E: Versioned>(&mut self) -> impl Future<Output = Result<(), Error>>;
}

macro_rules! versioned {
    ($($table:ident by $($key:ident $column:ident),+ $(in $district:ident)? => $stream:ident, $resource:ident, $years:expr;)*) => { $(
        impl Versioned for tables::$table::Entity {
            const KEY: &'static [Self::Column] = &[$(tables::$table::Column::$column),+];
            const VERSION: Self::Column = tables::$table::Column::Version;
            const RECORDED_AT: Self::Column = tables::$table::Column::RecordedAt;
            const SUPERSEDED_AT: Self::Column = tables::$table::Column::SupersededAt;
            const DELETED: Self::Column = tables::$table::Column::Deleted;
            const FINGERPRINT: Self::Column = tables::$table::Column::Fingerprint;
            const STREAM: Stream = Stream::$stream;
            const RESOURCE: Resource = Resource::$resource;

            $(fn district(row: &Self::Model) -> Option<&str> {
                Some(&row.$district)
            })?
            fn years(row: &Self::Model) -> Years {
                let years: fn(&Self::Model) -> Years = $years;
                years(row)
            }
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
    )*

        /// Does something with every table, so that no list of them is written a second time.
        pub async fn for_every_table(work: &mut impl EveryTable) -> Result<(), Error> {
            $( work.table::<tables::$table::Entity>().await?; )*
            Ok(())
        }
    };
}

versioned! {
    village by code Code in district_code => Places, Village, |_| Years::ALL;
    record_start by district_code DistrictCode in district_code => Places, RecordStart, |_| Years::ALL;
    decree by id Id in district_code => Decrees, Decree, |row| Years::span(row.first_year, row.last_year);
    indicator by code Code, from_year FromYear in district_code => Indicators, Indicator, |row| Years::since(row.from_year);
    agreement by id Id in district_code => Targets, Agreement, |row| Years::span(row.fiscal_year, row.fiscal_year);
    target by indicator_code IndicatorCode, period Period in district_code => Targets, Target, |row| year_of(&row.period);
    indicator_note by indicator_code IndicatorCode, period Period in district_code => Notes, Note, |row| year_of(&row.period);
    past_value by indicator_code IndicatorCode, year Year in district_code => Notes, PastValue, |row| Years::span(row.year, row.year);
    // A report can fall due in the year after its fiscal year.
    report_kind by code Code, from_year FromYear => ReportKinds, ReportKind, |row| Years::since(row.from_year);
    listed_code by list List, code Code => CodeLists, ListedCode, |_| Years::ALL;
    report by id Id in district_code => Reports, Report, |row| Years::span(row.fiscal_year, row.fiscal_year + 1);
    institution by id Id in district_code => Institutions, Institution, |_| Years::ALL;
    public_case by id Id in district_code => Cases, Case, |row| Years::span(row.occurred_on.year(), row.occurred_on.year());
    // A file moves no value.
    evidence_link by id Id in district_code => Evidence, EvidenceLink, |_| Years::ALL;
    survey by id Id in district_code => Surveys, Survey, |row| Years::span(row.starts_on.year(), row.ends_on.year());
    // A link moves no value; its answers do.
    survey_link by id Id in district_code => Surveys, SurveyLink, |_| Years::ALL;
}

/// Returns the year of a period: its first four digits.
fn year_of(period: &str) -> Years {
    let year = period.get(..4).and_then(|year| year.parse().ok());
    year.map_or(Years::ALL, |year| Years::span(year, year))
}

/// Selects the versions of one record by the first column of its key: its id or code.
pub fn key<E: Versioned>(key: impl Into<Value>) -> Condition {
    Condition::all().add(E::KEY[0].eq(key))
}

/// Selects the versions that were current at an instant (`None`: now).
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

/// Selects the deletions of the records that were deleted at an instant (`None`: now).
pub fn deleted_at<E: Versioned>(at: Option<DateTime<Utc>>) -> Condition {
    let later = |column: E::Column| Expr::col((Alias::new(LATER), column));
    let mut restored = Query::select();
    restored
        .expr(Expr::val(1))
        .from_as(E::default().table_ref(), Alias::new(LATER))
        .and_where(later(E::VERSION).gt(Expr::col(E::VERSION.as_column_ref())))
        .and_where_option(at.map(|t| later(E::RECORDED_AT).lte(t)));
    for column in E::KEY {
        restored.and_where(later(*column).eq(Expr::col(column.as_column_ref())));
    }
    Condition::all()
        // Without a bound value, so that SQLite uses the partial index.
        .add(Expr::col(E::DELETED.as_column_ref()))
        .add_option(at.map(|t| E::RECORDED_AT.lte(t)))
        .add(Expr::exists(restored).not())
}

const LATER: &str = "later";

/// Returns the version of a record that was current at an instant (`None`: now).
pub async fn find<E: Versioned>(
    conn: &impl ConnectionTrait,
    key: Condition,
    at: Option<DateTime<Utc>>,
) -> Result<Option<E::Model>, Error> {
    Ok(E::find().filter(key).filter(known_at::<E>(at)).one(conn).await?)
}

/// Returns the newest version of a record, deleted or not.
pub async fn last<E: Versioned>(conn: &impl ConnectionTrait, key: Condition) -> Result<Option<E::Model>, Error> {
    Ok(E::find().filter(key).order_by_desc(E::VERSION).one(conn).await?)
}

/// The result of a creating request.
#[derive(Debug)]
pub enum Created<M> {
    /// Stored now: 201.
    New(M),
    /// The same request was stored before: 200 with the record as it is now.
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

/// Returns the record as it is now when this creating request is a retry. An id that has other content, or whose
/// record was deleted since, is a 409.
pub async fn retry_of<E: Versioned>(
    conn: &impl ConnectionTrait,
    id: Uuid,
    fingerprint: &str,
) -> Result<Option<E::Model>, Error> {
    let Some(row) = last::<E>(conn, key::<E>(id)).await? else {
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

/// Appends the first version of a record (or the next version of a key that was deleted before). A change reason of
/// the row stays.
pub async fn create<E: Versioned>(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    mut row: E::Model,
    fingerprint: Option<String>,
) -> Result<E::Model, Error> {
    let before = last::<E>(tx, E::same_key(&row)).await?;
    let info = VersionInfo {
        version: before.map_or(0, |b| E::version_info(&b).version) + 1,
        recorded_at: stamp.at,
        recorded_by: author.name.clone(),
        fingerprint,
        ..E::version_info(&row)
    };
    E::set_version_info(&mut row, info);
    note::<E>(tx, author, Action::Created, &row, E::years(&row));
    insert::<E>(tx, row).await
}

/// Appends a correction. `seen` is the version that the caller read: 412 when it is no longer current.
pub async fn amend<E: Versioned>(
    tx: &WriteTx,
    author: &Author,
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
        recorded_by: author.name.clone(),
        change_reason,
        superseded_at: None,
        deleted: false,
        fingerprint: old.fingerprint,
    };
    E::set_version_info(&mut next, info);
    note::<E>(tx, author, Action::Changed, &next, E::years(seen).with(E::years(&next)));
    insert::<E>(tx, next).await
}

/// Appends the deletion of a record; its versions stay readable.
pub async fn remove<E: Versioned>(
    tx: &WriteTx,
    author: &Author,
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
        recorded_by: author.name.clone(),
        change_reason: Some(change_reason),
        superseded_at: Some(stamp.at),
        deleted: true,
        fingerprint: old.fingerprint,
    };
    E::set_version_info(&mut gone, info);
    note::<E>(tx, author, Action::Deleted, &gone, E::years(&gone));
    insert::<E>(tx, gone).await?;
    Ok(())
}

/// Appends a version with the content of a deletion: the record exists again.
pub async fn restore<E: Versioned>(
    tx: &WriteTx,
    author: &Author,
    stamp: Stamp,
    deletion: &E::Model,
    change_reason: String,
) -> Result<E::Model, Error> {
    let old = E::version_info(deletion);
    let mut restored = deletion.clone();
    let info = VersionInfo {
        version: old.version + 1,
        recorded_at: stamp.at,
        recorded_by: author.name.clone(),
        change_reason: Some(change_reason),
        superseded_at: None,
        deleted: false,
        fingerprint: old.fingerprint,
    };
    E::set_version_info(&mut restored, info);
    note::<E>(tx, author, Action::Restored, &restored, E::years(&restored));
    insert::<E>(tx, restored).await
}

/// Notes a version in the journal of its district.
pub fn note<E: Versioned>(tx: &WriteTx, author: &Author, action: Action, row: &E::Model, years: Years) {
    let info = E::version_info(row);
    let district = E::district(row);
    debug_assert!(
        tx.has_stamped(district, E::STREAM, info.recorded_at),
        "{:?} was written, but its stream was not stamped: caches would not notice",
        E::RESOURCE
    );
    let event = Event {
        version: Some(info.version),
        reason: info.change_reason,
        years,
        content: vec![content::row_text(row)],
        ..Event::new(
            district,
            info.recorded_at,
            action,
            E::RESOURCE,
            content::key_text(row, E::KEY),
        )
    };
    tx.note(author, event);
}

/// Ends the current version. It runs before the insert, because the partial unique index is checked statement by
/// statement. The UPDATE is the optimistic lock.
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
