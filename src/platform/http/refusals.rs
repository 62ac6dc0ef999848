//! Refusals cost nothing, so a caller may cause many. They are counted, and written as one line for each network.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use super::client::Network;

/// How often the counts are written.
pub const EVERY: Duration = Duration::from_secs(10);

/// The most networks that are counted at a time. Further networks share one count.
const MOST: usize = 100;

/// Why a request was refused before any work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    TooManyRequests,
    TooManyConnections,
    Unreadable,
}

/// The refusals since the last line.
#[derive(Debug, Default)]
pub struct RefusalLog(Mutex<HashMap<(Refusal, Option<Network>), u64>>);

impl Refusal {
    fn text(self) -> &'static str {
        match self {
            Self::TooManyRequests => "too many requests",
            Self::TooManyConnections => "too many connections",
            Self::Unreadable => "bytes that are no request",
        }
    }
}

impl RefusalLog {
    pub fn count(&self, refusal: Refusal, network: Option<Network>) {
        let mut counts = self.0.lock();
        let is_full = counts.len() >= MOST && !counts.contains_key(&(refusal, network));
        let network = network.filter(|_| !is_full);
        *counts.entry((refusal, network)).or_default() += 1;
    }

    /// Returns the counts since the last call.
    pub fn take(&self) -> Vec<(Refusal, Option<Network>, u64)> {
        let counts = std::mem::take(&mut *self.0.lock());
        let mut counts: Vec<_> = counts.into_iter().map(|((r, network), n)| (r, network, n)).collect();
        counts.sort();
        counts
    }

    /// Writes one line for each network.
    pub fn write(&self) {
        for (refusal, network, count) in self.take() {
            let network = network.map_or_else(|| "others".to_owned(), |network| network.to_string());
            tracing::info!(target: "iku::access", network, count, "refused: {}", refusal.text());
        }
    }
}
