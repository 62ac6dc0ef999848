//! Logs: one line a request, as text for people or as JSON for machines. Each line of a request has its ids, from the span of
//! [`super::trace`].

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// Starts logging to standard error. `filter` is an `EnvFilter` (`info`, `iku=debug`, `iku::access=off`).
pub fn start(filter: &str, json: bool, access_log: bool) {
    let mut filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    if !access_log && let Ok(off) = "iku::access=off".parse::<Directive>() {
        filter = filter.add_directive(off);
    }
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A line that cannot be written (the disk is full) would be reported on standard error, and that panics if
        // standard error is the full file.
        .log_internal_errors(false)
        .with_ansi(colours && !json)
        .with_writer(std::io::stderr);
    let started = match json {
        true => builder.json().flatten_event(true).with_span_list(false).try_init(),
        false => builder.try_init(),
    };
    // A second start (in tests) changes nothing.
    drop(started);
}
