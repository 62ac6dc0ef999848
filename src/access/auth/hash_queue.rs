//! The order in which passwords are hashed. A hash takes a core and 12 MiB, so two run at a time and the others wait.
//!
//! Each network has a queue of its own, and the queues are served in turn, so a network that asks much waits for itself.
//! Known callers have a lane of their own: the two lanes take turns. When a lane is full, the newest caller of its longest
//! queue gives way, so strangers cannot keep a known caller out.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::oneshot::{Sender, channel};

use crate::platform::error::Error;

/// The number of hashes computed at the same time.
const AT_WORK: usize = 2;
/// The most waiting callers of one lane, and of one network. Further callers get 503.
const WAITING: usize = 512;
const WAITING_OF_NETWORK: usize = 64;

/// The command line and the first start.
pub const OPERATOR: Caller<'static> = Caller {
    network: "operator",
    is_known: true,
};

/// Who waits for a hash.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The network; where there is none, any name of the caller.
    pub network: &'a str,
    /// Whether the caller has a valid token, or the account signed in from this network within thirty days.
    pub is_known: bool,
}

static QUEUE: HashQueue = HashQueue::new();

/// The permission to compute one hash.
#[derive(Debug)]
pub struct HashPermit(&'static HashQueue);

impl Drop for HashPermit {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Waits for a permit.
pub async fn acquire(caller: Caller<'_>) -> Result<HashPermit, Error> {
    QUEUE.acquire(caller).await
}

#[derive(Debug)]
struct HashQueue(Mutex<State>);

#[derive(Debug)]
struct State {
    at_work: usize,
    known: Lane,
    others: Lane,
    /// The lane that is served next if both wait.
    known_is_next: bool,
}

/// The networks that wait, in the order of their turns.
#[derive(Debug)]
struct Lane {
    networks: VecDeque<(String, VecDeque<Sender<HashPermit>>)>,
    waiting: usize,
}

impl Lane {
    const fn new() -> Self {
        Self {
            networks: VecDeque::new(),
            waiting: 0,
        }
    }

    /// Adds a caller; 503 when its network waits too often.
    fn push(&mut self, network: &str, caller: Sender<HashPermit>) -> Result<(), Error> {
        let found = self.networks.iter().position(|(name, _)| name == network);
        let own = found
            .and_then(|at| self.networks.get(at))
            .map_or(0, |(_, queue)| queue.len());
        if own >= WAITING_OF_NETWORK {
            return Err(Error::unavailable());
        }
        if self.waiting >= WAITING {
            let longest = self.networks.iter_mut().max_by_key(|(_, queue)| queue.len());
            match longest {
                // The dropped caller gets 503: its channel closes.
                Some((_, queue)) if queue.len() > own => drop(queue.pop_back()),
                _ => return Err(Error::unavailable()),
            }
            self.waiting -= 1;
        }
        self.waiting += 1;
        match found.and_then(|at| self.networks.get_mut(at)) {
            Some((_, queue)) => queue.push_back(caller),
            None => self.networks.push_back((network.to_owned(), VecDeque::from([caller]))),
        }
        Ok(())
    }

    /// Takes the first caller of the network whose turn it is, which then waits for its next turn.
    fn pop(&mut self) -> Option<Sender<HashPermit>> {
        loop {
            let (network, mut queue) = self.networks.pop_front()?;
            let Some(caller) = queue.pop_front() else { continue };
            self.waiting -= 1;
            if !queue.is_empty() {
                self.networks.push_back((network, queue));
            }
            return Some(caller);
        }
    }
}

impl HashQueue {
    const fn new() -> Self {
        Self(Mutex::new(State {
            at_work: 0,
            known: Lane::new(),
            others: Lane::new(),
            known_is_next: true,
        }))
    }

    async fn acquire(&'static self, caller: Caller<'_>) -> Result<HashPermit, Error> {
        let permit = {
            let mut state = self.0.lock();
            if state.at_work < AT_WORK {
                state.at_work += 1;
                return Ok(HashPermit(self));
            }
            let (sender, permit) = channel();
            let lane = if caller.is_known {
                &mut state.known
            } else {
                &mut state.others
            };
            lane.push(caller.network, sender)?;
            permit
        };
        permit.await.map_err(|_| Error::unavailable())
    }

    /// Hands the permit on to the next caller that still waits.
    fn release(&'static self) {
        let mut state = self.0.lock();
        loop {
            let State {
                known,
                others,
                known_is_next,
                ..
            } = &mut *state;
            let next = if *known_is_next {
                known.pop().or_else(|| others.pop())
            } else {
                others.pop().or_else(|| known.pop())
            };
            *known_is_next = !*known_is_next;
            let Some(next) = next else {
                state.at_work -= 1;
                return;
            };
            match next.send(HashPermit(self)) {
                Ok(()) => return,
                // This caller has gone. Its permit must not be dropped, because that would release it once more.
                Err(permit) => std::mem::forget(permit),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;

    fn queue() -> &'static HashQueue {
        Box::leak(Box::new(HashQueue::new()))
    }

    fn stranger(network: &str) -> Caller<'_> {
        Caller {
            network,
            is_known: false,
        }
    }

    #[tokio::test]
    async fn networks_are_served_in_turn_and_known_callers_every_other_time() {
        let queue = queue();
        let at_work = [
            queue.acquire(stranger("a")).await.unwrap(),
            queue.acquire(stranger("a")).await.unwrap(),
        ];
        let order = Arc::new(Mutex::new(Vec::new()));
        let known = Caller {
            network: "a",
            is_known: true,
        };
        // Tasks run in the order in which they get their permits.
        let tasks = [
            ("a1", stranger("a")),
            ("a2", stranger("a")),
            ("a3", stranger("a")),
            ("b1", stranger("b")),
            ("known1", known),
            ("known2", known),
        ]
        .map(|(name, caller)| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                let permit = queue.acquire(caller).await.unwrap();
                order.lock().push(name);
                drop(permit);
            })
        });
        tokio::task::yield_now().await;
        drop(at_work);
        for task in tasks {
            task.await.unwrap();
        }
        let order = order.lock().clone();
        let at = |name: &str| order.iter().position(|n| *n == name).unwrap();
        assert!(at("b1") < at("a2") && at("known2") < at("a3"), "{order:?}");
        assert_eq!(queue.0.lock().at_work, 0);
    }

    #[tokio::test]
    async fn strangers_keep_no_other_network_and_no_known_caller_out() {
        let queue = queue();
        let at_work = [
            queue.acquire(stranger("a")).await.unwrap(),
            queue.acquire(stranger("a")).await.unwrap(),
        ];
        let names: Vec<String> = (0..8).map(|n| n.to_string()).collect();
        let mut crowd: Vec<_> = names
            .iter()
            .flat_map(|name| (0..WAITING_OF_NETWORK).map(|_| Box::pin(queue.acquire(stranger(name)))))
            .collect();
        assert!(crowd.iter_mut().all(|wait| wait.now_or_never().is_none()));
        let one_more = queue.acquire(stranger("0")).now_or_never();
        assert!(
            one_more.is_some_and(|refused| refused.is_err()),
            "one network waits too often"
        );
        let mut other = Box::pin(queue.acquire(stranger("lain")));
        assert!((&mut other).now_or_never().is_none(), "another network waits");
        let known = Caller {
            network: "0",
            is_known: true,
        };
        let mut known = Box::pin(queue.acquire(known));
        assert!((&mut known).now_or_never().is_none(), "a known caller waits");
        let gave_way = crowd.iter_mut().filter_map(|wait| wait.now_or_never());
        assert_eq!(gave_way.filter(Result::is_err).count(), 1);
        drop((at_work, crowd));
        known.await.unwrap();
        other.await.unwrap();
        assert_eq!(queue.0.lock().at_work, 0);
    }
}
