//! The five sections of the kecamatan's office, each of which owns facts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A section (seksi) of the office, by the code that facts carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// Pelayanan dan Kesejahteraan Sosial: surveys.
    PelayananKessos,
    /// Pemberdayaan Masyarakat dan Desa: institutions.
    Pmd,
    /// Ketentraman dan Ketertiban Umum: cases.
    Trantibum,
    /// Penyelenggaraan Pemerintahan: administration reports.
    Pemerintahan,
    /// Pembinaan dan Pengawasan Desa: finance reports.
    PembinaanPengawasan,
}

impl Section {
    pub const ALL: [Section; 5] = [
        Section::PelayananKessos,
        Section::Pmd,
        Section::Trantibum,
        Section::Pemerintahan,
        Section::PembinaanPengawasan,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Section::PelayananKessos => "pelayanan-kessos",
            Section::Pmd => "pmd",
            Section::Trantibum => "trantibum",
            Section::Pemerintahan => "pemerintahan",
            Section::PembinaanPengawasan => "pembinaan-pengawasan",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Section {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let section = Section::ALL.into_iter().find(|section| section.as_str() == s);
        section.ok_or_else(|| format!("unknown: {s}"))
    }
}
