//! The rules are compared with the worked cases of `tests/vectors`, and with independent references on random input.
//! These tests need no database.

#![allow(clippy::unwrap_used, clippy::panic)]

mod formulas;
mod ikm;
mod obligations;
mod periods;
mod ratios;
mod reference;
mod vectors;
