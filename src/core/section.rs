//! The five sections of the kecamatan's office. Each section owns some of the facts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::closed_list::closed_list;

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

closed_list!(Section {
    PelayananKessos "pelayanan-kessos",
    Pmd "pmd",
    Trantibum "trantibum",
    Pemerintahan "pemerintahan",
    PembinaanPengawasan "pembinaan-pengawasan",
});
