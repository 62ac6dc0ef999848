//! The program itself: it starts, replies over real connections, and stops.

mod commands;
mod connections;
mod evidence;
mod exports;
mod imports;
mod keys;
mod maintenance;
mod monitoring;
mod privacy;
mod restore;
mod sealed;
mod serving;
mod wire;
