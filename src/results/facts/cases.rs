//! IKU 3: the cases that occurred in the years, and their events.

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use ::entity::case_event::{Column as E, Entity as Events};
use ::entity::public_case::{Column as C, Entity as Cases};

use super::records::{Recorded, Scope, grouped};
use crate::core::case::Event;
use crate::core::formula::case_handling::CaseFact;
use crate::platform::error::Error;

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<CaseFact>>, Error> {
    let in_scope = || {
        sea_orm::Condition::all()
            .add(C::DistrictCode.is_in(&scope.districts))
            .add(C::OccurredOn.between(scope.first_day(), scope.last_day()))
            .add(scope.known::<Cases>())
    };
    let rows = Cases::find().filter(in_scope()).order_by_asc(C::Id).all(conn).await?;
    let known = Query::select()
        .column(C::Id)
        .from(Cases)
        .cond_where(in_scope())
        .to_owned();
    let events = Events::find()
        .filter(E::CaseId.in_subquery(known))
        .apply_if(scope.as_of, |q, t| q.filter(E::RecordedAt.lte(t)))
        .order_by_asc(E::Position)
        .all(conn)
        .await?;
    let mut events = grouped(events, |e| e.case_id);
    rows.into_iter()
        .map(|row| {
            let of_case = events.remove(&row.id).unwrap_or_default().into_iter();
            let of_case = of_case.map(|e| {
                Ok(Event {
                    kind: e.kind.parse()?,
                    at: e.at,
                    has_receipt: e.receipt.is_some(),
                })
            });
            let fact = CaseFact {
                id: row.id,
                village_code: Some(row.village_code).filter(|code| !code.is_empty()),
                category: row.category,
                occurred_at: row.occurred_at,
                events: of_case.collect::<Result<_, Error>>()?,
                deleted: row.deleted,
            };
            Ok(Recorded::new(row.district_code, row.version, row.recorded_at, fact))
        })
        .collect()
}
