//! What the office should do soon. A notice depends on the records and on the day (WITA), on nothing else.

use chrono::{Datelike, NaiveDate};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use ::entity::decree::{Column as D, Entity as Decrees};
use ::entity::indicator::{Column as I, Entity as Indicators};

use super::dto::{Notice, NoticeCode};
use crate::access::Actor;
use crate::access::permissions::{DecreesRead, Permission};
use crate::platform::db::versions::known_at;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::DistrictCode;

/// Who reads all districts gets at most this many notices.
const MOST: u64 = 100;

/// The month from which a year's end is near: three months before.
const NEAR: u32 = 10;

/// Returns the notices for an actor; none for one who may not read decrees.
pub async fn of(conn: &impl ConnectionTrait, actor: &Actor, today: NaiveDate) -> Result<Vec<Notice>, Error> {
    if !actor.scopes.contains(&DecreesRead::SCOPE) {
        return Ok(Vec::new());
    }
    ending(conn, actor.district.as_deref(), today).await
}

/// Returns the districts (`None`: of all) whose last decree with indicators ends within three months, or has ended. An indicator
/// that continues under another decree before this one ends is that decree's.
pub async fn ending(
    conn: &impl ConnectionTrait,
    district: Option<&str>,
    today: NaiveDate,
) -> Result<Vec<Notice>, Error> {
    let newer = |column: I| Expr::col((Alias::new("newer"), column));
    let replaced = Query::select()
        .expr(Expr::val(1))
        .from_as(Indicators, Alias::new("newer"))
        .and_where(newer(I::Code).equals((Indicators, I::Code)))
        .and_where(newer(I::FromYear).gt(Expr::col((Indicators, I::FromYear))))
        .and_where(newer(I::FromYear).lte(Expr::col((Decrees, D::LastYear))))
        .and_where(newer(I::SupersededAt).is_null())
        .take();
    let indicators = Query::select()
        .expr(Expr::val(1))
        .from(Indicators)
        .and_where(Expr::col((Indicators, I::DecreeId)).equals((Decrees, D::Id)))
        .cond_where(known_at::<Indicators>(None))
        .and_where(Expr::exists(replaced).not())
        .take();
    let ending: Vec<(String, Option<i32>)> = Decrees::find()
        .select_only()
        .column(D::DistrictCode)
        .column_as(D::LastYear.max(), "last")
        .filter(known_at::<Decrees>(None))
        .filter(Expr::exists(indicators))
        .apply_if(district, |q, code| q.filter(D::DistrictCode.eq(code)))
        .group_by(D::DistrictCode)
        .having(Expr::col(D::LastYear).max().lte(last_year_that_ends(today)))
        .order_by_asc(D::DistrictCode)
        .limit(MOST)
        .into_tuple()
        .all(conn)
        .await?;
    let notice = |(district, last_year): (String, Option<i32>)| {
        Ok(Notice {
            code: NoticeCode::DecreeEnds,
            district_code: DistrictCode::try_from(district).or_internal()?,
            last_year: last_year.unwrap_or_default(),
        })
    };
    ending.into_iter().map(notice).collect()
}

/// Returns the latest year that ends within three months of a day, or has ended.
fn last_year_that_ends(today: NaiveDate) -> i32 {
    today.year() - i32::from(today.month() < NEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ends_soon_from_october_on() {
        for (today, last) in [("2026-09-30", 2025), ("2026-10-01", 2026), ("2027-01-01", 2026)] {
            assert_eq!(last_year_that_ends(today.parse().unwrap()), last, "{today}");
        }
    }
}
