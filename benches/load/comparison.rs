//! Compares two requests, in turns, so that other load on the machine affects both.

use std::time::Duration;

use super::http::{Request, load};
use super::server::Server;

/// A request that is sent repeatedly.
#[derive(Debug)]
pub struct Target<'a> {
    pub server: &'a Server,
    pub request: Request,
    pub clients: usize,
    pub status: u16,
}

/// The cost of a request for the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU microseconds of the server per request, user and system, all threads.
    pub cpu: f64,
    pub rate: f64,
    /// Milliseconds.
    pub p50: f64,
    pub p99: f64,
}

/// Two requests side by side: the medians of the rounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Comparison {
    pub baseline: Cost,
    pub row: Cost,
    /// CPU(baseline) / CPU(row).
    pub by_cpu: f64,
    /// rate(row) / rate(baseline).
    pub by_rate: f64,
}

impl Comparison {
    /// Compares the row of each pair with the baseline of the pair.
    pub fn of_pairs(pairs: &[(Cost, Cost)]) -> Self {
        let (baselines, rows): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        Self {
            baseline: middle(&baselines),
            row: middle(&rows),
            by_cpu: median(pairs.iter().map(|(baseline, row)| baseline.cpu / row.cpu)),
            by_rate: median(pairs.iter().map(|(baseline, row)| row.rate / baseline.rate)),
        }
    }
}

/// The length and the number of the rounds.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub rounds: usize,
    pub time: Duration,
    /// Measures the row without its baseline, in one run, so that a profiler can be attached.
    pub alone: bool,
}

/// Measures once. A response with an unexpected status fails the measurement.
pub fn cost(target: &Target<'_>, time: Duration) -> Result<Cost, String> {
    let mut cpu = Vec::new();
    let done = load(target.server.address, &target.request, target.clients, time, || {
        cpu.push(target.server.cpu_seconds());
    })?;
    let cpu = cpu.into_iter().collect::<Result<Vec<_>, _>>()?;
    if done.with_status_other_than(target.status) > 0 {
        return Err(format!("responses other than {}: {:?}", target.status, done.statuses));
    }
    let spent = cpu.last().copied().unwrap_or_default() - cpu.first().copied().unwrap_or_default();
    Ok(Cost {
        cpu: spent * 1e6 / done.responses() as f64,
        rate: done.rate(),
        p50: done.percentile(0.50),
        p99: done.percentile(0.99),
    })
}

/// Measures baseline, row, baseline, row, .., baseline, and compares each row with the mean of the baselines around it.
pub fn compare(baseline: &Target<'_>, row: &Target<'_>, pace: Pace) -> Result<Comparison, String> {
    if pace.alone {
        println!("under load for {:?}: process {}", pace.time, row.server.id());
        let row = cost(row, pace.time)?;
        return Ok(Comparison {
            row,
            ..Comparison::default()
        });
    }
    let mut baselines = vec![cost(baseline, pace.time)?];
    let mut rows = Vec::new();
    let mut comparisons = Vec::new();
    for round in 0..pace.rounds {
        let cost_now = cost(row, pace.time)?;
        let after = cost(baseline, pace.time)?;
        let before = baselines[round];
        comparisons.push(Comparison {
            by_cpu: (before.cpu + after.cpu) / 2.0 / cost_now.cpu,
            by_rate: cost_now.rate / ((before.rate + after.rate) / 2.0),
            ..Comparison::default()
        });
        baselines.push(after);
        rows.push(cost_now);
    }
    Ok(Comparison {
        baseline: middle(&baselines),
        row: middle(&rows),
        by_cpu: median(comparisons.iter().map(|d| d.by_cpu)),
        by_rate: median(comparisons.iter().map(|d| d.by_rate)),
    })
}

fn middle(costs: &[Cost]) -> Cost {
    Cost {
        cpu: median(costs.iter().map(|c| c.cpu)),
        rate: median(costs.iter().map(|c| c.rate)),
        p50: median(costs.iter().map(|c| c.p50)),
        p99: median(costs.iter().map(|c| c.p99)),
    }
}

pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}
