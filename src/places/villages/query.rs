//! Reading villages.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
};

use ::entity::village::{Column as C, Entity as Villages, Model};
use ::entity::{institution, public_case, report, response, survey};

use super::dto::{Village, VillageFlag};
use crate::platform::db::versions::{self, known_at};
use crate::platform::db::{Recent, RecordReader};
use crate::platform::error::Error;
use crate::platform::http::VillageCode;

/// Returns the village as it was known at an instant (`None`: now).
pub async fn find(
    conn: &impl ConnectionTrait,
    code: &VillageCode,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, Error> {
    versions::find::<Villages>(conn, versions::key::<Villages>(code.as_str()), at).await
}

/// Selects the villages that exist on a day; first and last day are included.
pub fn valid_on(day: NaiveDate) -> Condition {
    Condition::all()
        .add(Condition::any().add(C::ValidFrom.is_null()).add(C::ValidFrom.lte(day)))
        .add(Condition::any().add(C::ValidTo.is_null()).add(C::ValidTo.gte(day)))
}

/// Returns whether a report, an institution, a case or an answer names the village, or ever named it. An answer that is held
/// because of a conflict does not count until it is released, and then it is validated again. No index leads from a village
/// to its answers, because a village is seldom changed and answers are many.
pub async fn has_facts(conn: &impl ConnectionTrait, code: &VillageCode) -> Result<bool, Error> {
    let (district, code) = (code.district(), code.as_str());
    macro_rules! named_by {
        ($table:ident) => {
            $table::Entity::find()
                .select_only()
                .column($table::Column::Id)
                .filter($table::Column::DistrictCode.eq(district))
                .filter($table::Column::VillageCode.eq(code))
                .limit(1)
                .into_tuple::<uuid::Uuid>()
                .one(conn)
                .await?
                .is_some()
        };
    }
    if named_by!(report) || named_by!(institution) || named_by!(public_case) {
        return Ok(true);
    }
    let surveys = survey::Entity::find()
        .select_only()
        .column(survey::Column::Id)
        .filter(survey::Column::DistrictCode.eq(district));
    let answer = response::Entity::find()
        .select_only()
        .column(response::Column::Id)
        .filter(response::Column::SurveyId.in_subquery(surveys.into_query()))
        .filter(response::Column::VillageCode.eq(code))
        .limit(1);
    Ok(answer.into_tuple::<uuid::Uuid>().one(conn).await?.is_some())
}

/// Selects the villages with a flag, as known at an instant.
pub fn flagged(at: DateTime<Utc>) -> Condition {
    let is_numbered_as_kelurahan = C::Code.like("%.1___");
    let has_other_code = Condition::any()
        .add(C::Kind.eq("desa").and(is_numbered_as_kelurahan.clone()))
        .add(C::Kind.eq("kelurahan").and(is_numbered_as_kelurahan.not()));
    has_other_code.add(has_same_name(Some(at)))
}

/// Selects the villages that share their name with another village of the district at the same time, as known at an instant
/// (`None`: now). Case does not matter.
fn has_same_name(at: Option<DateTime<Utc>>) -> Condition {
    Condition::all().add(Expr::exists(others_with_same_name(at)))
}

fn others_with_same_name(at: Option<DateTime<Utc>>) -> SelectStatement {
    let own = |column: C| Expr::col(column.as_column_ref());
    let other = |column: C| Expr::col((Alias::new("other"), column));
    let before = |first: Expr, last: Expr| {
        let bounded = first.clone().lte(last.clone());
        Condition::any().add(first.is_null()).add(last.is_null()).add(bounded)
    };
    let known = match at {
        None => Condition::all().add(other(C::SupersededAt).is_null()),
        Some(at) => Condition::all().add(other(C::RecordedAt).lte(at)).add(
            Condition::any()
                .add(other(C::SupersededAt).is_null())
                .add(other(C::SupersededAt).gt(at)),
        ),
    };
    let mut others = Query::select();
    others
        .expr(Expr::val(1))
        .from_as(Villages, Alias::new("other"))
        .and_where(other(C::DistrictCode).eq(own(C::DistrictCode)))
        .and_where(other(C::Code).ne(own(C::Code)))
        .and_where(Expr::expr(Func::lower(other(C::Name))).eq(Func::lower(own(C::Name))))
        .cond_where(before(other(C::ValidFrom), own(C::ValidTo)))
        .cond_where(before(own(C::ValidFrom), other(C::ValidTo)))
        .cond_where(known)
        .take()
}

/// A current village, and whether another village shares its name.
#[derive(Clone, Debug, FromQueryResult)]
pub struct FoundVillage {
    #[sea_orm(nested)]
    pub village: Model,
    pub same_name: bool,
}

impl Recent for FoundVillage {
    type Table = Villages;

    fn row(&self) -> &Model {
        &self.village
    }
}

/// Returns the current village with a code, with one statement.
pub async fn with_same_name(conn: &impl RecordReader, code: &VillageCode) -> Result<Option<FoundVillage>, Error> {
    let read = async || {
        let shares_name = Expr::exists(others_with_same_name(None));
        let query = Villages::find()
            .expr_as(shares_name, "same_name")
            .filter(versions::key::<Villages>(code.as_str()))
            .filter(known_at::<Villages>(None));
        Ok(query.into_model().one(conn).await?)
    };
    conn.recent(code.as_str(), read).await
}

/// Adds the flags that other villages cause to the villages of a list, as known at an instant, with one statement.
pub async fn with_flags(
    conn: &impl ConnectionTrait,
    mut villages: Vec<Village>,
    at: DateTime<Utc>,
) -> Result<Vec<Village>, Error> {
    let codes = villages.iter().map(|v| v.code.as_str());
    let same: Vec<String> = Villages::find()
        .select_only()
        .column(C::Code)
        .filter(C::Code.is_in(codes))
        .filter(known_at::<Villages>(Some(at)))
        .filter(has_same_name(Some(at)))
        .into_tuple()
        .all(conn)
        .await?;
    let same: HashSet<String> = same.into_iter().collect();
    for village in villages.iter_mut().filter(|v| same.contains(v.code.as_str())) {
        village.flags.push(VillageFlag::SameName);
    }
    Ok(villages)
}
