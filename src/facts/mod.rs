//! The recorded facts: reports, institutions, cases, surveys and their answers.

pub mod cases;
pub mod institutions;
pub mod reports;
pub mod responses;
pub mod surveys;
mod text;
