//! Kinds of village reports: which, from which year, due when.

pub mod query;
