//! The villages of a district. The desa among them that exist on the measuring date are the denominators of IKU 4 and 5.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::village::{Column as C, Entity as Villages};

use super::records::{Recorded, Scope};
use crate::core::name::Names;
use crate::core::place::Village;
use crate::places::villages::dto::read_names;
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
            Ok(Recorded::new(row.district_code, row.version, row.recorded_at, fact))
        })
        .collect()
}

/// A village's code and its names.
#[derive(Clone, Debug)]
pub struct NamedVillage {
    pub code: String,
    pub names: Names,
}

/// Loads the names of the villages.
pub async fn names(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<NamedVillage>>, Error> {
    let rows = Villages::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Villages>(scope.as_of))
        .order_by_asc(C::Code)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let names = Names {
                latest: row.name,
                former: read_names(row.former_names.as_deref())?,
            };
            let named = NamedVillage { code: row.code, names };
            Ok(Recorded::new(row.district_code, row.version, row.recorded_at, named))
        })
        .collect()
}
