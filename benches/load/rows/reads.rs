//! Reads: records, and realisations from the cache and computed. Between them is the mixed load on the same database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::requests::{
    all_realisations, all_realisations_with, answer, constant, constant_with_token, get, realisation, records, target,
};
use super::writes::{mixed_load, while_sending};
use super::{Bench, Measured, WITHOUT_ACCESS_LOG, WITHOUT_CACHE, thousands};
use crate::answers::sums_of_year;
use crate::comparison::{Comparison, Pace, Target, compare, cost};
use crate::database::{Database, OTHER_VILLAGE, index};
use crate::http::{Request, press};
use crate::report::Figure;
use crate::server::Server;

/// The rows that read the large database.
pub const ON_LARGE_DATABASE: [&str; 14] = [
    "small-get",
    "village",
    "report",
    "indicator",
    "list",
    "list-afresh",
    "compressed",
    "fairness",
    "not-modified",
    "again",
    "fresh",
    "million",
    "all",
    "records",
];

/// Measures the rows on the large database: cached reads, computed reads, and reads beside writes.
pub fn measure(bench: &mut Bench) -> Result<(), String> {
    println!("seeding {} answers", thousands(bench.plan.answers));
    let large = Database::sqlite("large", bench.plan.answers)?;
    measure_cached(bench, &large)?;
    if bench.includes(&["fresh", "million", "all", "records"]) {
        measure_computed(bench, &large)?;
    }
    if bench.includes(&["fairness"]) {
        measure_fairness(bench, &large)?;
    }
    measure_mixed(bench, &large)
}

fn measure_cached(bench: &mut Bench, large: &Database) -> Result<(), String> {
    let server = large.serve(&[WITHOUT_ACCESS_LOG])?;
    let sakip = server.sign_in("sakip")?;
    check_value(&server, large, &sakip)?;
    bench.row(
        "small-get",
        "authenticated small GET (cached token), against the constant answer",
        "≥ 0.70",
        |pace| {
            let get = Request::get("/v1/sections", &[("authorization", &sakip)]);
            against_constant(&server, get, 200, pace, 0.70)
        },
    );
    let camat = server.sign_in("camat")?;
    for (key, what, required, request) in records(&server, &camat)? {
        let what = format!("{what}, against the constant answer with a token");
        bench.row(key, &what, &format!("≥ {required}"), |pace| {
            let baseline = target(&server, constant_with_token(&camat), 200);
            let comparison = compare(&baseline, &target(&server, request, 200), pace)?;
            Ok((Figure::at_least(comparison.by_cpu, required), Some(comparison)))
        });
    }
    bench.row(
        "compressed",
        "p99 of a compressed answer, against the same answer as it is, 4 clients",
        "≤ 2 x",
        |pace| {
            let few = |request| Target {
                clients: 4,
                ..target(&server, request, 200)
            };
            let gzip = [("authorization", sakip.as_str()), ("accept-encoding", "gzip")];
            let (plain, gzip) = (few(all_realisations(&sakip)), few(all_realisations_with(&gzip)));
            let comparison = compare(&plain, &gzip, pace)?;
            let times = comparison.row.p99 / comparison.baseline.p99;
            Ok((Figure::at_most(times, 2.0, format!("{times:.2} x")), Some(comparison)))
        },
    );
    bench.row("not-modified", "304 on a realisation", "≥ 0.50", |pace| {
        let response = server.expect(200, realisation(&sakip, &[]))?;
        let tag = response.header("etag").ok_or("no ETag")?.to_owned();
        against_constant(
            &server,
            realisation(&sakip, &[("if-none-match", &tag)]),
            304,
            pace,
            0.50,
        )
    });
    bench.row(
        "again",
        "one realisation again, nothing changed, full body",
        "≥ 0.35",
        |pace| against_constant(&server, realisation(&sakip, &[]), 200, pace, 0.35),
    );
    bench.stop("realisations asked again", server)
}

