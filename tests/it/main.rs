//! All integration tests are one binary, so that they share one PostgreSQL and one template database of each kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod architecture;
mod at_work;
mod beside;
mod cache;
mod caching;
mod cases;
mod characters;
mod closings;
mod code_lists;
mod cors;
mod cursors;
mod decrees;
mod demo;
mod deprecation;
mod districts;
mod examples;
mod exports;
mod gates;
mod headers;
mod histories;
mod idempotency;

mod indicators;
mod institutions;
mod journal;
mod limits;
mod live;
mod methods;
mod migrations;
mod openapi;
mod ops;
mod places;
mod plan;
mod problems;
mod questionnaires;
mod realisations;
mod report_kinds;
mod report_lists;
mod reports;
mod responses;
mod rules;
mod settings;
mod shipped;
mod statements;
mod structure;
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
mod withdrawn_surveys;
mod working_year;
