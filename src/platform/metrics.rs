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

/// The metrics of the process. All workers share them.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// Upper bounds of the latency buckets, in seconds.
const LATENCY_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Upper bounds of the sizes of groups of survey answers.
const SIZE_BUCKETS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 500.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeviceQuotaLabels {
    quota: &'static str,
}

#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    groups: Histogram,
    device_quotas: Family<DeviceQuotaLabels, Counter>,
}

impl Metrics {
    fn new() -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        let seconds = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        let mut registry = Registry::with_prefix("iku");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
        registry.register("http_requests", "Requests, by route and status", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to the response's head, by route",
            Unit::Seconds,
            seconds.clone(),
        );
        let groups = Histogram::new(SIZE_BUCKETS);
        registry.register(
            "answers_per_commit",
            "Survey answers stored in one transaction",
            groups.clone(),
        );
        let device_quotas = Family::<DeviceQuotaLabels, Counter>::default();
        registry.register(
            "device_quota_reached",
            "Phones that reached a quota, once per phone and day",
            device_quotas.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            groups,
            device_quotas,
        }
    }

    /// Counts one request. `route` is the pattern, never the path, so that there are few time series.
    pub fn count(&self, method: &Method, route: Option<String>, status: StatusCode, elapsed: Duration) {
        let method = method_label(method);
        let route = route.unwrap_or_else(|| "unknown".to_owned());
        let place = RouteLabels { method, route };
        self.seconds.get_or_create(&place).observe(elapsed.as_secs_f64());
        let RouteLabels { method, route } = place;
        let status = status.as_u16();
        self.requests
            .get_or_create(&RequestLabels { method, route, status })
            .inc();
    }

    /// Counts one transaction that stores survey answers.
    pub fn count_group(&self, answers: usize) {
        self.groups
            .observe(f64::from(u32::try_from(answers).unwrap_or(u32::MAX)));
    }

    /// Counts a phone that reached one of its quotas.
    pub fn device_quota_reached(&self, quota: &'static str) {
        self.device_quotas.get_or_create(&DeviceQuotaLabels { quota }).inc();
    }

    /// Returns the text for a scraper.
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
