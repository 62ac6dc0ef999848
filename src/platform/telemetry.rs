//! Logs: one line a request, as text for people or as JSON for machines; every line has the ids of the request that it
//! was written for.

use std::fmt;
use std::io::IsTerminal;

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, format};
use tracing_subscriber::registry::LookupSpan;

use super::trace::{self, Ids};

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
        let lines = AsJson(format().json().flatten_event(true));
        builder.fmt_fields(JsonFields::new()).event_format(lines).try_init()
    } else {
        let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        builder.event_format(AsText(format().with_ansi(colours))).try_init()
    };
    // A second start (in tests) changes nothing.
    drop(started);
}

/// A line that is worked on: the request it is for, and what the event has to say. A span for each request would say it
/// as well, at the cost of formatting it for every request, also for those that log nothing.
struct AsJson(Format<format::Json>);

struct AsText(Format<format::Full>);

impl<S, N> FormatEvent<S, N> for AsJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let of = |line: &str, Ids { request_id, .. }: &Ids, trace: &str| {
            let members = line.strip_suffix('}').unwrap_or(line);
            format!("{members},\"request_id\":\"{request_id}\",\"trace_id\":\"{trace}\"}}")
        };
        with_ids(&self.0, context, out, event, of)
    }
}

impl<S, N> FormatEvent<S, N> for AsText
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let of = |line: &str, Ids { request_id, .. }: &Ids, trace: &str| {
            format!("{line} request_id={request_id} trace_id={trace}")
        };
        with_ids(&self.0, context, out, event, of)
    }
}

/// Writes a line, with the ids of the request that is worked for put where `put` puts them.
fn with_ids<S, N>(
    format: &impl FormatEvent<S, N>,
    context: &FmtContext<'_, S, N>,
    mut out: Writer<'_>,
    event: &Event<'_>,
    put: impl Fn(&str, &Ids, &str) -> String,
) -> fmt::Result
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let Some(ids) = trace::current() else {
        return format.format_event(context, out, event);
    };
    let mut line = String::with_capacity(256);
    format.format_event(context, Writer::new(&mut line), event)?;
    writeln!(out, "{}", put(line.trim_end(), &ids, ids.trace_id()))
}
