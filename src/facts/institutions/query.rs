//! Reading institutions, and writing the decrees of one version.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QueryTrait,
};
use uuid::Uuid;

use ::entity::institution::{Column as C, Entity as Institutions, Model};
use ::entity::institution_decree::{Column as D, Entity as Decrees, Model as DecreeRow};

use super::dto::{InstitutionFilter, InstitutionSort};
use crate::platform::db::WriteTx;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// An institution in one version, with the decrees of that version.
pub type WithDecrees = (Model, Vec<DecreeRow>);

/// Returns the current institutions of a kind in a village.
pub async fn of_kind(conn: &impl ConnectionTrait, village: &str, kind: &str) -> Result<Vec<Model>, Error> {
    Ok(Institutions::find()
        .filter(C::VillageCode.eq(village))
        .filter(C::Kind.eq(kind))
        .filter(known_at::<Institutions>(None))
        .all(conn)
        .await?)
}

/// Returns one page of the institutions that pass a filter, as they were at `at`, each with its decrees.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &InstitutionFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<PageRows<WithDecrees>, Error> {
    let backend = conn.get_database_backend();
    let query = Institutions::find()
        .filter(known_at::<Institutions>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village.as_ref(), |q, v| q.filter(C::VillageCode.eq(v.as_str())))
        .apply_if(filter.kind.as_ref(), |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.active_on, |q, v| q.filter(active_on(v)))
        .apply_if(filter.expires_before, |q, v| {
            q.filter(active_on(today)).filter(lapses_between(today, v, backend))
        });
    let keyset = match filter.sort.unwrap_or_default() {
        InstitutionSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::Kind, C::Name, C::Id]),
        InstitutionSort::Name => Keyset::ascending(vec![C::Name, C::Id]),
        InstitutionSort::NameDescending => Keyset::descending(vec![C::Name, C::Id]),
    };
    let page = wanted.fetch(conn, query, &keyset, at).await?;
    page.with_rows(async |rows| with_decrees(conn, rows).await).await
}

/// Selects the decrees of the institution version in the outer statement; `called` is their alias.
fn own_decrees(called: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(Decrees, called)
        .and_where(Expr::col((called, D::InstitutionId)).equals((Institutions, C::Id)))
        .and_where(Expr::col((called, D::Version)).equals((Institutions, C::Version)))
        .take()
}

/// [`crate::core::institution`]'s `active_on` as a condition.
fn active_on(day: NaiveDate) -> Expr {
    Expr::exists(in_force(own_decrees("d"), "d", Expr::val(day)))
}

fn in_force(mut decrees: SelectStatement, called: &'static str, day: Expr) -> SelectStatement {
    let column = |c: D| Expr::col((called, c));
    decrees
        .and_where(column(D::StartsOn).lte(day.clone()))
        .and_where(column(D::EndsOn).gte(day.clone()))
        .and_where(column(D::RevokedOn).is_null().or(column(D::RevokedOn).gt(day)))
        .take()
}

/// The institution stops being active: on some day after `today` and not after `until` no decree is in force. The
/// first such day is always the day after the end, or the day of revocation, of some decree.
fn lapses_between(today: NaiveDate, until: NaiveDate, backend: DbBackend) -> Expr {
    let day_after = match backend {
        DbBackend::Sqlite => "date(gone.ends_on, '+1 day')",
        _ => "gone.ends_on + 1",
    };
    let gap = Expr::cust(format!(
        "(CASE WHEN gone.revoked_on <= gone.ends_on THEN gone.revoked_on ELSE {day_after} END)"
    ));
    let carried_on = in_force(own_decrees("d"), "d", gap.clone());
    let gone = own_decrees("gone")
        .and_where(gap.clone().gt(today))
        .and_where(gap.lte(until))
        .and_where(Expr::exists(carried_on).not())
        .take();
    Expr::exists(gone)
}

/// Returns an institution with the decrees of its version.
pub async fn with_own_decrees(conn: &impl ConnectionTrait, row: Model) -> Result<WithDecrees, Error> {
    let rows = with_decrees(conn, vec![row]).await?;
    rows.into_iter().next().ok_or_else(Error::not_found)
}

/// Returns each row with the decrees of its version; one statement for any number of rows.
pub async fn with_decrees(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<WithDecrees>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let versions = rows.iter().fold(Condition::any(), |any, row| {
        any.add(D::InstitutionId.eq(row.id).and(D::Version.eq(row.version)))
    });
    let decrees = Decrees::find().filter(versions).order_by_asc(D::Position);
    Ok(attach(rows, decrees.all(conn).await?))
}

/// Returns a decree as it was first recorded.
pub async fn first_form(conn: &impl ConnectionTrait, institution: Uuid, id: Uuid) -> Result<Option<DecreeRow>, Error> {
    Ok(Decrees::find()
        .filter(D::InstitutionId.eq(institution))
        .filter(D::Id.eq(id))
        .order_by_asc(D::Version)
        .one(conn)
        .await?)
}

fn attach(rows: Vec<Model>, decrees: Vec<DecreeRow>) -> Vec<WithDecrees> {
    let mut of: HashMap<(Uuid, i32), Vec<DecreeRow>> = HashMap::new();
    for decree in decrees {
        of.entry((decree.institution_id, decree.version))
            .or_default()
            .push(decree);
    }
    rows.into_iter()
        .map(|row| {
            let own = of.remove(&(row.id, row.version)).unwrap_or_default();
            (row, own)
        })
        .collect()
}

/// Appends decrees as those of a version, and returns them as rows of that version.
pub async fn append_decrees(tx: &WriteTx, version: i32, mut decrees: Vec<DecreeRow>) -> Result<Vec<DecreeRow>, Error> {
    for decree in &mut decrees {
        decree.version = version;
    }
    if !decrees.is_empty() {
        let rows = decrees.iter().map(|row| row.clone().into_active_model().reset_all());
        Decrees::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(decrees)
}
