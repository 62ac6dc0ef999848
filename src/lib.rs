//! `iku`: the Indikator Kinerja Utama of a kecamatan, computed from the records.
//!
//! The folders tell the story: [`plan`] + [`places`] + [`facts`] -> [`core`] -> results. Inside a resource data
//! flows one way: handler -> service -> query, and back as plain values. docs/ARCHITECTURE.md has the picture.

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod core;
pub mod demo;
pub mod facts;
pub mod maintenance;
pub mod ops;
pub mod places;
pub mod plan;
pub mod platform;
pub mod results;
pub mod server;
pub mod shipped;
pub mod startup;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
