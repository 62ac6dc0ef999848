//! The list of institutions: its filters as conditions of one statement.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, Order, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::former_village::{Column as V, Entity as FormerVillages};
use ::entity::institution::{Column as C, Entity as Institutions, Model};
use ::entity::institution_decree::{Column as D, Entity as Decrees};

use super::dto::{InstitutionFilter, InstitutionSort};
use super::query::{self, Whole};
use crate::access::records;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// An institution, and another that may be the same one.
pub type Listed = (Whole, Option<Uuid>);

/// Returns one page of the institutions that pass a filter, as they were at `at`.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &InstitutionFilter,
    request: &PageRequest,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<PageRows<Listed>, Error> {
    let backend = conn.get_database_backend();
    let in_village = |code: &str| match filter.active_on {
        Some(day) => belongs_on(code, day),
        None => Condition::all().add(C::VillageCode.eq(code)),
    };
    let suspected = filter.suspected.map(|wanted| {
        let is_suspected = Expr::exists(likely_doubles("other", at).expr(Expr::val(1)).take());
        if wanted { is_suspected } else { is_suspected.not() }
    });
    let query = Institutions::find()
        .filter(records::in_state::<Institutions>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village_code.as_ref(), |q, v| q.filter(in_village(v.as_str())))
        .apply_if(filter.kind.as_ref(), |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.recorded_by.as_ref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)))
        .apply_if(filter.active_on, |q, v| q.filter(active_on(v)))
        .apply_if(filter.expires_before, |q, v| {
            q.filter(active_on(today)).filter(lapses_between(today, v, backend))
        })
        .apply_if(suspected, |q, v| q.filter(v));
    let keyset = match filter.sort.unwrap_or_default() {
        InstitutionSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::Kind, C::Name, C::Id]),
        InstitutionSort::Name => Keyset::ascending(vec![C::Name, C::Id]),
        InstitutionSort::NameDescending => Keyset::descending(vec![C::Name, C::Id]),
    };
    let page = request.fetch(conn, query, &keyset, at).await?;
    page.with_rows(async |rows| {
        let mut doubles = match filter.suspected {
            Some(true) => doubles_of(conn, &rows, at).await?,
            _ => HashMap::new(),
        };
        let rows = query::wholes(conn, rows).await?.into_iter();
        Ok(rows
            .map(|whole| {
                let double = doubles.remove(&whole.row.id);
                (whole, double)
            })
            .collect())
    })
    .await
}

/// Selects the institutions that may be the same as the institution in the outer statement
/// ([`crate::core::institution_name::ComparedName::is_like`]), as they were at `at`; `alias` names them.
fn likely_doubles(alias: &'static str, at: DateTime<Utc>) -> SelectStatement {
    let other = |c: C| Expr::col((alias, c));
    let own = |c: C| Expr::col((Institutions, c));
    let mut doubles = Query::select();
    doubles.from_as(Institutions, alias);
    for same in [C::VillageCode, C::Kind, C::Likeness] {
        doubles.and_where(other(same).eq(own(same)));
    }
    let parts = other(C::PartOf)
        .is_null()
        .or(own(C::PartOf).is_null())
        .or(other(C::PartOf).eq(own(C::PartOf)));
    let is_known = other(C::SupersededAt).is_null().or(other(C::SupersededAt).gt(at));
    doubles
        .and_where(other(C::Id).ne(own(C::Id)))
        .and_where(parts)
        .and_where(other(C::RecordedAt).lte(at))
        .and_where(is_known)
        .take()
}

/// Returns for each of these institutions another that may be the same one: if possible one of the same form.
async fn doubles_of(
    conn: &impl ConnectionTrait,
    rows: &[Model],
    at: DateTime<Utc>,
) -> Result<HashMap<Uuid, Uuid>, Error> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let first = |mut doubles: SelectStatement| {
        let first = doubles
            .column(("other", C::Id))
            .order_by(("other", C::Id), Order::Asc)
            .limit(1)
            .take();
        Expr::SubQuery(None, Box::new(first.into()))
    };
    let same_form = Expr::col(("other", C::Form)).eq(Expr::col((Institutions, C::Form)));
    let own = rows.iter().fold(Condition::any(), |any, row| {
        any.add(C::Id.eq(row.id).and(C::Version.eq(row.version)))
    });
    let select = Query::select()
        .column((Institutions, C::Id))
        .expr(first(likely_doubles("other", at).and_where(same_form).take()))
        .expr(first(likely_doubles("other", at)))
        .from(Institutions)
        .cond_where(own)
        .take();
    let found = conn.query_all(&select).await?;
    let pairs = found.iter().map(|row| {
        let (own, same, alike): (Uuid, Option<Uuid>, Option<Uuid>) = row.try_get_many_by_index()?;
        Ok(same.or(alike).map(|double| (own, double)))
    });
    let pairs: Result<Vec<_>, sea_orm::DbErr> = pairs.collect();
    Ok(pairs?.into_iter().flatten().collect())
}

/// Returns `village_on` of [`crate::core::institution`] as a condition: the institution belongs to the village on the day.
fn belongs_on(code: &str, day: NaiveDate) -> Condition {
    let has_begun = Condition::any()
        .add(C::VillageFrom.is_null())
        .add(C::VillageFrom.lte(day));
    let from = Expr::col(("former", V::FromDay));
    let later = own_villages("later")
        .and_where(Expr::col(("later", V::Position)).gt(Expr::col(("former", V::Position))))
        .and_where(Expr::col(("later", V::FromDay)).lte(day))
        .take();
    let former = own_villages("former")
        .and_where(Expr::col(("former", V::VillageCode)).eq(code))
        .and_where(from.clone().is_null().or(from.lte(day)))
        .and_where(Expr::exists(later).not())
        .take();
    let belongs = Condition::all().add(has_begun).add(C::VillageCode.eq(code));
    let belonged = Condition::all().add(C::VillageFrom.gt(day)).add(Expr::exists(former));
    Condition::any().add(belongs).add(belonged)
}

/// Selects the former villages of the institution version in the outer statement; `alias` names them.
fn own_villages(alias: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(FormerVillages, alias)
        .and_where(Expr::col((alias, V::InstitutionId)).equals((Institutions, C::Id)))
        .and_where(Expr::col((alias, V::Version)).equals((Institutions, C::Version)))
        .take()
}

/// Selects the decrees of the institution version in the outer statement; `alias` names them.
fn own_decrees(alias: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(Decrees, alias)
        .and_where(Expr::col((alias, D::InstitutionId)).equals((Institutions, C::Id)))
        .and_where(Expr::col((alias, D::Version)).equals((Institutions, C::Version)))
        .take()
}

/// Returns `is_active_on` of [`crate::core::institution`] as a condition.
fn active_on(day: NaiveDate) -> Expr {
    Expr::exists(in_force(own_decrees("d"), "d", Expr::val(day)))
}

fn in_force(mut decrees: SelectStatement, alias: &'static str, day: Expr) -> SelectStatement {
    let column = |c: D| Expr::col((alias, c));
    decrees
        .and_where(column(D::StartsOn).lte(day.clone()))
        .and_where(column(D::EndsOn).gte(day.clone()))
        .and_where(column(D::RevokedOn).is_null().or(column(D::RevokedOn).gt(day)))
        .take()
}

/// Returns the condition that on some day after `today` and not after `until` no decree is in force. The first such day
/// is always the day after the end, or the day of revocation, of some decree.
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
