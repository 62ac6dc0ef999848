//! The pure half of the services: the faults that `validate` returns, without a database.

mod cases;
mod decrees;
mod indicators;
mod institutions;
mod reports;
mod surveys;
