//! The tables, one file each, without logic.
//!
//! A *versioned* table keeps every version of a thing: the primary key is its key columns and `version`, and
//! `recorded_at, recorded_by, change_reason, superseded_at, deleted` say when, by whom, why and until when.
//! - The current version is the one with `superseded_at IS NULL`; partial unique indexes use exactly this term.
//! - A deletion is a version born superseded (`superseded_at = recorded_at`, `deleted`): valid at no instant.
//! - What was known at `t`: `recorded_at <= t AND (superseded_at IS NULL OR superseded_at > t)`.
//!
//! Instants are UTC in whole microseconds; dates are WITA civil dates; `Text` columns documented as JSON hold JSON.

// Where
pub mod district;
pub mod village;

// What was promised
pub mod decree;
pub mod indicator;
pub mod target;

// What happened
pub mod case_category;
pub mod case_event;
pub mod held_response;
pub mod institution;
pub mod institution_decree;
pub mod institution_kind;
pub mod public_case;
pub mod questionnaire;
pub mod report;
pub mod report_kind;
pub mod response;
pub mod survey;
pub mod survey_tally;

// Who may
pub mod account;
pub mod credential;
pub mod enrolment;
pub mod refresh_family;
pub mod refresh_token;
pub mod signing_key;

// What the service needs
pub mod shipped_load;
pub mod stamp;