fn measure_computed(bench: &mut Bench, large: &Database) -> Result<(), String> {
    let (many, few) = (bench.plan.answers, bench.plan.answers / 10);
    let small = Database::sqlite("small", few)?;
    let settings = [WITHOUT_ACCESS_LOG, WITHOUT_CACHE];
    let (server, other) = (large.serve(&settings)?, small.serve(&settings)?);
    let (sakip, sakip_of_small) = (server.sign_in("sakip")?, other.sign_in("sakip")?);
    let computed = || target(&server, realisation(&sakip, &[]), 200);

    let what = format!("one realisation of IKU 1, computed afresh, {} answers", thousands(many));
    bench.row("fresh", &what, "≥ 0.09", |pace| {
        against_constant(&server, realisation(&sakip, &[]), 200, pace, 0.09)
    });
    let what = format!("its time, against {} answers", thousands(few));
    bench.row("million", &what, "≤ 1.2 x", |pace| {
        let few = target(&other, realisation(&sakip_of_small, &[]), 200);
        Ok(times_at_most(compare(&few, &computed(), pace)?, 1.2))
    });
    bench.row(
        "all",
        "all five at once (`/v1/realisations`), computed, against one",
        "≤ 3 x",
        |pace| {
            let all = target(&server, all_realisations(&sakip), 200);
            Ok(times_at_most(compare(&computed(), &all, pace)?, 3.0))
        },
    );
    bench.row(
        "records",
        "the records behind a realisation, first page, computed, against the realisation (IKU 4)",
        "≤ 2 x",
        |pace| {
            let path = "/v1/indicators/paringin-iku-4/realisations/2025";
            let one = target(&server, get(path, &sakip), 200);
            let records = target(&server, get(&format!("{path}/explanation/records"), &sakip), 200);
            Ok(times_at_most(compare(&one, &records, pace)?, 2.0))
        },
    );
    bench.stop("the other database", other)?;
    bench.stop("realisations computed", server)
}

/// Measures a light read while another account sends the dearest read over 64 connections: the value of a year as it was known
/// when its last survey was closed, added up from the answers of twelve surveys.
fn measure_fairness(bench: &mut Bench, large: &Database) -> Result<(), String> {
    let server = large.serve(&[WITHOUT_ACCESS_LOG, WITHOUT_CACHE])?;
    let (sakip, camat) = (server.sign_in("sakip")?, server.sign_in("camat")?);
    let last = format!("/v1/surveys/{}", large.last_closed()?);
    let last = server.expect(200, get(&last, &camat))?.json()?;
    let at = last["recorded_at"].as_str().ok_or("a survey without recorded_at")?;
    let dearest = get(
        &format!("/v1/indicators/paringin-iku-1/realisations/2025?as_of={at}"),
        &sakip,
    );
    let alone = Instant::now();
    server.expect(200, dearest.clone())?;
    println!("the dearest read alone takes {:?}", alone.elapsed());
    let light = Target {
        clients: 2,
        ..target(&server, get("/v1/villages/63.11.06.2005", &camat), 200)
    };
    let time = bench.plan.locking.min(Duration::from_secs(20));
    bench.row(
        "fairness",
        "p99 of a GET of a village while another account has 64 connections with the dearest read",
        "≤ 50 ms",
        |pace| {
            let baseline = cost(&light, pace.time)?;
            let (statuses, row) = press(server.address, &dearest, 64, || {
                thread::sleep(Duration::from_secs(1));
                while_ready(&server, || cost(&light, time))
            })?;
            println!("statuses of the dearest read {statuses:?}");
            let row = row?;
            if statuses.keys().any(|status| !matches!(status, 200 | 429)) {
                return Err(format!("the dearest read: {statuses:?}"));
            }
            let figure = Figure::at_most(row.p99, 50.0, format!("{:.1} ms", row.p99));
            Ok((figure, Some(Comparison::of_pairs(&[(baseline, row)]))))
        },
    );
    bench.stop("the dearest read", server)
}

