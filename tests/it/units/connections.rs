//! Which connections of a network are served.

use std::sync::Arc;

use iku::platform::http::client::Network;
use iku::platform::http::connections::*;
use iku::platform::http::refusals::{Refusal, RefusalLog};

fn network(address: &str) -> Option<Network> {
    Some(Network::of(address.parse().unwrap()))
}

#[test]
fn surplus_connections_of_a_network_are_counted_until_they_close() {
    let all = Connections::new(100_000, Arc::default());
    let add = |address| all.add(network(address), false);
    let mut open: Vec<Connection> = (0..MOST_OF_A_NETWORK).map(|_| add("2001:db8::1")).collect();
    assert!(open.iter().all(|c| !c.is_surplus() && !c.is_last_response()));
    let surplus = add("2001:db8::2");
    assert!(surplus.is_surplus() && surplus.is_last_response() && !surplus.is_hopeless());
    assert!(!add("2001:db8:0:1::1").is_surplus());
    open.extend((0..MOST_OF_A_NETWORK).map(|_| add("2001:db8::3")));
    assert!(open.last().unwrap().is_hopeless());
    assert!(!all.add(network("2001:db8::1"), true).is_surplus());
    drop((open, surplus));
    assert!(!add("2001:db8::1").is_surplus());
}

#[test]
fn responses_are_the_last_when_half_of_the_files_are_in_use() {
    let all = Connections::new(20, Arc::default());
    let open: Vec<Connection> = (0..10).map(|_| all.add(network("192.0.2.7"), false)).collect();
    assert!(!open[0].is_last_response());
    let more = all.add(network("192.0.2.8"), true);
    assert!(open[0].is_last_response() && more.is_last_response());
    drop(more);
    assert!(!open[0].is_last_response());
}

#[test]
fn refusals_of_many_networks_take_little_memory() {
    let refusals = RefusalLog::default();
    for n in 0..10_000 {
        let address = std::net::Ipv4Addr::from_bits(n).into();
        refusals.count(Refusal::TooManyRequests, Some(Network::of(address)));
    }
    let counts = refusals.take();
    assert_eq!(counts.len(), 101);
    assert_eq!(counts.iter().map(|(_, _, count)| count).sum::<u64>(), 10_000);
    assert_eq!(refusals.take(), []);
}

#[test]
fn connection_with_unreadable_bytes_counts_for_its_network() {
    let refusals = Arc::new(RefusalLog::default());
    let all = Connections::new(20, Arc::clone(&refusals));
    let connection = all.add(network("192.0.2.7"), false);
    note_unreadable();
    drop(connection);
    drop(all.add(network("192.0.2.8"), false));
    assert_eq!(refusals.take(), [(Refusal::Unreadable, network("192.0.2.7"), 1)]);
}
