//! The facts that results are computed from: [`FactReader`] loads them for any number of districts and years with a
//! constant number of statements, and the core gets them as plain values.

mod cache;
mod cases;
mod dependencies;
mod events;
mod inputs;
mod institutions;
mod plan;
mod reader;
mod record_starts;
mod records;
mod replacements;
mod reports;
mod surveys;
mod villages;

pub use cache::FactCaches;
pub use dependencies::{Dependencies, Recorder, Trace};
pub use events::Span;
pub use inputs::Facts;
pub use plan::{Plan, PlannedIndicator};
pub use reader::FactReader;
pub use records::{Origin, Recorded, Scope};
