//! Events in responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::journal;

use crate::platform::db::journal::{Action, Resource};
use crate::platform::error::Error;
use crate::platform::fingerprint::to_hex;
use crate::platform::http::{DistrictCode, Page};

/// One change. `hash` is the SHA-256 of all members but `hash` and `href`, without those that are null, as canonical JSON
/// (RFC 8785). A stored hash proves later that no event before it was changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// The code of a district, or `service` for what belongs to all.
    #[schema(max_length = 20, example = "63.11.04")]
    pub chain: String,
    /// The number in the chain: 1, 2, 3 and so on, in the order of the commits.
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 412)]
    pub seq: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// User name or client id; `iku`: the service itself or its operator; `intake`: the receipt of answers, each of which has its
    /// own sender.
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub actor: String,
    /// Id of the user or client; null: no account.
    #[schema(required)]
    pub account_id: Option<Uuid>,
    /// The program that the token was issued to.
    #[schema(required, max_length = 100, example = "swagger-ui")]
    pub client_id: Option<String>,
    /// `jti` of the access token.
    #[schema(required)]
    pub token_id: Option<Uuid>,
    /// The sign-in that the token belongs to.
    #[schema(required)]
    pub session_id: Option<Uuid>,
    pub action: Action,
    pub resource: Resource,
    /// Id or code of the record, with a slash between its parts. Of answers: id of the survey; of their receipt in the
    /// quarantine, too.
    #[schema(max_length = 200, example = "paringin-iku-4/2025-S1")]
    pub key: String,
    /// The version that was recorded; null: the resource has no versions.
    #[schema(required, minimum = 1, maximum = 2147483647, example = 2)]
    pub version: Option<i32>,
    #[schema(required, max_length = 300, example = "Tanggal salah ketik")]
    pub reason: Option<String>,
    /// The number of answers.
    #[schema(required, minimum = 0, maximum = 9007199254740991_i64, example = 28)]
    pub count: Option<i64>,
    /// What else is worth knowing, as JSON text: which rights of an account changed, from and to.
    #[schema(required, max_length = 4000, example = r#"{"role":["officer","head"]}"#)]
    pub details: Option<String>,
    /// The first year whose values may have moved; null: no limit.
    #[schema(required, minimum = 0, maximum = 9999, example = 2025)]
    pub from_year: Option<i32>,
    /// The last year whose values may have moved; null: no limit.
    #[schema(required, minimum = 0, maximum = 9999, example = 2026)]
    pub to_year: Option<i32>,
    /// SHA-256 of what was written, in hexadecimal; null: nothing but this event.
    #[schema(
        required,
        min_length = 64,
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub content: Option<String>,
    /// The hash of the event before it in the chain; empty: it is the first.
    #[schema(
        max_length = 64,
        example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    )]
    pub previous: String,
    #[schema(
        min_length = 64,
        max_length = 64,
        example = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
    )]
    pub hash: String,
    /// All versions of the record, or the closing, which has one; null: it has none.
    #[schema(
        required,
        max_length = 300,
        example = "/v1/reports/0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69/versions"
    )]
    pub href: Option<String>,
}

pub type AuditEventPage = Page<AuditEvent>;

impl AuditEvent {
    /// Shows a row. `previous`: the hash of the event before it.
    pub fn new(row: journal::Model, previous: Option<&[u8]>) -> Result<Self, Error> {
        let resource = row.resource.parse()?;
        let href = href(resource, &row.key);
        Ok(Self {
            chain: row.chain,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            account_id: row.account_id,
            client_id: row.client_id,
            token_id: row.token_id,
            session_id: row.session_id,
            action: row.action.parse()?,
            resource,
            key: row.key,
            version: row.version,
            reason: row.reason,
            count: row.count,
            details: row.details,
            from_year: row.from_year,
            to_year: row.to_year,
            content: row.content.as_deref().map(to_hex),
            previous: previous.map(to_hex).unwrap_or_default(),
            hash: to_hex(&row.hash),
            href,
        })
    }
}

/// Returns the path of all versions of a record, or of a closing.
fn href(resource: Resource, key: &str) -> Option<String> {
    let (first, second) = key.split_once('/').unwrap_or((key, ""));
    Some(match resource {
        Resource::Village => format!("/v1/villages/{key}/versions"),
        Resource::RecordStart => format!("/v1/districts/{key}/versions"),
        Resource::Decree => format!("/v1/decrees/{key}/versions"),
        Resource::Indicator => format!("/v1/indicators/{first}/versions"),
        Resource::Agreement => format!("/v1/agreements/{key}/versions"),
        Resource::Target => format!("/v1/indicators/{first}/targets/{second}/versions"),
        Resource::Note => format!("/v1/indicators/{first}/notes/{second}/versions"),
        Resource::PastValue => format!("/v1/indicators/{first}/past-values/{second}/versions"),
        Resource::ReportKind => format!("/v1/report-kinds/{first}/versions"),
        Resource::Report => format!("/v1/reports/{key}/versions"),
        Resource::Institution => format!("/v1/institutions/{key}/versions"),
        Resource::Case => format!("/v1/cases/{key}/versions"),
        Resource::Survey => format!("/v1/surveys/{key}/versions"),
        Resource::SurveyLink | Resource::SurveySlip => format!("/v1/survey-links/{key}/versions"),
        Resource::Evidence => format!("/v1/evidence/{key}"),
        Resource::EvidenceLink => format!("/v1/evidence-links/{key}/versions"),
        Resource::Closing => format!("/v1/closings/{key}"),
        Resource::ListedCode
        | Resource::Response
        | Resource::HeldResponse
        | Resource::User
        | Resource::Client
        | Resource::Enrolment
        | Resource::Key
        | Resource::Database => return None,
    })
}

/// Filters of the audit trail.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditEventFilter {
    /// Events of this district alone.
    pub district_code: Option<DistrictCode>,
    /// User name or client id.
    #[param(min_length = 1, max_length = 100, example = "kasi.pemerintahan")]
    pub actor: Option<String>,
    pub action: Option<Action>,
    pub resource: Option<Resource>,
    /// Id or code of the record; of answers: id of the survey.
    #[param(min_length = 1, max_length = 200, example = "paringin-iku-4/2025-S1")]
    pub key: Option<String>,
    /// Recorded at this instant or later.
    #[param(example = "2025-06-30T09:00:00+08:00")]
    pub recorded_from: Option<DateTime<Utc>>,
    /// Recorded at this instant or earlier.
    #[param(example = "2025-12-31T23:59:59+08:00")]
    pub recorded_to: Option<DateTime<Utc>>,
}
