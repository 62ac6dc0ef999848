//! Reading closings.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::closing::{Column as C, Entity as Closings, Model};
use ::entity::closing_document::{self, Entity as Documents};

use crate::access::Actor;
use crate::platform::error::Error;

pub async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, Error> {
    Ok(Closings::find_by_id(id).one(conn).await?)
}

/// Returns a closing; 404 unless it exists in a district that the actor sees.
pub async fn visible(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Model, Error> {
    let row = by_id(conn, id).await?.ok_or_else(Error::not_found)?;
    actor.ensure_can_see(&row.district_code)?;
    Ok(row)
}

/// Returns the values that a closing stores.
pub async fn stored(conn: &impl ConnectionTrait, id: Uuid) -> Result<closing_document::Model, Error> {
    let row = Documents::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| Error::internal(format!("closing {id} has no document")))
}

/// Returns the last closing of a district.
pub async fn last(conn: &impl ConnectionTrait, district: &str) -> Result<Option<Model>, Error> {
    let of_district = Closings::find().filter(C::DistrictCode.eq(district));
    Ok(of_district.order_by_desc(C::ClosedAt).one(conn).await?)
}

/// Returns the last version of the closing of a period, by its canonical name.
pub async fn last_of(conn: &impl ConnectionTrait, district: &str, period: &str) -> Result<Option<Model>, Error> {
    let of_period = Closings::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::Period.eq(period));
    Ok(of_period.order_by_desc(C::Version).one(conn).await?)
}
