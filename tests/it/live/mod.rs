//! The program itself: it starts, replies over real connections, and stops.

mod commands;
mod keys;
mod maintenance;
mod privacy;
mod restore;
mod serving;
mod wire;
