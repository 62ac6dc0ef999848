//! The villages of a district. The desa among them that exist on the measuring date are the denominators of IKU 4 and 5.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::village::{Column as C, Entity as Villages};

use super::records::{Recorded, Scope};
use crate::core::place::Village;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<Village>>, Error> {
    let rows = Villages::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Villages>(scope.as_of))
        .order_by_asc(C::Code)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let fact = Village {
                code: row.code,
                kind: row.kind.parse()?,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
            };
            Ok(Recorded::new(row.district_code, row.recorded_at, fact))
        })
        .collect()
}
