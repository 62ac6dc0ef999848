//! Logs: one line a request, as text for people or as JSON for machines. Each line of a request has its ids, from the span of
//! [`super::trace`].

use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Directive;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

use super::http::connections::note_unreadable;

/// The target of the lines that say who did what to which account.
const AUDIT: &str = "iku::audit";

/// Starts logging to standard error. `text` is an `EnvFilter` (`info`, `iku=debug`, `iku::access=off`). The audit is logged
/// at every level, unless the filter names it.
pub fn start(text: &str, json: bool, access_log: bool) {
    let mut filter = EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"));
    let audit = (!text.contains(AUDIT)).then_some("iku::audit=info");
    let access = (!access_log).then_some("iku::access=off");
    for directive in [audit, access].into_iter().flatten() {
        if let Ok(directive) = directive.parse::<Directive>() {
            filter = filter.add_directive(directive);
        }
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
        true => {
            let builder = builder.json().flatten_event(true).with_span_list(false);
            builder.finish().with(UnreadableRequests).try_init()
        }
        false => builder.finish().with(UnreadableRequests).try_init(),
    };
    // A second start (in tests) changes nothing.
    drop(started);
}

/// The HTTP layer writes a line for bytes that are no request. Anyone can send such bytes, so they are counted instead.
struct UnreadableRequests;

impl<S: Subscriber> Layer<S> for UnreadableRequests {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if event.metadata().target() != "actix_http::h1::dispatcher" {
            return true;
        }
        let mut message = IsStreamError(false);
        event.record(&mut message);
        if message.0 {
            note_unreadable();
        }
        !message.0
    }
}

struct IsStreamError(bool);

impl Visit for IsStreamError {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}").starts_with("stream error");
    }
}
