//! The rows of the table, in the order in which they are measured: reads, then writes, then both at once.

mod exchange;
mod reads;
mod requests;
mod writes;

use std::time::Duration;

use crate::comparison::{Comparison, Pace};
use crate::report::{Figure, Row};
use crate::server::Server;

pub use requests::{all_realisations, constant, constant_with_token, post_answer, realisation, records};
pub use writes::mixed_load;

/// Keep-alive connections of a row, unless the row names another number.
pub const CLIENTS: usize = 32;
/// Turns the access log off. It would make the baseline dearer, and every ratio better.
pub const WITHOUT_ACCESS_LOG: (&str, &str) = ("IKU_ACCESS_LOG", "off");
/// Turns the response cache off, so the service computes each body.
pub const WITHOUT_CACHE: (&str, &str) = ("IKU_REALISATION_CACHE_MIB", "0");

/// What to measure, for how long, and with how many answers.
#[derive(Clone, Debug)]
pub struct Plan {
    pub only: Option<String>,
    pub pace: Pace,
    /// Answers in the large database. The small one has a tenth of them.
    pub answers: usize,
    pub locking: Duration,
}

/// The result of a row.
pub type Measured = Result<(Figure, Option<Comparison>), String>;

/// Measures the rows of a plan and collects them.
#[derive(Debug)]
pub struct Bench {
    pub plan: Plan,
    pub rows: Vec<Row>,
    /// The highest memory of each server, with the work that the server did.
    peaks: Vec<(String, f64)>,
}

impl Bench {
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            rows: Vec::new(),
            peaks: Vec::new(),
        }
    }

    pub fn includes(&self, keys: &[&str]) -> bool {
        self.plan.only.as_ref().is_none_or(|only| keys.contains(&only.as_str()))
    }

    /// Measures a row and prints it. A failed measurement is a row too.
    pub fn row(&mut self, key: &str, what: &str, required: &str, measure: impl FnOnce(Pace) -> Measured) {
        if !self.includes(&[key]) {
            return;
        }
        let (figure, comparison) = measure(self.plan.pace).unwrap_or_else(|error| (Figure::failed(&error), None));
        let row = Row {
            what: what.to_owned(),
            required: required.to_owned(),
            figure,
            comparison,
        };
        println!("{key}: {row}");
        self.rows.push(row);
    }

    /// Stops a server and notes its highest memory.
    fn stop(&mut self, name: &str, server: Server) -> Result<(), String> {
        let memory = server.memory()?;
        println!(
            "memory of the server ({name}): {:.1} MiB now, {:.1} MiB at most",
            memory.now, memory.peak
        );
        self.peaks.push((name.to_owned(), memory.peak));
        server.stop()
    }

    /// Measures all rows on SQLite.
    pub fn sqlite(&mut self) -> Result<(), String> {
        if self.includes(&reads::ON_LARGE_DATABASE) || self.includes(&["locking", "memory"]) {
            reads::measure(self)?;
        }
        if self.includes(&["post", "grouped", "batch", "closing"]) {
            writes::measure(self)?;
        }
        if self.includes(&["exchange"]) {
            exchange::measure(self)?;
        }
        if self.includes(&["pull"]) {
            reads::measure_pull(self)?;
        }
        let peak = self.peaks.iter().map(|(_, peak)| *peak).fold(0.0, f64::max);
        self.row(
            "memory",
            "memory of the service under all of this, at most",
            "≤ 72 MiB",
            |_| Ok((Figure::at_most(peak, 72.0, format!("{peak:.1} MiB")), None)),
        );
        Ok(())
    }
}

/// Returns a number with a comma before each group of three digits.
pub fn thousands(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or_default().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
