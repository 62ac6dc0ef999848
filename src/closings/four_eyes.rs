//! Four eyes: who records the facts should not be the one who closes the period.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use ::entity::{institution, public_case, report, response, response_count_span, survey};

use crate::core::closed_list::closed_list;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// What happens if an account closes a period and has recorded facts since the closing before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FourEyes {
    /// The statement says so.
    #[default]
    Noted,
    /// It is refused.
    Required,
}
closed_list!(FourEyes { Noted "noted", Required "required" });

/// Returns whether an account recorded reports, institutions, cases, surveys or voids of a district after an instant. Targets do
/// not count, because the Camat sets them and closes.
pub async fn has_recorded(
    tx: &WriteTx,
    district: &str,
    username: &str,
    after: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    macro_rules! versions {
        ($($table:ident),*) => { $({
            use $table::Column as C;
            let own = $table::Entity::find()
                .select_only()
                .expr(Expr::val(1))
                .filter(C::DistrictCode.eq(district))
                .filter(C::RecordedBy.eq(username))
                .filter(Condition::all().add_option(after.map(|t| C::RecordedAt.gt(t))))
                .limit(1);
            if own.into_tuple::<i32>().one(tx).await?.is_some() {
                return Ok(true);
            }
        })* };
    }
    // Every event of a case makes a version of the case.
    versions!(report, institution, public_case, survey);
    let surveys = || {
        survey::Entity::find()
            .select_only()
            .column(survey::Column::Id)
            .filter(survey::Column::DistrictCode.eq(district))
            .into_query()
    };
    use response::Column as R;
    let voided = response::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(R::SurveyId.in_subquery(surveys()))
        .filter(R::CountedUntil.is_not_null())
        .filter(R::VoidedBy.eq(username))
        .filter(Condition::all().add_option(after.map(|t| R::CountedUntil.gt(t))))
        .limit(1);
    if voided.into_tuple::<i32>().one(tx).await?.is_some() {
        return Ok(true);
    }
    use response_count_span::Column as S;
    let by = |who: S, when: S| {
        Condition::all()
            .add(who.eq(username))
            .add_option(after.map(|t| when.gt(t)))
    };
    let restored = response_count_span::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(S::SurveyId.in_subquery(surveys()))
        .filter(
            Condition::any()
                .add(by(S::VoidedBy, S::CountedUntil))
                .add(by(S::RestoredBy, S::RestoredAt)),
        )
        .limit(1);
    Ok(restored.into_tuple::<i32>().one(tx).await?.is_some())
}
