//! One binary for all integration tests: one link, one PostgreSQL, one template database of each kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod live;
mod migrations;
mod openapi;
mod ops;
mod realisations;
mod reports;
mod support {
    pub mod backend;
    pub mod contract;
    pub mod postgres;
    pub mod sqlite;
    pub mod world;
}
