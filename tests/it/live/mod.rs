//! The program itself: started, asked over real connections, stopped.

mod commands;
mod keys;
mod restore;
mod serving;
mod upkeep;
mod wire;
