//! The pages for browsers, read as a person reads them: by labels, links, buttons and tables.

mod browser;
mod cases;
mod closings;
mod counter;
mod evidence;
mod home;
mod indicator;
mod institutions;
mod language;
mod matrix;
mod public;
mod reports;
mod security;
mod sessions;
mod sheets;
mod surveys;
mod targets;
mod users;
