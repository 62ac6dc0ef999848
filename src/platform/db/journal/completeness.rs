//! Finds a change without an event. Debug builds check every transaction, so every test does.

use std::collections::BTreeSet;

use super::event::Resource;
use crate::platform::error::Error;

/// Tables without events of their own: what follows from events, and what a sign-in leaves.
const WITHOUT_EVENTS: [&str; 10] = [
    "stamp",
    "survey_tally",
    "device_quota",
    "refresh_family",
    "refresh_token",
    "known_network",
    "service_key",
    "questionnaire",
    "shipped_load",
    "journal",
];

/// The use of an account or credential is no change. The private half of a key is encrypted, or erased after its end.
const USES: [&str; 3] = [
    r#"UPDATE "account" SET "last_used_at""#,
    r#"UPDATE "credential" SET "last_used_at""#,
    r#"UPDATE "signing_key" SET "pkcs8""#,
];

/// Returns the table that a statement of the query builder writes.
pub fn written_table(sql: &str) -> Option<String> {
    let after = ["INSERT INTO ", "UPDATE ", "DELETE FROM "];
    let after = after.iter().find_map(|verb| sql.strip_prefix(verb))?;
    let table = after.split('"').nth(1)?;
    let is_use = USES.iter().any(|used| sql.starts_with(used));
    (!is_use && !WITHOUT_EVENTS.contains(&table)).then(|| table.to_owned())
}

/// Returns the resources whose events cover a table.
fn covered_by(table: &str) -> &'static [Resource] {
    use Resource as R;
    match table {
        "district" | "village" => &[R::Village, R::Database],
        "record_start" => &[R::RecordStart],
        "decree" => &[R::Decree],
        "indicator" => &[R::Indicator],
        "agreement" => &[R::Agreement],
        "target" => &[R::Target],
        "indicator_note" => &[R::Note],
        "past_value" => &[R::PastValue],
        "report_kind" => &[R::ReportKind],
        "listed_code" | "institution_kind" | "case_category" => &[R::ListedCode],
        "report" => &[R::Report],
        "institution" | "institution_decree" | "former_village" => &[R::Institution],
        "public_case" | "case_event" => &[R::Case],
        "survey" => &[R::Survey],
        "survey_link" => &[R::SurveyLink],
        "survey_slip" => &[R::SurveySlip],
        "evidence" => &[R::Evidence],
        "evidence_link" => &[R::EvidenceLink],
        "response" | "response_count_span" => &[R::Response, R::HeldResponse],
        "held_response" | "held_discard_span" | "bulk_decision" => &[R::HeldResponse, R::Response],
        "account" | "credential" => &[R::User, R::Client],
        "enrolment" => &[R::Enrolment],
        "signing_key" => &[R::Key],
        "closing" | "closing_document" => &[R::Closing],
        _ => &[],
    }
}

/// The error names a table that was written without an event.
pub fn ensure_noted(written: &BTreeSet<String>, noted: impl Iterator<Item = Resource>) -> Result<(), Error> {
    let noted: Vec<Resource> = noted.collect();
    let is_silent = |table: &&String| !covered_by(table).iter().any(|resource| noted.contains(resource));
    match written.iter().find(is_silent) {
        None => Ok(()),
        Some(table) => Err(Error::internal(format!("{table} was written without an event"))),
    }
}
