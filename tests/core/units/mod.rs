//! Single rules of the core, one file for each of its modules.

mod achievement;
mod case;
mod civil;
mod closed_list;
mod decimal;
mod element;
mod exact;
mod grade;
mod institution;
mod obligation;
mod period;
mod place;
mod sample_size;
mod skm;
