//! An event: who changed what, when and why; and its hash.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::journal::Model;

use crate::core::closed_list::closed_list;
use crate::platform::fingerprint::to_hex;

/// The chain of what belongs to no district: accounts of the regency, keys, shared definitions.
pub const SERVICE: &str = "service";

/// Who makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub account_id: Option<Uuid>,
    /// The user name or client id, as in `recorded_by`.
    pub name: String,
    /// The program that the token was issued to.
    pub client_id: Option<String>,
    pub token_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
}

impl Author {
    /// A part of the service itself, which has no account.
    pub fn service(name: &str) -> Self {
        Self {
            account_id: None,
            name: name.to_owned(),
            client_id: None,
            token_id: None,
            session_id: None,
        }
    }

    /// An account that shows no token: at its sign-in or enrolment.
    pub fn account(id: Uuid, name: &str) -> Self {
        Self {
            account_id: Some(id),
            ..Self::service(name)
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditAction)]
pub enum Action {
    Created,
    Changed,
    Deleted,
    Restored,
    Received,
    Voided,
    Released,
    Discarded,
    SecretReplaced,
    Closed,
    Loaded,
    Recorded,
}
closed_list!(Action {
    Created "created",
    Changed "changed",
    Deleted "deleted",
    Restored "restored",
    Received "received",
    Voided "voided",
    Released "released",
    Discarded "discarded",
    SecretReplaced "secret_replaced",
    Closed "closed",
    Loaded "loaded",
    Recorded "recorded",
});

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditResource)]
pub enum Resource {
    Village,
    RecordStart,
    Decree,
    Indicator,
    Agreement,
    Target,
    Note,
    PastValue,
    ReportKind,
    ListedCode,
    Report,
    Institution,
    Case,
    Survey,
    SurveyLink,
    SurveySlip,
    Evidence,
    EvidenceLink,
    Response,
    HeldResponse,
    User,
    Client,
    Enrolment,
    Key,
    Closing,
    Database,
}
closed_list!(Resource {
    Village "village",
    RecordStart "record_start",
    Decree "decree",
    Indicator "indicator",
    Agreement "agreement",
    Target "target",
    Note "note",
    PastValue "past_value",
    ReportKind "report_kind",
    ListedCode "listed_code",
    Report "report",
    Institution "institution",
    Case "case",
    Survey "survey",
    SurveyLink "survey_link",
    SurveySlip "survey_slip",
    Evidence "evidence",
    EvidenceLink "evidence_link",
    Response "response",
    HeldResponse "held_response",
    User "user",
    Client "client",
    Enrolment "enrolment",
    Key "key",
    Closing "closing",
    Database "database",
});

/// The years whose values a change may move; `None`: no limit on this side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Years {
    pub from: Option<i32>,
    pub to: Option<i32>,
}

impl Years {
    pub const ALL: Self = Self { from: None, to: None };

    pub fn span(from: i32, to: i32) -> Self {
        Self {
            from: Some(from),
            to: Some(to),
        }
    }

    pub fn since(from: i32) -> Self {
        Self {
            from: Some(from),
            to: None,
        }
    }

    /// Returns the years from the first to the last of both.
    pub fn with(self, other: Self) -> Self {
        Self {
            from: self.from.zip(other.from).map(|(a, b)| a.min(b)),
            to: self.to.zip(other.to).map(|(a, b)| a.max(b)),
        }
    }
}

/// A change to note. Its number and its hash come with the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The code of a district, or [`SERVICE`].
    pub chain: String,
    pub at: DateTime<Utc>,
    pub action: Action,
    pub resource: Resource,
    /// The id or code of the record; of answers: the id of the survey.
    pub key: String,
    pub version: Option<i32>,
    pub reason: Option<String>,
    pub count: Option<i64>,
    pub details: Option<Value>,
    pub years: Years,
    /// The texts of the rows that were written; the event has their digest.
    pub content: Vec<String>,
}

impl Event {
    pub fn new(
        district: Option<&str>,
        at: DateTime<Utc>,
        action: Action,
        resource: Resource,
        key: impl ToString,
    ) -> Self {
        Self {
            chain: district.unwrap_or(SERVICE).to_owned(),
            at,
            action,
            resource,
            key: key.to_string(),
            version: None,
            reason: None,
            count: None,
            details: None,
            years: Years::ALL,
            content: Vec::new(),
        }
    }

    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    pub fn detail(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }
}

/// Returns the row of an event without its number and its hash.
pub(super) fn row(author: &Author, event: Event) -> Model {
    let content = (!event.content.is_empty()).then(|| super::content::digest_of(&event.content));
    Model {
        chain: event.chain,
        seq: 0,
        at: event.at,
        actor: author.name.clone(),
        account_id: author.account_id,
        client_id: author.client_id.clone(),
        token_id: author.token_id,
        session_id: author.session_id,
        action: event.action.to_string(),
        resource: event.resource.to_string(),
        key: event.key,
        version: event.version,
        reason: event.reason,
        count: event.count,
        details: event.details.map(|details| details.to_string()),
        from_year: event.years.from,
        to_year: event.years.to,
        content,
        hash: Vec::new(),
    }
}

/// Returns an event as JSON with the hash of the event before it: members in the order of their names, none that is null. It
/// is the text that its own hash covers (RFC 8785), and its form in the API.
pub fn canonical(row: &Model, previous: &[u8]) -> Value {
    let hex = |bytes: &[u8]| Value::String(to_hex(bytes));
    let members = json!({
        "chain": row.chain,
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor,
        "account_id": row.account_id,
        "client_id": row.client_id,
        "token_id": row.token_id,
        "session_id": row.session_id,
        "action": row.action,
        "resource": row.resource,
        "key": row.key,
        "version": row.version,
        "reason": row.reason,
        "count": row.count,
        "details": row.details,
        "from_year": row.from_year,
        "to_year": row.to_year,
        "content": row.content.as_deref().map(hex),
        "previous": hex(previous),
    });
    let members = match members {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

/// Returns the hash of an event: SHA-256 of its canonical text.
pub fn hash(row: &Model, previous: &[u8]) -> Vec<u8> {
    digest(&SHA256, canonical(row, previous).to_string().as_bytes())
        .as_ref()
        .to_vec()
}
