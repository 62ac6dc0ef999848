//! The rules are compared with the worked cases of `tests/vectors`, and with independent references on random input.
//! These tests need no database.

#![allow(clippy::unwrap_used, clippy::panic)]

mod achievement;
mod case_status;
mod civil_days;
mod closed_lists;
mod decimals;
mod due_days;
mod elements;
mod exact;
mod formulas;
mod gaps;
mod grades;
mod ikm;
mod institution_names;
mod institution_terms;
mod names;
mod obligations;
mod period_names;
mod periods;
mod ratios;
mod reference;
mod sample_size;
mod shipped;
mod tallies;
mod vectors;
mod villages;
