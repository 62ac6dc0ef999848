//! The rules against the worked cases of `tests/vectors`, and against independent references on random input.
//! Needs no database.

#![allow(clippy::unwrap_used, clippy::panic)]

mod formulas;
mod ikm;
mod obligations;
mod periods;
mod ratios;
mod reference;
mod vectors;