/// Runs `f` and asks ten times a second whether the service is ready. An answer other than 200 fails.
fn while_ready<T>(server: &Server, f: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let monitor = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                server.expect(200, Request::get("/health/ready", &[]))?;
                thread::sleep(Duration::from_millis(100));
            }
            Ok::<_, String>(())
        });
        let done = f();
        ended.store(true, Ordering::Relaxed);
        monitor.join().map_err(|_| "the monitor panicked".to_owned())??;
        done
    })
}

fn measure_mixed(bench: &mut Bench, large: &Database) -> Result<(), String> {
    let server = large.serve(&[WITHOUT_ACCESS_LOG])?;
    let time = bench.plan.locking;
    let what = format!("failed writes, 64 writing and 16 reading clients, {} s", time.as_secs());
    bench.row("locking", &what, "0", |_| {
        let (failed, stored, comparison) = mixed_load(&server, large, time)?;
        let figure = Figure::at_most(failed as f64, 0.0, format!("{failed} of {}", thousands(stored)));
        Ok((figure, Some(comparison)))
    });
    bench.stop("writing and reading at once", server)
}

/// Measures the regency's pull of one district, while nobody writes and while another district collects answers.
pub fn measure_pull(bench: &mut Bench) -> Result<(), String> {
    let database = Database::regency("regency")?;
    let server = database.serve(&[WITHOUT_ACCESS_LOG])?;
    let administrator = server.sign_in("administrator")?;
    let pull = target(&server, all_realisations(&administrator), 200);
    let mut answer = answer();
    answer["village_code"] = json!(OTHER_VILLAGE);
    let path = format!("/v1/surveys/{}/responses", database.open_survey);
    let post = Request::post(&path, &[("authorization", &administrator)], &answer.to_string());
    bench.row(
        "pull",
        "the regency's pull of a district while another district collects 100 answers a second, against the pull while nobody writes",
        "≥ 0.80",
        |pace| {
            let mut rounds = Vec::new();
            for _ in 0..pace.rounds {
                let quiet = cost(&pull, pace.time)?;
                let busy = while_sending(&server, &post, 100, || cost(&pull, pace.time))?;
                rounds.push((quiet, busy));
            }
            let comparison = Comparison::of_pairs(&rounds);
            Ok((Figure::at_least(comparison.by_cpu, 0.80), Some(comparison)))
        },
    );
    bench.stop("another district writing", server)
}

/// Returns the row's time as a multiple of the baseline's, with the multiple that is allowed.
fn times_at_most(comparison: Comparison, allowed: f64) -> (Figure, Option<Comparison>) {
    let times = 1.0 / comparison.by_cpu;
    let figure = Figure::at_most(times, allowed, format!("{times:.2} x"));
    (figure, Some(comparison))
}

/// Compares with the constant response of 1 KiB of the same server.
fn against_constant(server: &Server, request: Request, status: u16, pace: Pace, required: f64) -> Measured {
    let comparison = compare(&target(server, constant(), 200), &target(server, request, status), pace)?;
    Ok((Figure::at_least(comparison.by_cpu, required), Some(comparison)))
}

/// Compares the value with the sums of the stored answers, because a wrong value can be fast.
fn check_value(server: &Server, database: &Database, token: &str) -> Result<(), String> {
    let expected = index(&sums_of_year(&database.file(), 2025)?);
    let realisation = server.expect(200, realisation(token, &[]))?.json()?;
    match realisation["value"].as_f64() {
        Some(value) if (value - expected).abs() < 0.005_001 => {
            println!("IKU 1 of 2025 is {value}; the stored answers give {expected:.6}");
            Ok(())
        }
        _ => Err(format!("IKU 1 of 2025 should be {expected:.6}: {realisation:#}")),
    }
}
