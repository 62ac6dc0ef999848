//! The filters of the list of reports, in SQL.
//!
//! A report has no due day of its own: its kind has one, which may change from a year on. So a filter by due day is a span of
//! fiscal years for each wording of each kind.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select};

use ::entity::report::{Column as C, Entity as Reports};
use ::entity::report_kind::{self, Column as K, Entity as Kinds};

use super::dto::ReportFilter;
use crate::access::records;
use crate::core::civil;
use crate::core::obligation::ReportGroup;
use crate::platform::db::versions::known_at;
use crate::platform::error::{Error, OrInternal};

/// Selects the reports of a list, as known at an instant.
pub async fn of(
    conn: &impl ConnectionTrait,
    filter: &ReportFilter,
    at: DateTime<Utc>,
) -> Result<Select<Reports>, Error> {
    let is_about_kinds = filter.group.is_some() || filter.due_from.is_some() || filter.due_to.is_some();
    let of_kinds = match is_about_kinds {
        true => Some(of_kinds(&wordings(conn, at).await?, filter)?),
        false => None,
    };
    Ok(Reports::find()
        .filter(records::in_state::<Reports>(filter.state, at))
        .apply_if(of_kinds, |q, v| q.filter(v))
        .apply_if(filter.village_code.as_ref(), |q, v| {
            q.filter(C::VillageCode.eq(v.as_str()))
        })
        .apply_if(filter.kind.as_ref(), |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.fiscal_year, |q, v| q.filter(C::FiscalYear.eq(v)))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.delivered_from, |q, v| q.filter(C::DeliveredOn.gte(v)))
        .apply_if(filter.delivered_to, |q, v| q.filter(C::DeliveredOn.lte(v)))
        .apply_if(filter.recorded_by.as_ref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)))
        .apply_if(filter.flagged, |q, v| match v {
            true => q.filter(C::Flags.ne("")),
            false => q.filter(C::Flags.eq("")),
        }))
}

/// A wording of a kind, and the years that it governs.
struct Wording {
    kind: report_kind::Model,
    /// The last year that it governs; `None`: no later wording is known.
    last_year: Option<i32>,
}

async fn wordings(conn: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Vec<Wording>, Error> {
    let rows = Kinds::find().filter(known_at::<Kinds>(Some(at)));
    let rows = rows.order_by_asc(K::Code).order_by_asc(K::FromYear).all(conn).await?;
    let next = rows.iter().skip(1).map(Some).chain([None]);
    let last_years: Vec<_> = rows
        .iter()
        .zip(next)
        .map(|(row, next)| next.filter(|n| n.code == row.code).map(|n| n.from_year - 1))
        .collect();
    let wordings = rows.into_iter().zip(last_years);
    Ok(wordings.map(|(kind, last_year)| Wording { kind, last_year }).collect())
}

/// Selects the reports whose kinds have the group and the due days of the filter.
fn of_kinds(wordings: &[Wording], filter: &ReportFilter) -> Result<Condition, Error> {
    // Without any kind, no report.
    let mut any = Condition::any().add(C::Id.is_null());
    for Wording { kind, last_year } in wordings {
        let group: ReportGroup = kind.group_code.parse()?;
        if filter.group.is_some_and(|wanted| wanted != group) {
            continue;
        }
        let due = DueDay::of(kind)?;
        let first = filter.due_from.map(|day| due.first_year_from(day));
        let last = filter.due_to.map(|day| due.last_year_to(day));
        let first = first.into_iter().chain([kind.from_year]).max();
        let last = last.into_iter().chain(*last_year).min();
        any = any.add(
            Condition::all()
                .add(C::Kind.eq(&kind.code))
                .add_option(first.map(|year| C::FiscalYear.gte(year + kind.fiscal_year_offset)))
                .add_option(last.map(|year| C::FiscalYear.lte(year + kind.fiscal_year_offset))),
        );
    }
    Ok(any)
}

/// A month and a day on which a kind falls due.
pub(super) struct DueDay {
    month: u32,
    day: u32,
}

impl DueDay {
    pub(super) fn of(kind: &report_kind::Model) -> Result<Self, Error> {
        Ok(Self {
            month: u32::try_from(kind.due_month).or_internal()?,
            day: u32::try_from(kind.due_day).or_internal()?,
        })
    }

    pub(super) fn in_year(&self, year: i32) -> NaiveDate {
        civil::day(year, self.month, self.day)
    }

    /// Returns the first year whose due day is not before a day.
    fn first_year_from(&self, day: NaiveDate) -> i32 {
        let is_before = self.in_year(day.year()) < day;
        day.year().saturating_add(i32::from(is_before))
    }

    /// Returns the last year whose due day is not after a day.
    fn last_year_to(&self, day: NaiveDate) -> i32 {
        let is_after = self.in_year(day.year()) > day;
        day.year().saturating_sub(i32::from(is_after))
    }
}
