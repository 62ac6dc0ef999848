//! The decree and its indicators.

use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use crate::core::achievement::Polarity;
use crate::core::formula::{Formula, Unit};

/// A Keputusan Camat that sets the indicators of a span of years.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decree {
    /// The same in every installation.
    pub id: Uuid,
    pub district_code: String,
    /// `139/CPAR/2023`; the paper has blanks after the slashes.
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    /// Place of signing.
    pub issued_at: String,
    /// Tujuan SKPD.
    pub goal: String,
    pub first_year: i32,
    /// Inclusive.
    pub last_year: i32,
    /// Mengingat, in the decree's order.
    pub legal_bases: Vec<String>,
    pub signatory: Signatory,
    /// KESATU to KETIGA.
    pub dictums: Vec<Dictum>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    pub position: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dictum {
    /// `KESATU`, `KEDUA`, ...
    pub number: String,
    pub text: String,
}

/// One row of the decree's annex. The texts are the decree's own, with its typing mistakes; the last three fields are
/// the program's reading of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub code: String,
    /// The first year that this version governs.
    pub from_year: i32,
    /// The row's number in the annex, 1 to 5.
    pub number: i32,
    /// Sasaran strategis.
    pub objective: String,
    pub name: String,
    /// Makna indikator.
    pub meaning: String,
    /// Alasan pemilihan.
    pub selection_reason: String,
    /// Formulasi perhitungan.
    pub formula_text: String,
    /// Sumber/referensi indikator.
    pub reference: String,
    /// Penanggung jawab.
    pub responsible: String,
    /// Sumber data.
    pub source: String,
    pub unit: Unit,
    pub polarity: Polarity,
    pub formula: Formula,
}
