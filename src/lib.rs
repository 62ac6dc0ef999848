//! Indikator Kinerja Utama of a kecamatan, computed from the records and explained down to the record.

pub mod core;
