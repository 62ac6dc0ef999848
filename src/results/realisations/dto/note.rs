//! The note of a period, as a realisation shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What hindered the indicator in the period, and what is done about it. It changes no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodNote {
    /// Kendala: what hindered the indicator.
    #[schema(required, max_length = 2000, example = "Tiga desa terlambat menyusun laporan")]
    pub obstacles: Option<String>,
    /// Tindak lanjut: what is done about it.
    #[schema(required, max_length = 2000, example = "Pendampingan setiap bulan")]
    pub follow_up: Option<String>,
    /// The instant at which the note was recorded.
    pub recorded_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: String,
}
