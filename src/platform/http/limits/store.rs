//! The state of each caller, in bounded memory.

use std::collections::HashMap;

use governor::nanos::Nanos;
use governor::state::StateStore;
use parking_lot::Mutex;

/// The most callers of one class that are remembered.
const CAPACITY: usize = 32 * 1024;

/// For each caller, the time at which its whole quota is free again. Governor's own stores grow with the number of
/// callers, and one caller can have many addresses.
#[derive(Debug, Default)]
pub struct BoundedStore(Mutex<HashMap<u128, Nanos>>);

impl StateStore for BoundedStore {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, caller: &u128, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.0.lock();
        let (outcome, state) = measure(states.get(caller).copied())?;
        if states.len() >= CAPACITY && !states.contains_key(caller) {
            evict(&mut states);
        }
        states.insert(*caller, state);
        Ok(outcome)
    }
}

/// Forgets the half with the least use: these callers gain least.
fn evict(states: &mut HashMap<u128, Nanos>) {
    let mut times: Vec<Nanos> = states.values().copied().collect();
    let (_, median, _) = times.select_nth_unstable(CAPACITY / 2);
    states.retain(|_, time| time > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_busiest_are_remembered() {
        let store = BoundedStore::default();
        let take = |caller: u128, add: u64| {
            let add = |state: Option<Nanos>| Ok::<_, ()>(((), state.unwrap_or(Nanos::new(0)) + Nanos::new(add)));
            store.measure_and_replace(&caller, add).unwrap();
        };
        take(7, 1000);
        for caller in 100..200_000 {
            take(caller, 1);
        }
        let states = store.0.lock();
        assert!(states.len() <= CAPACITY);
        assert_eq!(states.get(&7), Some(&Nanos::new(1000)));
    }
}
