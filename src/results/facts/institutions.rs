//! IKU 2: all institutions and the terms of their decrees.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::institution::{Column as C, Entity as Institutions};
use ::entity::institution_decree::{Column as D, Entity as Decrees};

use super::records::{Recorded, Scope, grouped};
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::institution::Term;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<InstitutionFact>>, Error> {
    let rows = Institutions::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Institutions>(scope.as_of))
        .order_by_asc(C::Id)
        .all(conn)
        .await?;
    // Decrees belong to a version of their institution: the known decrees are those of the known versions.
    let known = Query::select()
        .columns([C::Id, C::Version])
        .from(Institutions)
        .cond_where(C::DistrictCode.is_in(&scope.districts))
        .cond_where(known_at::<Institutions>(scope.as_of))
        .to_owned();
    let decrees = Decrees::find()
        .filter(Expr::tuple([Expr::col(D::InstitutionId), Expr::col(D::Version)]).in_subquery(known))
        .order_by_asc(D::Position)
        .all(conn)
        .await?;
    let mut decrees = grouped(decrees, |d| d.institution_id);
    Ok(rows
        .into_iter()
        .map(|row| {
            let terms = decrees.remove(&row.id).unwrap_or_default().into_iter();
            let terms = terms.map(|d| Term {
                starts_on: d.starts_on,
                ends_on: Some(d.ends_on),
                revoked_on: d.revoked_on,
            });
            let fact = InstitutionFact {
                id: row.id,
                village_code: row.village_code,
                kind: row.kind,
                terms: terms.collect(),
                deleted: row.deleted,
            };
            Recorded::new(row.district_code, row.recorded_at, fact)
        })
        .collect())
}
