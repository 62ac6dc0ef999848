//! The tables, one file each, without logic.
//!
//! A *versioned* table has a row for each version of a record. Its primary key is the key columns and `version`. The
//! columns `recorded_at, recorded_by, change_reason, superseded_at, deleted` store when, by whom and why the version was
//! recorded, and until when it was current.
//! - The current version has `superseded_at IS NULL`; partial unique indexes use exactly this condition.
//! - A deletion is a version that is superseded from the start (`superseded_at = recorded_at`, `deleted`): it is valid at
//!   no instant.
//! - The version that was known at `t` has `recorded_at <= t AND (superseded_at IS NULL OR superseded_at > t)`.
//!
//! Instants are UTC in whole microseconds. Dates are civil dates in WITA.

// Places
pub mod district;
pub mod record_start;
pub mod village;

// The plan
pub mod agreement;
pub mod decree;
pub mod indicator;
pub mod indicator_note;
pub mod past_value;
pub mod target;

// The facts
pub mod bulk_decision;
pub mod case_category;
pub mod case_event;
pub mod device_quota;
pub mod former_village;
pub mod held_discard_span;
pub mod held_response;
pub mod institution;
pub mod institution_decree;
pub mod institution_kind;
pub mod listed_code;
pub mod public_case;
pub mod questionnaire;
pub mod report;
pub mod report_kind;
pub mod response;
pub mod response_count_span;
pub mod survey;
pub mod survey_link;
pub mod survey_slip;
pub mod survey_tally;

// Evidence
pub mod evidence;
pub mod evidence_link;

// The closings of periods
pub mod closing;
pub mod closing_document;

// Access
pub mod account;
pub mod credential;
pub mod enrolment;
pub mod known_network;
pub mod refresh_family;
pub mod refresh_token;
pub mod service_key;
pub mod signing_key;

// Records of the service itself
pub mod journal;
pub mod shipped_load;
pub mod stamp;
