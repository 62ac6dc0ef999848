//! The values of the indicators of a district, and the words that SAKIP has for them.

use std::collections::BTreeSet;

use chrono::Datelike;
use uuid::Uuid;

use super::dto::YearFilter;
use super::table::Cell;
use crate::core::achievement::{Category, Polarity, achievement};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::{Candidate, Formula, Status, Unit, Verdict};
use crate::core::period::{Period, PeriodKind};
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;
use crate::results::facts::{FactReader, Facts, Plan, PlannedIndicator};
use crate::results::query::Query;
use crate::results::realisations::closed::Closed;
use crate::results::realisations::dto::{PeriodNote, Realisation};
use crate::results::realisations::service::{frame, realisation};

/// The plan of a district and the facts of some years.
pub struct Measured<'a> {
    pub query: &'a Query<'a>,
    pub district: DistrictCode,
    pub year: i32,
    pub plan: Plan,
    facts: Facts,
    closed: Closed,
}

/// A value as it is shown, and before it is rounded.
pub struct Value {
    pub realisation: Realisation,
    /// The ids of the records that contribute to it.
    pub contributing: Vec<Uuid>,
    /// In the unit of the indicator.
    exact: Option<Exact>,
    polarity: Polarity,
}

impl Value {
    /// Returns the achievement against a target, from the unrounded value.
    pub fn against(&self, target: Option<Hundredths>) -> Option<Hundredths> {
        achievement(self.exact.as_ref(), target, self.polarity).ok()
    }
}

impl<'a> Measured<'a> {
    /// Reads the plan of one district and the facts of a year and `earlier` years before it.
    pub async fn load(
        query: &'a Query<'a>,
        reader: &FactReader<'_>,
        filter: &YearFilter,
        earlier: i32,
    ) -> Result<Self, Error> {
        let asked = filter.district_code.as_ref().map(DistrictCode::as_str);
        let district = query.one_district(reader, asked).await?;
        let year = filter.year.unwrap_or_else(|| query.day().year());
        let plan = reader.plan(BTreeSet::from([district.as_str().to_owned()])).await?;
        let years = year - earlier..=year;
        let reads: Vec<_> = years
            .clone()
            .flat_map(|year| plan.in_force(year))
            .map(PlannedIndicator::reads)
            .collect();
        let facts = reader.facts(reads, years.clone()).await?;
        let periods = years.flat_map(|year| whole(year).into_iter().chain(quarters(year)));
        let closed = Closed::load(reader, query, [district.as_str()], periods).await?;
        Ok(Self {
            query,
            district,
            year,
            plan,
            facts,
            closed,
        })
    }

    /// Returns the indicators in force in the year, by their number.
    pub fn indicators(&self) -> Vec<&PlannedIndicator> {
        self.plan.in_force(self.year)
    }

    /// Returns the value of an indicator in a period, as `/v1/realisations` has it.
    pub fn value(&self, indicator: &PlannedIndicator, period: Period) -> Result<Value, Error> {
        let (district, formula) = indicator.reads();
        let inputs = self.facts.inputs(formula, district, period.year());
        let measured = formula.measure(&frame(self.query, period), &inputs);
        let now = realisation(self.query, indicator, period, &self.facts, &measured)?;
        let contributes = |candidate: &&Candidate| matches!(candidate.verdict, Verdict::Contributing(_));
        let contributing = measured.candidates.iter().filter(contributes);
        let contributing = contributing.filter_map(|candidate| candidate.record).collect();
        let shown = self.closed.shown(self.query, now);
        let exact = match (&shown.closing, &shown.exact) {
            (Some(_), Some(fraction)) => exact_in_unit(fraction, formula),
            (Some(_), None) => None,
            (None, _) => measured.value,
        };
        Ok(Value {
            realisation: shown,
            contributing,
            exact,
            polarity: indicator.polarity,
        })
    }

    /// Returns kendala and tindak lanjut of a year: the note of the year, or else of its latest quarter that has one.
    pub fn note_of_year(&self, indicator: &PlannedIndicator) -> Option<&PeriodNote> {
        let quarters: Vec<Period> = quarters(self.year).collect();
        let code = &indicator.row.code;
        quarters
            .into_iter()
            .rev()
            .find_map(|quarter| self.closed.note(code, quarter))
    }

    /// Returns whether the year is over.
    pub fn is_over(&self) -> bool {
        self.query.day().year() > self.year
    }

    /// Returns whether a period has begun. Before, nothing of it is measured: the value of its window is that of the period
    /// before.
    pub fn has_begun(&self, period: Period) -> bool {
        period.first_day() <= self.query.day()
    }
}

/// Returns kendala and tindak lanjut as two cells.
pub fn note_cells(note: Option<&PeriodNote>) -> [Cell; 2] {
    let text = |text: fn(&PeriodNote) -> &Option<String>| note.and_then(|note| text(note).as_deref()).into();
    [text(|note| &note.obstacles), text(|note| &note.follow_up)]
}

/// Returns the exact value of a closed realisation, whose fraction is of the ratio.
fn exact_in_unit(fraction: &str, formula: Formula) -> Option<Exact> {
    let exact = Exact::from_fraction_string(fraction)?;
    Some(match formula.unit() {
        Unit::Percent => exact.times(100),
        Unit::Index | Unit::Count => exact,
    })
}

/// Returns the whole year as a period; `None` outside the years that a period can have.
pub fn whole(year: i32) -> Option<Period> {
    Period::new(year, PeriodKind::Year, 1)
}

/// Returns the quarters (triwulan) of a year.
pub fn quarters(year: i32) -> impl Iterator<Item = Period> {
    (1..=4).filter_map(move |number| Period::new(year, PeriodKind::Quarter, number))
}

/// Returns the unit as the decree writes it.
pub fn unit(formula: Formula) -> &'static str {
    match formula.unit() {
        Unit::Index => "Indeks",
        Unit::Count => "Lembaga",
        Unit::Percent => "%",
    }
}

/// Returns SAKIP's type of computation: what grows in the course of a year is cumulative (DOMAIN section 11).
pub fn computation(formula: Formula) -> &'static str {
    match formula {
        Formula::CaseHandling {} | Formula::ReportDelivery { .. } => "kumulatif",
        Formula::SurveyIndex { .. } | Formula::InstitutionCount {} => "non_kumulatif",
    }
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Computed => "dihitung",
        Status::Provisional => "sementara",
        Status::NotComputable => "tidak dapat dihitung",
    }
}

pub fn category(category: Category) -> &'static str {
    match category {
        Category::SangatTinggi => "sangat tinggi",
        Category::Tinggi => "tinggi",
        Category::Sedang => "sedang",
        Category::Rendah => "rendah",
        Category::SangatRendah => "sangat rendah",
    }
}

/// Returns what the value was computed from, or the reason why there is none.
pub fn remark(realisation: &Realisation) -> String {
    let text = realisation.reason_text.as_ref().unwrap_or(&realisation.formula.text);
    match realisation.status {
        Status::Provisional => format!("Sementara: {text}"),
        Status::Computed | Status::NotComputable => text.clone(),
    }
}
