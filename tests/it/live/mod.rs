//! The program itself: started, asked over real connections, stopped.

mod commands;
mod keys;
mod maintenance;
mod privacy;
mod restore;
mod serving;
mod wire;
