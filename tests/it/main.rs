//! All integration tests are one binary, so that they share one PostgreSQL and one template database of each kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod architecture;
mod cache;
mod cases;
mod code_lists;
mod cors;
mod cursors;
mod decrees;
mod demo;
mod deprecation;
mod gates;
mod headers;

mod indicators;
mod institutions;
mod limits;
mod live;
mod migrations;
mod openapi;
mod ops;
mod places;
mod problems;
mod realisations;
mod report_kinds;
mod reports;
mod responses;
mod rules;
mod settings;
mod shipped;
mod statements;
mod support {
    pub mod backend;
    pub mod client;
    pub mod cluster;
    pub mod contract;
    pub mod counting;
    pub mod postgres;
    pub mod process;
    pub mod snapshot;
    pub mod sqlite;
    pub mod table;
    pub mod world;
}
mod maintenance;
mod survey_index;
mod surveys;
mod targets;
mod units;
