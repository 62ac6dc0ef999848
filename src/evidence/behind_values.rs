//! The evidence of the records behind values: in the document of a closing, and in the tables for SAKIP.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::evidence_link::Model;

use super::dto::EvidenceRecord;
use super::media::MediaType;
use super::query;
use super::record::{Record, RecordType};
use crate::core::period::Period;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Sha256;
use crate::results::realisations::dto::{JudgedRecord, RecordType as Judged};

/// The records whose evidence is asked for.
#[derive(Clone, Debug, Default)]
pub struct Records(BTreeMap<&'static str, BTreeSet<String>>);

impl Records {
    /// Adds a record: the id of a report, an institution (with all its decrees), a case or a survey.
    pub fn add(&mut self, record_type: RecordType, id: Uuid) {
        self.0.entry(record_type.as_str()).or_default().insert(id.to_string());
    }

    /// Adds the records that were judged for a value.
    pub fn add_judged(&mut self, judged: &[JudgedRecord]) {
        for reference in judged.iter().filter_map(|judged| judged.record.as_ref()) {
            let record_type = match reference.record_type {
                Judged::Survey => RecordType::Survey,
                Judged::Institution => RecordType::InstitutionDecree,
                Judged::Case => RecordType::Case,
                Judged::Report => RecordType::Report,
            };
            self.add(record_type, reference.id);
        }
    }

    /// Adds the targets of an indicator.
    pub fn add_targets(&mut self, indicator: &str) {
        let targets = self.0.entry(RecordType::Target.as_str()).or_default();
        targets.insert(indicator.to_owned());
    }
}

/// A file that was linked to a record behind a value.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosedEvidence {
    /// Id of the link.
    pub id: Uuid,
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    pub record: EvidenceRecord,
    /// The hash of the bytes: who has the file can compare it.
    pub sha256: Sha256,
    #[schema(max_length = 100, example = "Tanda terima LPPD 2024.pdf")]
    pub file_name: String,
    pub media_type: MediaType,
    #[schema(minimum = 1, maximum = 10485760, example = 184320)]
    pub bytes: i64,
}

/// Returns the links of some records, as known at an instant (`None`: now). Of targets those of periods that end in `period`.
pub async fn links(
    conn: &impl ConnectionTrait,
    records: &Records,
    periods: &[Period],
    at: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, Error> {
    let periods: BTreeSet<String> = periods.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for (record_type, keys) in &records.0 {
        let keys: Vec<String> = keys.iter().cloned().collect();
        let found = query::of_keys(conn, record_type, &keys, at).await?.into_iter();
        let is_target = *record_type == RecordType::Target.as_str();
        all.extend(found.filter(|row| !is_target || periods.contains(&row.part_key)));
    }
    all.sort_by(|a, b| {
        let key = |row: &Model| {
            (
                row.record_type.clone(),
                row.record_key.clone(),
                row.part_key.clone(),
                row.recorded_at,
                row.id,
            )
        };
        key(a).cmp(&key(b))
    });
    Ok(all)
}

impl TryFrom<Model> for ClosedEvidence {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        let record = Record::of(&row)?;
        Ok(Self {
            id: row.id,
            version: row.version,
            record: EvidenceRecord {
                record_type: record.record_type(),
                href: record.href(),
            },
            sha256: Sha256::try_from(row.sha256).or_internal()?,
            file_name: row.file_name,
            media_type: row.media_type.parse()?,
            bytes: row.bytes,
        })
    }
}
