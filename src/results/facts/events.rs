//! The instants at which something was recorded that a value can depend on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use ::entity::{
    decree, indicator, institution, public_case, record_start, report, report_kind, survey, target, village,
};

use super::records::Scope;
use crate::core::formula::Formula;
use crate::platform::db::{Stream, Versioned};
use crate::platform::error::Error;

/// The recordings after `after` and up to `until`, by instant, each with its stream. A write has one instant.
pub type Recordings = BTreeMap<DateTime<Utc>, Stream>;

/// The span of the recordings.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub after: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// The most instants of one stream.
    pub most: u64,
}

/// Loads the recordings about an indicator in the scope's districts and years. Answers are not among them: they are too many.
pub async fn load(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    (code, formula): (&str, Formula),
    span: Span,
) -> Result<Recordings, Error> {
    let mut all = Recordings::new();
    let districts = &scope.districts;
    match formula {
        Formula::SurveyIndex { section } => {
            use survey::Column as C;
            let own = Condition::all()
                .add(C::DistrictCode.is_in(districts))
                .add(C::Section.eq(section.as_str()))
                .add(C::EndsOn.between(scope.first_day(), scope.last_day()));
            add::<survey::Entity>(conn, own, span, &mut all).await?;
        }
        Formula::InstitutionCount {} => {
            let own = Condition::all().add(institution::Column::DistrictCode.is_in(districts));
            add::<institution::Entity>(conn, own, span, &mut all).await?;
        }
        Formula::CaseHandling {} => {
            use public_case::Column as C;
            let own = Condition::all()
                .add(C::DistrictCode.is_in(districts))
                .add(C::OccurredOn.between(scope.first_day(), scope.last_day()));
            add::<public_case::Entity>(conn, own, span, &mut all).await?;
        }
        Formula::ReportDelivery { .. } => {
            use report::Column as C;
            let own = Condition::all()
                .add(C::DistrictCode.is_in(districts))
                .add(C::FiscalYear.between(scope.years.start() - 1, *scope.years.end()));
            add::<report::Entity>(conn, own, span, &mut all).await?;
            add::<report_kind::Entity>(conn, Condition::all(), span, &mut all).await?;
            let own = Condition::all().add(record_start::Column::DistrictCode.is_in(districts));
            add::<record_start::Entity>(conn, own, span, &mut all).await?;
        }
    }
    let own = Condition::all().add(village::Column::DistrictCode.is_in(districts));
    add::<village::Entity>(conn, own, span, &mut all).await?;
    let own = Condition::all().add(decree::Column::DistrictCode.is_in(districts));
    add::<decree::Entity>(conn, own, span, &mut all).await?;
    let own = Condition::all().add(indicator::Column::Code.eq(code));
    add::<indicator::Entity>(conn, own, span, &mut all).await?;
    let own = Condition::all().add(target::Column::IndicatorCode.eq(code));
    add::<target::Entity>(conn, own, span, &mut all).await?;
    Ok(all)
}

/// Adds the instants at which versions of the `own` rows began or ended.
async fn add<E: Versioned>(
    conn: &impl ConnectionTrait,
    own: Condition,
    span: Span,
    all: &mut Recordings,
) -> Result<(), Error> {
    for column in [E::RECORDED_AT, E::SUPERSEDED_AT] {
        let instants: Vec<DateTime<Utc>> = E::find()
            .select_only()
            .column(column)
            .distinct()
            .filter(own.clone())
            .filter(Expr::col(column.as_column_ref()).gt(span.after))
            .filter(column.lte(span.until))
            .order_by_asc(column)
            .limit(span.most)
            .into_tuple()
            .all(conn)
            .await?;
        for at in instants {
            all.entry(at).or_insert(E::STREAM);
        }
    }
    Ok(())
}
