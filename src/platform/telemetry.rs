//! Logs: one line a request, as text for people or as JSON for machines.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// Starts logging to standard error. `filter` is an `EnvFilter` (`info`, `iku=debug`, `iku::access=off`).
pub fn start(filter: &str, json: bool, access_log: bool) {
    let mut filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    if !access_log && let Ok(off) = "iku::access=off".parse::<Directive>() {
        filter = filter.add_directive(off);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A line that cannot be written (the disk is full) would be reported on standard error, which panics when it
        // is there that nothing can be written.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.try_init()
    };
    // A second start (in tests) changes nothing.
    drop(started);
}
