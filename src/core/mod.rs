//! The rules, pure: no database, no HTTP, no clock, no floating point.
//!
//! Read it beside the decree: [`period`] says which window, [`formula`] says what the facts of that window mean, and
//! [`exact`] keeps every number a fraction until it is shown. "Not computable" is a value here, never an error.

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
pub mod obligation;
pub mod period;
pub mod place;
pub mod sample_size;
pub mod section;
pub mod skm;
