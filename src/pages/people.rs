//! Roles and sections in words.

use crate::access::{Role, Section};
use crate::platform::text::Lang;

/// Returns the name of a role.
pub fn role(role: Role, lang: Lang) -> &'static str {
    let (id, en) = match role {
        Role::Administrator => ("Administrator", "Administrator"),
        Role::Head => ("Camat", "Head of the district (Camat)"),
        Role::Secretary => ("Sekretaris Kecamatan", "Secretary of the district"),
        Role::Officer => ("Petugas seksi", "Officer of a section"),
        Role::Surveyor => ("Petugas survei", "Surveyor"),
        Role::Integrator => ("Sistem kabupaten", "System of the regency"),
        Role::Reporter => ("Sistem desa", "System of a village"),
        Role::Auditor => ("Pemeriksa (Inspektorat)", "Auditor (Inspektorat)"),
    };
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// Returns the name of a section, which is the office's own in both languages.
pub fn section(section: Section) -> &'static str {
    match section {
        Section::PelayananKessos => "Seksi Pelayanan dan Kesejahteraan Sosial",
        Section::Pmd => "Seksi Pemberdayaan Masyarakat dan Desa",
        Section::Trantibum => "Seksi Ketentraman dan Ketertiban Umum",
        Section::Pemerintahan => "Seksi Penyelenggaraan Pemerintahan",
        Section::PembinaanPengawasan => "Seksi Pembinaan dan Pengawasan Desa",
    }
}
