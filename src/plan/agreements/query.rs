//! Reading the agreements that targets and other agreements name.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::agreement::{self, Column as C, Entity as Agreements};
use ::entity::target::{self, Column as T, Entity as Targets};

use super::dto::AgreementKind;
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;

/// The most agreements of a district and a year that are listed. An office signs one, and revises it once or twice.
const MOST_OF_YEAR: u64 = 100;

/// Returns the agreement with this id, if it is of the district and the year.
pub async fn of_year(
    conn: &impl ConnectionTrait,
    id: Uuid,
    district: &str,
    year: i32,
) -> Result<Option<agreement::Model>, Error> {
    let row = versions::find::<Agreements>(conn, versions::key::<Agreements>(id), None).await?;
    Ok(row.filter(|row| row.district_code == district && row.fiscal_year == year))
}

/// Returns the agreements of a district and a year, in the order in which they were signed.
pub async fn all_of_year(
    conn: &impl ConnectionTrait,
    district: &str,
    year: i32,
) -> Result<Vec<agreement::Model>, Error> {
    Ok(Agreements::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::FiscalYear.eq(year))
        .filter(known_at::<Agreements>(None))
        .order_by_asc(C::SignedOn)
        .order_by_asc(C::Id)
        .limit(MOST_OF_YEAR)
        .all(conn)
        .await?)
}

/// Returns the agreement with this number of a district and a year.
pub async fn by_number(
    conn: &impl ConnectionTrait,
    district: &str,
    year: i32,
    number: &str,
) -> Result<Option<agreement::Model>, Error> {
    let of_number = Condition::all()
        .add(C::DistrictCode.eq(district))
        .add(C::FiscalYear.eq(year))
        .add(C::Number.eq(number));
    versions::find::<Agreements>(conn, of_number, None).await
}

/// Returns the agreements of some targets, as known at an instant (`None`: now). Targets without one cost no statement.
pub async fn of_targets<'a>(
    conn: &impl ConnectionTrait,
    targets: impl IntoIterator<Item = &'a target::Model>,
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, agreement::Model>, Error> {
    let ids: BTreeSet<Uuid> = targets.into_iter().filter_map(|target| target.agreement_id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let rows = Agreements::find()
            .filter(C::Id.is_in(some.iter().copied()))
            .filter(known_at::<Agreements>(at));
        found.extend(rows.all(conn).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Returns the kinds of agreements, of deleted ones too. The kind is the same in all versions.
pub async fn kinds_of(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, AgreementKind>, Error> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Agreements::find().filter(C::Id.is_in(ids)).filter(C::Version.eq(1));
    let rows = rows.all(conn).await?.into_iter();
    Ok(rows.map(|row| (row.id, AgreementKind::of(&row))).collect())
}

/// Returns the target and the agreement that depend on an agreement, one of each.
pub async fn dependants(
    conn: &impl ConnectionTrait,
    id: Uuid,
) -> Result<(Option<target::Model>, Option<agreement::Model>), Error> {
    let target = Targets::find()
        .filter(T::AgreementId.eq(id))
        .filter(known_at::<Targets>(None))
        .order_by_asc(T::IndicatorCode)
        .order_by_asc(T::Period)
        .one(conn)
        .await?;
    let revision = Agreements::find()
        .filter(C::Revises.eq(id))
        .filter(known_at::<Agreements>(None))
        .order_by_asc(C::Id)
        .one(conn)
        .await?;
    Ok((target, revision))
}
