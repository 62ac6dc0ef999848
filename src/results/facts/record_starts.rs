//! The years from which an office says it recorded: they tell a year without records from a year with nothing to record.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use ::entity::record_start::{Column as C, Entity as Starts};

use super::records::{Recorded, Scope};
use crate::core::obligation::ReportGroup;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// The first recorded year of each group of reports, as the office says.
#[derive(Clone, Copy, Debug)]
pub struct RecordStart {
    administration: Option<i32>,
    finance: Option<i32>,
}

impl RecordStart {
    pub fn of(self, group: ReportGroup) -> Option<i32> {
        match group {
            ReportGroup::Administration => self.administration,
            ReportGroup::Finance => self.finance,
        }
    }
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<RecordStart>>, Error> {
    let rows = Starts::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Starts>(scope.as_of))
        .all(conn)
        .await?;
    let recorded = rows.into_iter().map(|row| {
        let fact = RecordStart {
            administration: row.administration,
            finance: row.finance,
        };
        Recorded::new(row.district_code, row.version, row.recorded_at, fact)
    });
    Ok(recorded.collect())
}
