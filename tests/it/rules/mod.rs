//! The pure half of the services: what `validate` refuses, without a database.

mod cases;
mod decrees;
mod indicators;
mod institutions;
mod reports;
mod surveys;
