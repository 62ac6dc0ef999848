//! The indicators in force in each year, and the difference between two states of a plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::formula::Formula;
use crate::core::period::YEARS;
use crate::plan::indicators::formula::of_row;
use crate::plan::indicators::rules::Row;
use crate::platform::error::Error;

/// What decides the values of an indicator in a year.
#[derive(Clone, Debug, PartialEq)]
struct Terms {
    formula: Formula,
    polarity: String,
    objective: String,
}

/// The indicators of a district that are in force, by year and code.
#[derive(Debug, Default)]
pub struct InForce(BTreeMap<(i32, String), Terms>);

/// The difference between two states of a plan.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Years in which an indicator begins or ceases to be in force, or gets other values.
    pub moved: BTreeSet<i32>,
    /// Indicators that cease to be in force, with the years.
    pub hidden: BTreeMap<String, Hidden>,
}

#[derive(Debug, PartialEq)]
pub struct Hidden {
    pub formula: Formula,
    pub years: BTreeSet<i32>,
}

impl InForce {
    /// Rows come by code and first year.
    pub fn of(rows: &[Row]) -> Result<Self, Error> {
        let mut in_force = BTreeMap::new();
        for of_code in rows.chunk_by(|(a, _), (b, _)| a.code == b.code) {
            let nexts = of_code.iter().skip(1).map(|(row, _)| row.from_year);
            let ends = nexts.chain([*YEARS.end() + 1]);
            for ((row, decree), end) in of_code.iter().zip(ends) {
                let terms = Terms {
                    formula: of_row(row)?,
                    polarity: row.polarity.clone(),
                    objective: row.objective.clone(),
                };
                let years = row.from_year.max(decree.first_year)..=decree.last_year.min(end - 1);
                in_force.extend(years.map(|year| ((year, row.code.clone()), terms.clone())));
            }
        }
        Ok(Self(in_force))
    }

    /// Compares this state with a later one.
    pub fn effects(&self, after: &Self) -> Effects {
        let mut effects = Effects::default();
        for (year, code) in self.0.keys().chain(after.0.keys()) {
            let key = (*year, code.clone());
            match (self.0.get(&key), after.0.get(&key)) {
                (before, now) if before == now => continue,
                (Some(terms), None) => {
                    let hidden = effects.hidden.entry(code.clone()).or_insert_with(|| Hidden {
                        formula: terms.formula,
                        years: BTreeSet::new(),
                    });
                    hidden.years.insert(*year);
                }
                _ => {}
            }
            effects.moved.insert(*year);
        }
        effects
    }
}
