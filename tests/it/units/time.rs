//! Civil time where facts are recorded: WITA, UTC+8 (DOMAIN section 2).

use iku::platform::time::*;

#[test]
fn instants_are_cut_to_whole_microseconds() {
    for (sent, stored) in [
        ("2025-01-01T00:00:00.123456789Z", "2025-01-01T00:00:00.123456+00:00"),
        ("2025-06-30T23:59:60Z", "2025-07-01T00:00:00+00:00"),
    ] {
        assert_eq!(whole_micros(sent.parse().unwrap()).to_rfc3339(), stored);
    }
}
