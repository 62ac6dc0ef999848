//! The clock of the service: the time for facts, tokens and sessions, and a steady time for limits. The core never asks
//! for the time. Nothing else in `src` reads the machine's clock, so tests and demonstration data can use another year.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};

/// The clock of one running service.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock (on PostgreSQL, stamps use the database's).
    #[default]
    System,
    /// A time that changes only when it is set.
    Fixed(Arc<FixedTime>),
}

#[derive(Debug)]
pub struct FixedTime {
    /// Microseconds since the epoch.
    now: AtomicI64,
    began: DateTime<Utc>,
    began_at: Instant,
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Clock::Fixed(Arc::new(FixedTime {
            now: AtomicI64::new(at.timestamp_micros()),
            began: at,
            began_at: Instant::now(),
        }))
    }

    /// Sets a fixed clock; a system clock cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Clock::Fixed(time) = self {
            time.now.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Moves a fixed clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Now, cut to microseconds: PostgreSQL stores no more.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now().trunc_subsecs(6),
            Clock::Fixed(time) => {
                DateTime::from_timestamp_micros(time.now.load(Ordering::SeqCst)).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }

    /// Now, on a time that is never set back: for limits and durations.
    pub fn instant(&self) -> Instant {
        match self {
            Clock::System => Instant::now(),
            Clock::Fixed(time) => time.began_at + (self.now() - time.began).to_std().unwrap_or_default(),
        }
    }
}
