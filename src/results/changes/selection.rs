//! Which values a change may have moved.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use ::entity::indicator::{Column as I, Entity as Indicators};
use ::entity::journal::{Column as J, Entity as Journal, Model};

use crate::core::formula::Formula;
use crate::platform::db::journal::{Resource, SERVICE};

/// The resources whose changes can move a value of each formula.
const READS: [(&str, &[Resource]); 4] = [
    ("survey_index", &[Resource::Survey, Resource::Response]),
    ("institution_count", &[Resource::Institution]),
    ("case_handling", &[Resource::Case]),
    ("report_delivery", &[Resource::Report, Resource::ReportKind]),
];

/// The resources whose changes can move every value of a district.
const EVERYWHERE: [Resource; 4] = [
    Resource::Village,
    Resource::RecordStart,
    Resource::Decree,
    Resource::Closing,
];

/// The resources whose key begins with the code of the indicator.
const OF_ONE: [Resource; 2] = [Resource::Indicator, Resource::Target];

/// Returns whether a change of this resource can move values.
pub fn moves_values() -> Condition {
    let reads = READS.iter().flat_map(|(_, resources)| resources.iter());
    let all = reads.chain(&EVERYWHERE).chain(&OF_ONE);
    Condition::all().add(J::Resource.is_in(all.map(|resource| resource.as_str())))
}

/// Returns whether a change may have moved the values of an indicator.
pub fn concerns(event: &Model, resource: Resource, code: &str, formula: Formula) -> bool {
    let reads = READS.iter().find(|(kind, _)| *kind == formula.kind());
    EVERYWHERE.contains(&resource)
        || reads.is_some_and(|(_, resources)| resources.contains(&resource))
        || (OF_ONE.contains(&resource) && event.key.split('/').next() == Some(code))
}

/// Selects the indicators whose values of a year may have moved at an instant or later.
pub fn moved_since(since: DateTime<Utc>, year: i32) -> Condition {
    let mut moved = Condition::any()
        .add(Expr::exists(
            events(since, year, &EVERYWHERE).and_where(in_own_chain()).take(),
        ))
        .add(Expr::exists(
            events(since, year, &OF_ONE)
                .and_where(in_own_chain())
                .and_where(Expr::cust("journal.key LIKE indicator.code || '/%'"))
                .take(),
        ));
    for (kind, resources) in READS {
        let own_or_shared = Condition::any()
            .add(in_own_chain())
            .add(Expr::col((Journal, J::Chain)).eq(SERVICE));
        let events = events(since, year, resources).cond_where(own_or_shared).take();
        moved = moved.add(I::FormulaKind.eq(kind).and(Expr::exists(events)));
    }
    moved
}

fn in_own_chain() -> Expr {
    Expr::col((Journal, J::Chain)).equals((Indicators, I::DistrictCode))
}

fn events(since: DateTime<Utc>, year: i32, resources: &[Resource]) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(Journal)
        .and_where(J::At.gte(since))
        .and_where(J::Resource.is_in(resources.iter().map(|resource| resource.as_str())))
        .cond_where(Condition::any().add(J::FromYear.is_null()).add(J::FromYear.lte(year)))
        .cond_where(Condition::any().add(J::ToYear.is_null()).add(J::ToYear.gte(year)))
        .take()
}
