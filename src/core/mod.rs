//! The rules as pure functions: no database, no HTTP, no clock, no floating point.
//!
//! They follow the decree: [`period`] computes the window, [`formula`] computes the value from the facts of the window,
//! and [`exact`] has the fractions, which are rounded for display only. "Not computable" is a value, not an error.

pub mod achievement;
pub mod case;
pub mod civil;
pub mod closed_list;
pub mod decimal;
pub mod element;
pub mod exact;
pub mod formula;
pub mod grade;
pub mod institution;
pub mod institution_name;
pub mod name;
pub mod obligation;
pub mod period;
pub mod place;
pub mod sample_size;
pub mod section;
pub mod skm;
