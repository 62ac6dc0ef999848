//! The program itself: it starts, replies over real connections, and stops.

mod commands;
mod keys;
mod restore;
mod serving;
mod upkeep;
mod wire;
