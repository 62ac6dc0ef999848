//! Desa and kelurahan.

pub mod query;
pub mod service;
