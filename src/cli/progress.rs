//! The progress of long work: a bar on standard error, if that is a terminal.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr};

/// The cells of a full bar.
const WIDTH: usize = 30;

/// A line that shows how far the work is. Dropped, it leaves an empty line to the next text.
pub struct Progress {
    is_shown: bool,
    /// What was shown last, so that the terminal gets few writes.
    last: Cell<Option<usize>>,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            is_shown: stderr().is_terminal(),
            last: Cell::new(None),
        }
    }

    /// Shows how much of all is done.
    pub fn of(&self, done: usize, all: usize) {
        let percent = percent(done, all);
        self.show(percent, || bar(percent));
    }

    /// Shows how much is written, where nobody knows how much there will be.
    pub fn written(&self, bytes: usize) {
        let kib = bytes / 1024;
        self.show(kib, || format!("{kib} KiB"));
    }

    fn show(&self, state: usize, line: impl FnOnce() -> String) {
        if self.is_shown && self.last.replace(Some(state)) != Some(state) {
            // A terminal that is gone shows nothing; the work goes on.
            write!(stderr(), "\r{}\x1b[K", line()).ok();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.last.get().is_some() {
            write!(stderr(), "\r\x1b[K").ok();
        }
    }
}

fn percent(done: usize, all: usize) -> usize {
    done.saturating_mul(100).checked_div(all).unwrap_or(100).min(100)
}

fn bar(percent: usize) -> String {
    let full = percent * WIDTH / 100;
    format!("[{}{}] {percent:3} %", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_with_the_work() {
        for (done, all, shown) in [
            (0, 5_000, "[                              ]   0 %"),
            (2_500, 5_000, "[###############               ]  50 %"),
            (4_999, 5_000, "[############################# ]  99 %"),
            (5_000, 5_000, "[##############################] 100 %"),
            (0, 0, "[##############################] 100 %"),
        ] {
            assert_eq!(bar(percent(done, all)), shown, "{done} of {all}");
        }
    }
}
