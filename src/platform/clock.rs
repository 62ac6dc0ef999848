//! Where "now" comes from. The core never asks; services ask here, so that the demonstration data and
//! the tests can live in another year.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};

/// The clock of one running service.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock (on PostgreSQL, stamps use the database's).
    #[default]
    System,
    /// A clock that stands where it is put; microseconds since the epoch.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Clock::Fixed(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Moves a fixed clock; a system clock cannot be moved.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Clock::Fixed(micros) = self {
            micros.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Now, cut to microseconds: PostgreSQL keeps no more.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now().trunc_subsecs(6),
            Clock::Fixed(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }
}
