//! `iku`: the Indikator Kinerja Utama of a kecamatan, computed from the records.
//!
//! Data flows [`plan`] + [`places`] + [`facts`] -> [`core`] -> [`results`] -> [`closings`]. In a resource, handlers call the service,
//! and the service calls the queries. docs/ARCHITECTURE.md has a diagram.

pub mod access;
pub mod app;
pub mod audit;
pub mod cli;
pub mod closings;
pub mod config;
pub mod core;
pub mod demo;
pub mod evidence;
pub mod exports;
pub mod facts;
pub mod imports;
pub mod maintenance;
pub mod ops;
pub mod pages;
pub mod places;
pub mod plan;
pub mod platform;
pub mod results;
pub mod server;
pub mod shipped;
pub mod startup;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
