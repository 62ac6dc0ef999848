//! The open connections: how many there are, and how many of them one network has.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::client::Network;
use super::refusals::{Refusal, RefusalLog};

/// The most connections of one network that is no named proxy.
pub const MOST_OF_A_NETWORK: usize = 256;

/// The open connections of a service.
#[derive(Debug)]
pub struct Connections {
    open: AtomicUsize,
    /// From so many connections on, files are scarce.
    many: usize,
    networks: Mutex<HashMap<Network, usize>>,
    refusals: Arc<RefusalLog>,
}

/// One open connection. It counts until it is dropped.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    network: Option<Network>,
    /// The place of this connection among those of its network; 0 for a named proxy.
    place: usize,
}

impl Connections {
    /// `files`: how many files and connections the process may have open.
    pub fn new(files: usize, refusals: Arc<RefusalLog>) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicUsize::new(0),
            many: files / 2,
            networks: Mutex::default(),
            refusals,
        })
    }

    /// Counts a new connection. `is_proxy`: its callers have networks of their own, so it is not bounded.
    pub fn add(self: &Arc<Self>, network: Option<Network>, is_proxy: bool) -> Connection {
        self.open.fetch_add(1, Ordering::Relaxed);
        let network = network.filter(|_| !is_proxy);
        let place = network.map_or(0, |network| {
            let mut networks = self.networks.lock();
            let count = networks.entry(network).or_default();
            *count += 1;
            *count
        });
        Connection {
            all: Arc::clone(self),
            network,
            place,
        }
    }
}

impl Connection {
    /// Returns whether its network had too many connections when this one began.
    pub fn is_surplus(&self) -> bool {
        self.place > MOST_OF_A_NETWORK
    }

    /// Returns whether its network has so many connections that this one gets no response.
    pub fn is_hopeless(&self) -> bool {
        self.place > 2 * MOST_OF_A_NETWORK
    }

    /// Returns whether the connection must close after the response: it is surplus, or idle connections use files that
    /// others need.
    pub fn is_last_response(&self) -> bool {
        self.is_surplus() || self.all.open.load(Ordering::Relaxed) > self.all.many
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open.fetch_sub(1, Ordering::Relaxed);
        // The HTTP layer logs bytes that are no request, and then drops the connection in the same breath.
        if UNREADABLE.take() {
            self.all.refusals.count(Refusal::Unreadable, self.network);
        }
        let Some(network) = self.network else { return };
        let mut networks = self.all.networks.lock();
        if let Some(count) = networks.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                networks.remove(&network);
            }
        }
    }
}

thread_local! {
    static UNREADABLE: Cell<bool> = const { Cell::new(false) };
}

/// Notes that the connection at work on this thread has sent bytes that are no request.
pub fn note_unreadable() {
    UNREADABLE.set(true);
}
