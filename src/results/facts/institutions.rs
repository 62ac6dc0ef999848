//! IKU 2: all institutions and the terms of their decrees.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use ::entity::institution::{Column as C, Entity as Institutions, Model};
use ::entity::institution_decree::{Column as D, Entity as Decrees};

use super::records::{Recorded, Scope, grouped};
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::institution::{Belonging, Term};
use crate::facts::institutions::query::former_villages;
use crate::platform::error::Error;

/// Loads the institutions of the districts. Of a district that has none, it loads those that were deleted: they tell a district
/// whose register is empty from a district that never recorded an institution.
pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<InstitutionFact>>, Error> {
    let rows = Institutions::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(scope.known::<Institutions>())
        .order_by_asc(C::Id)
        .all(conn)
        .await?;
    // Decrees belong to a version of their institution: the known decrees are those of the known versions.
    let known = Query::select()
        .columns([C::Id, C::Version])
        .from(Institutions)
        .cond_where(C::DistrictCode.is_in(&scope.districts))
        .cond_where(scope.known::<Institutions>())
        .to_owned();
    let decrees = Decrees::find()
        .filter(Expr::tuple([Expr::col(D::InstitutionId), Expr::col(D::Version)]).in_subquery(known))
        .order_by_asc(D::Position)
        .all(conn)
        .await?;
    let mut decrees = grouped(decrees, |d| d.institution_id);
    let mut former = grouped(former_villages(conn, &rows).await?, |v| v.institution_id);
    let withdrawn = withdrawn(conn, scope, &rows).await?;
    Ok(rows
        .into_iter()
        .chain(withdrawn)
        .map(|row| {
            let terms = decrees.remove(&row.id).unwrap_or_default().into_iter();
            let terms = terms.map(|d| Term {
                starts_on: d.starts_on,
                ends_on: Some(d.ends_on),
                revoked_on: d.revoked_on,
            });
            let former = former.remove(&row.id).unwrap_or_default().into_iter();
            let former = former.map(|v| Belonging {
                village_code: v.village_code,
                from: v.from_day,
            });
            let last = Belonging {
                village_code: row.village_code,
                from: row.village_from,
            };
            let fact = InstitutionFact {
                id: row.id,
                villages: former.chain([last]).collect(),
                kind: row.kind,
                terms: terms.collect(),
                deleted: row.deleted,
            };
            Recorded::new(row.district_code, row.version, row.recorded_at, fact)
        })
        .collect())
}

async fn withdrawn(conn: &impl ConnectionTrait, scope: &Scope, known: &[Model]) -> Result<Vec<Model>, Error> {
    let has_known = |district: &String| known.iter().any(|row| row.district_code == *district);
    let empty: Vec<&String> = scope.districts.iter().filter(|district| !has_known(district)).collect();
    if empty.is_empty() || scope.deletions {
        return Ok(Vec::new());
    }
    let deletions = Institutions::find()
        .filter(C::DistrictCode.is_in(empty))
        .filter(C::Deleted.eq(true));
    let deletions = deletions.apply_if(scope.as_of, |q, t| q.filter(C::RecordedAt.lte(t)));
    let mut last = BTreeMap::new();
    for row in deletions.order_by_asc(C::Version).all(conn).await? {
        last.insert(row.id, row);
    }
    Ok(last.into_values().collect())
}
