//! Metrics of the running process, for Prometheus.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// One for the process: the counts outlive any single worker.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// Upper bounds of the latency buckets, in seconds.
const LATENCY_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Upper bounds of the sizes of groups of survey answers.
const SIZE_BUCKETS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 500.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    groups: Histogram,
}

impl Metrics {
    fn new() -> Self {
        let requests = Family::<Request, Counter>::default();
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        let mut registry = Registry::with_prefix("iku");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
        registry.register(
            "http_requests",
            "Requests answered, by route and status",
            requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time to the answer's head, by route",
            Unit::Seconds,
            seconds.clone(),
        );
        let groups = Histogram::new(SIZE_BUCKETS);
        registry.register(
            "answers_per_commit",
            "Survey answers stored in one transaction",
            groups.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            groups,
        }
    }

    /// Counts one request. `route` is the pattern, never the path, so that there are few time series.
    pub fn count(&self, method: &Method, route: Option<String>, status: StatusCode, elapsed: Duration) {
        let method = method_label(method);
        let route = route.unwrap_or_else(|| "unknown".to_owned());
        let place = Route { method, route };
        self.seconds.get_or_create(&place).observe(elapsed.as_secs_f64());
        let Route { method, route } = place;
        let status = status.as_u16();
        self.requests.get_or_create(&Request { method, route, status }).inc();
    }

    /// Counts one transaction that stores survey answers.
    pub fn group(&self, answers: usize) {
        self.groups
            .observe(f64::from(u32::try_from(answers).unwrap_or(u32::MAX)));
    }

    /// The text for a scraper.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Unknown methods share one label, so that clients cannot create time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
