//! Evidence in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::evidence_link::Entity as Links;
use ::entity::{evidence, evidence_link};

use super::media::MediaType;
use super::record::{Record, RecordType};
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Deletion, ETag, Page, Resource, Sha256, Version};

/// A file of evidence that is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Evidence {
    pub sha256: Sha256,
    pub media_type: MediaType,
    #[schema(minimum = 1, maximum = 10485760, example = 184320)]
    pub bytes: i64,
    pub stored_at: DateTime<Utc>,
}

/// A file to link to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "file_name": "Tanda terima LPPD 2024.pdf"
}))]
pub struct NewEvidenceLink {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// The file, which the office has sent before.
    pub sha256: Sha256,
    /// The name under which browsers save the file, with the ending of its kind.
    #[schema(min_length = 1, max_length = 100, example = "Tanda terima LPPD 2024.pdf")]
    pub file_name: String,
}

/// A file that is linked to a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceLink {
    pub id: Uuid,
    pub record: EvidenceRecord,
    pub sha256: Sha256,
    #[schema(max_length = 100, example = "Tanda terima LPPD 2024.pdf")]
    pub file_name: String,
    pub media_type: MediaType,
    #[schema(minimum = 1, maximum = 10485760, example = 184320)]
    pub bytes: i64,
    /// The file.
    #[schema(
        format = "uri-reference",
        max_length = 200,
        example = "/v1/evidence/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub href: String,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: String,
    /// Only of a deleted link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// The record that a file is linked to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceRecord {
    #[serde(rename = "type")]
    pub record_type: RecordType,
    /// The record; of a decree its institution.
    #[schema(
        format = "uri-reference",
        max_length = 200,
        example = "/v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60"
    )]
    pub href: String,
}

pub type EvidenceLinkPage = Page<EvidenceLink>;
pub type EvidenceLinkVersion = Version<EvidenceLink>;
pub type EvidenceLinkVersionPage = Page<EvidenceLinkVersion>;

impl Resource for Evidence {
    fn etag(&self) -> ETag {
        ETag::of_digest(self.sha256.as_str())
    }

    fn location(&self) -> String {
        format!("/v1/evidence/{}", self.sha256)
    }
}

impl Resource for EvidenceLink {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/evidence-links/{}", self.id)
    }
}

impl TryFrom<evidence::Model> for Evidence {
    type Error = Error;

    fn try_from(row: evidence::Model) -> Result<Self, Error> {
        let evidence::Model {
            sha256,
            district_code: _,
            media_type,
            bytes,
            stored_at,
        } = row;
        Ok(Self {
            sha256: Sha256::try_from(sha256).or_internal()?,
            media_type: media_type.parse()?,
            bytes,
            stored_at,
        })
    }
}

impl TryFrom<evidence_link::Model> for EvidenceLink {
    type Error = Error;

    fn try_from(row: evidence_link::Model) -> Result<Self, Error> {
        let deletion = Deletion::of(Links::version_info(&row));
        let record = Record::of(&row)?;
        let evidence_link::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            record_type: _,
            record_key: _,
            part_key: _,
            sha256,
            file_name,
            media_type,
            bytes,
        } = row;
        Ok(Self {
            id,
            record: EvidenceRecord {
                record_type: record.record_type(),
                href: record.href(),
            },
            href: format!("/v1/evidence/{sha256}"),
            sha256: Sha256::try_from(sha256).or_internal()?,
            file_name,
            media_type: media_type.parse()?,
            bytes,
            recorded_at,
            recorded_by,
            deletion,
        })
    }
}
