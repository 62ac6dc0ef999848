//! The program itself: started, asked over real connections, stopped.

mod commands;
mod serving;
mod upkeep;
