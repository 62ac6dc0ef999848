//! Writes: single answers, batches, and writers beside readers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::requests::{all_realisations, answer, post_answer};
use super::{Bench, Measured, WITHOUT_ACCESS_LOG};
use crate::comparison::{Comparison, Cost, Pace, Target, compare, cost, median};
use crate::database::Database;
use crate::http::{Load, Request, load};
use crate::raw::{Inserted, Raw};
use crate::report::Figure;
use crate::server::Server;

/// Answers of a batch.
const BATCH: usize = 500;

/// Measures the rows that write into a database without answers.
pub fn measure(bench: &mut Bench) -> Result<(), String> {
    let database = Database::sqlite("writes", 0)?;
    let server = database.serve(&[WITHOUT_ACCESS_LOG])?;
    let surveyor = server.sign_in("surveyor")?;
    let target = |path: &str, clients| Target {
        server: &server,
        request: post_answer(&path.replace("{id}", &database.open_survey.to_string()), &surveyor),
        clients,
        status: 201,
    };
    let single = "/v1/surveys/{id}/responses";
    bench.row(
        "post",
        "durable single POST of an answer, 64 clients, against parse-validate-201",
        "≥ 0.40",
        |pace| {
            let baseline = target("/v1/benchmarks/no-store/{id}/responses", 64);
            let comparison = compare(&baseline, &target(single, 64), pace)?;
            Ok((Figure::at_least(comparison.by_cpu, 0.40), Some(comparison)))
        },
    );
    bench.row(
        "grouped",
        "its rate, against one transaction per request, 32 clients",
        "≥ 10 x",
        |pace| {
            let alone = target("/v1/benchmarks/one-transaction/{id}/responses", 32);
            let comparison = compare(&alone, &target(single, 64), pace)?;
            Ok((Figure::rate_at_least(comparison.by_rate, 10.0), Some(comparison)))
        },
    );
    bench.row(
        "batch",
        "batch of 500: CPU per row, against raw prepared inserts",
        "≥ 0.25",
        |pace| batch(&server, &database, &surveyor, pace),
    );
    // Last, because each version of a closing stays.
    bench.row("closing", "closing a year, 99 of 100, one client", "≤ 50 ms", |pace| {
        let camat = server.sign_in("camat")?;
        let body = json!({"district_code": "63.11.06", "period": "2025", "reason": "Ukur"});
        let target = Target {
            server: &server,
            request: Request::post("/v1/closings", &[("authorization", &camat)], &body.to_string()),
            clients: 1,
            status: 201,
        };
        let closed = cost(&target, pace.time)?;
        let comparison = Comparison {
            row: closed,
            ..Comparison::default()
        };
        Ok((
            Figure::at_most(closed.p99, 50.0, format!("{:.1} ms", closed.p99)),
            Some(comparison),
        ))
    });
    bench.stop("writing", server)
}

/// Sends batches over HTTP, then inserts as many rows without the service, in turns.
fn batch(server: &Server, database: &Database, token: &str, pace: Pace) -> Measured {
    let mut item = answer();
    item["survey_id"] = json!(database.open_survey);
    let body = json!({ "sent_at": "2026-03-14T12:00:00+08:00", "items": vec![item; BATCH] });
    let request = Request::post("/v1/responses/batch", &[("authorization", token)], &body.to_string());
    let outcomes = server.expect(207, request.clone())?.json()?;
    if outcomes["summary"]["created"] != json!(BATCH) {
        return Err(format!("not all {BATCH} were created: {}", outcomes["summary"]));
    }
    let mut raw = Raw::copy_of(&database.file(), &database.folder.path().join("raw.db"), BATCH)?;
    let target = Target {
        server,
        request,
        clients: 4,
        status: 207,
    };
    let mut rounds = Vec::new();
    for _ in 0..pace.rounds {
        let batches = cost(&target, pace.time)?;
        let inserted = raw.insert((batches.rate * pace.time.as_secs_f64()) as u64)?;
        rounds.push((batches, inserted));
    }
    let rows = BATCH as f64;
    let of = |figure: fn(&(Cost, Inserted)) -> f64| median(rounds.iter().map(figure));
    let comparison = Comparison {
        baseline: Cost {
            cpu: of(|r| r.1.cpu),
            rate: of(|r| r.1.rate),
            ..Cost::default()
        },
        row: Cost {
            cpu: of(|r| r.0.cpu) / rows,
            rate: of(|r| r.0.rate) * rows,
            p50: of(|r| r.0.p50),
            p99: of(|r| r.0.p99),
        },
        by_cpu: of(|r| r.1.cpu * BATCH as f64 / r.0.cpu),
        by_rate: of(|r| r.0.rate * BATCH as f64 / r.1.rate),
    };
    Ok((Figure::at_least(comparison.by_cpu, 0.25), Some(comparison)))
}

/// Runs writers and readers together. Returns the failures, the stored answers, and the cost for both.
pub fn mixed_load(server: &Server, database: &Database, time: Duration) -> Result<(u64, u64, Comparison), String> {
    let (surveyor, sakip) = (server.sign_in("surveyor")?, server.sign_in("sakip")?);
    let write = post_answer(&format!("/v1/surveys/{}/responses", database.open_survey), &surveyor);
    let read = all_realisations(&sakip);
    let address = server.address;
    let readers = thread::spawn(move || load(address, &read, 16, time, || ()));
    let written = load(address, &write, 64, time, || ())?;
    let read = readers.join().map_err(|_| "the readers panicked".to_owned())??;
    println!(
        "statuses of the writers {:?}, of the readers {:?}",
        written.statuses, read.statuses
    );
    let cost = |load: &Load| Cost {
        cpu: 0.0,
        rate: load.rate(),
        p50: load.percentile(0.50),
        p99: load.percentile(0.99),
    };
    let comparison = Comparison {
        baseline: cost(&read),
        row: cost(&written),
        ..Comparison::default()
    };
    Ok((written.with_status_other_than(201), written.responses(), comparison))
}

/// Runs `f` while one client sends `request` about `a_second` times a second, each time with a new id.
pub fn while_sending<T>(
    server: &Server,
    request: &Request,
    a_second: u32,
    f: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                server.expect(201, request.clone())?;
                thread::sleep(Duration::from_secs(1) / a_second);
            }
            Ok::<_, String>(())
        });
        let done = f();
        ended.store(true, Ordering::Relaxed);
        sender.join().map_err(|_| "the sender panicked".to_owned())??;
        done
    })
}
