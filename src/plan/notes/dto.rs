//! Notes in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use ::entity::indicator_note;

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{ETag, Page, Resource, Slug, Version};

/// A note to set: at least one of its two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(
    example = json!({"obstacles": "Tiga desa terlambat menyusun laporan", "follow_up": "Pendampingan setiap bulan"})
)]
pub struct NewNote {
    /// Kendala: what hindered the indicator.
    #[schema(min_length = 1, max_length = 2000, example = "Tiga desa terlambat menyusun laporan")]
    pub obstacles: Option<String>,
    /// Tindak lanjut: what is done about it.
    #[schema(min_length = 1, max_length = 2000, example = "Pendampingan setiap bulan")]
    pub follow_up: Option<String>,
    /// Why the note is changed; stored with the version. Required if the year is over and the period has a note, or had one.
    #[schema(
        write_only,
        min_length = 1,
        max_length = 300,
        example = "Dilengkapi sesudah rapat evaluasi"
    )]
    pub reason: Option<String>,
}

/// A recorded note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Note {
    #[schema(example = "paringin-iku-4")]
    pub indicator_code: Slug,
    /// The canonical name: Q1, S1, Q3 or the year.
    #[schema(pattern = "^[0-9]{4}(-(Q1|S1|Q3))?$", max_length = 7, example = "2025-S1")]
    pub period: String,
    /// Kendala: what hindered the indicator.
    #[schema(required, max_length = 2000, example = "Tiga desa terlambat menyusun laporan")]
    pub obstacles: Option<String>,
    /// Tindak lanjut: what is done about it.
    #[schema(required, max_length = 2000, example = "Pendampingan setiap bulan")]
    pub follow_up: Option<String>,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: String,
}

pub type NotePage = Page<Note>;
pub type NoteVersion = Version<Note>;
pub type NoteVersionPage = Page<NoteVersion>;

/// Filters of a list of notes.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoteFilter {
    /// Only notes of this year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

impl Resource for Note {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/indicators/{}/notes/{}", self.indicator_code, self.period)
    }
}

impl TryFrom<indicator_note::Model> for Note {
    type Error = Error;

    fn try_from(row: indicator_note::Model) -> Result<Self, Error> {
        let indicator_note::Model {
            indicator_code,
            period,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            obstacles,
            follow_up,
        } = row;
        Ok(Self {
            indicator_code: Slug::try_from(indicator_code).or_internal()?,
            period,
            obstacles,
            follow_up,
            recorded_at,
            recorded_by,
        })
    }
}
