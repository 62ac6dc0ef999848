//! The rows of the table, in the order in which they are measured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::answers::sums_of_year;
use super::comparison::{Comparison, Cost, Pace, Target, compare, cost, median};
use super::http::{FRESH_ID, Request, load};
use super::raw::Raw;
use super::report::{Figure, Row};
use super::scene::{DISTRICT, OTHER_VILLAGE, Scene, index};
use super::server::Server;

/// Keep-alive connections of a row, where it does not say otherwise.
pub const CLIENTS: usize = 32;
pub const BATCH: usize = 500;
const ONE: &str = "/v1/indicators/paringin-iku-1/realisations/2025";
/// The access log is off. It would make the baseline dearer, and every ratio better.
pub const QUIET: (&str, &str) = ("IKU_ACCESS_LOG", "off");
/// No body is cached, so the service computes each.
pub const AFRESH: (&str, &str) = ("IKU_REALISATION_CACHE_MIB", "0");

/// What to measure, for how long, and with how many answers.
#[derive(Clone, Debug)]
pub struct Plan {
    pub only: Option<String>,
    pub pace: Pace,
    /// Many answers, and a tenth of them.
    pub answers: usize,
    pub locking: Duration,
}

/// The result of a row.
type Outcome = Result<(Figure, Option<Comparison>), String>;

/// The measuring so far.
#[derive(Debug)]
pub struct Bench {
    pub plan: Plan,
    pub rows: Vec<Row>,
    /// Highest memory of each server, by what it had to do.
    peaks: Vec<(String, f64)>,
}

impl Bench {
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            rows: Vec::new(),
            peaks: Vec::new(),
        }
    }

    fn wants(&self, keys: &[&str]) -> bool {
        self.plan.only.as_ref().is_none_or(|only| keys.contains(&only.as_str()))
    }

    /// Measures a row and prints it. A failed measurement is a row too.
    pub fn row(&mut self, key: &str, what: &str, required: &str, measure: impl FnOnce(Pace) -> Outcome) {
        if !self.wants(&[key]) {
            return;
        }
        let (figure, comparison) = measure(self.plan.pace).unwrap_or_else(|why| (Figure::failed(&why), None));
        let row = Row {
            what: what.to_owned(),
            required: required.to_owned(),
            figure,
            comparison,
        };
        println!("{key}: {row}");
        self.rows.push(row);
    }

    /// Stops a server and notes its highest memory.
    fn stop(&mut self, name: &str, server: Server) -> Result<(), String> {
        let memory = server.memory()?;
        println!(
            "memory of the server ({name}): {:.1} MiB now, {:.1} MiB at most",
            memory.now, memory.peak
        );
        self.peaks.push((name.to_owned(), memory.peak));
        server.stop()
    }

    /// All rows on SQLite.
    pub fn sqlite(&mut self) -> Result<(), String> {
        let reads = [
            "small-get",
            "village",
            "report",
            "not-modified",
            "again",
            "fresh",
            "million",
            "all",
            "locking",
        ];
        if self.wants(&reads) || self.wants(&["memory"]) {
            self.reads()?;
        }
        if self.wants(&["post", "grouped", "batch"]) {
            self.writes()?;
        }
        if self.wants(&["pull"]) {
            self.pull()?;
        }
        let peak = self.peaks.iter().map(|(_, peak)| *peak).fold(0.0, f64::max);
        self.row(
            "memory",
            "memory of the service under all of this, at most",
            "≤ 64 MiB",
            |_| Ok((Figure::at_most(peak, 64.0, format!("{peak:.1} MiB")), None)),
        );
        Ok(())
    }

    fn reads(&mut self) -> Result<(), String> {
        let (many, few) = (self.plan.answers, self.plan.answers / 10);
        println!("seeding {} answers", thousands(many));
        let large = Scene::sqlite("large", many)?;
        let server = large.serve(&[QUIET])?;
        let sakip = server.sign_in("sakip")?;
        check_value(&server, &large, &sakip)?;
        self.row(
            "small-get",
            "authenticated small GET (cached token), against the constant answer",
            "≥ 0.70",
            |pace| {
                against_constant(
                    &server,
                    Request::get("/v1/sections", &[("authorization", &sakip)]),
                    200,
                    pace,
                    0.70,
                )
            },
        );
        let camat = server.sign_in("camat")?;
        for (key, what, path) in records(&server, &camat)? {
            self.row(key, what, "", |pace| {
                let get = Request::get(&path, &[("authorization", &camat)]);
                let comparison = compare(&target(&server, constant(), 200), &target(&server, get, 200), pace)?;
                Ok((
                    Figure::information(format!("{:.2}", comparison.by_cpu)),
                    Some(comparison),
                ))
            });
        }
        self.row("not-modified", "304 on a realisation", "≥ 0.50", |pace| {
            let tag = server.expect(200, one(&sakip, &[]))?;
            let tag = tag.header("etag").ok_or("no ETag")?.to_owned();
            against_constant(&server, one(&sakip, &[("if-none-match", &tag)]), 304, pace, 0.50)
        });
        self.row(
            "again",
            "one realisation again, nothing changed, full body",
            "≥ 0.35",
            |pace| against_constant(&server, one(&sakip, &[]), 200, pace, 0.35),
        );
        self.stop("realisations asked again", server)?;

        if self.wants(&["fresh", "million", "all"]) {
            let small = Scene::sqlite("small", few)?;
            let (server, other) = (large.serve(&[QUIET, AFRESH])?, small.serve(&[QUIET, AFRESH])?);
            let (sakip, there) = (server.sign_in("sakip")?, other.sign_in("sakip")?);
            let what = format!("one realisation of IKU 1, computed afresh, {} answers", thousands(many));
            self.row("fresh", &what, "≥ 0.09", |pace| {
                against_constant(&server, one(&sakip, &[]), 200, pace, 0.09)
            });
            let what = format!("its time, against {} answers", thousands(few));
            self.row("million", &what, "≤ 1.2 x", |pace| {
                let few = target(&other, one(&there, &[]), 200);
                let comparison = compare(&few, &target(&server, one(&sakip, &[]), 200), pace)?;
                Ok((
                    Figure::at_most(
                        1.0 / comparison.by_cpu,
                        1.2,
                        format!("{:.2} x", 1.0 / comparison.by_cpu),
                    ),
                    Some(comparison),
                ))
            });
            self.row(
                "all",
                "all five at once (`/v1/realisations`), computed, against one",
                "≤ 3 x",
                |pace| {
                    let comparison = compare(
                        &target(&server, one(&sakip, &[]), 200),
                        &target(&server, sheet(&sakip), 200),
                        pace,
                    )?;
                    Ok((
                        Figure::at_most(
                            1.0 / comparison.by_cpu,
                            3.0,
                            format!("{:.2} x", 1.0 / comparison.by_cpu),
                        ),
                        Some(comparison),
                    ))
                },
            );
            self.stop("the other database", other)?;
            self.stop("realisations computed", server)?;
        }

        let server = large.serve(&[QUIET])?;
        let time = self.plan.locking;
        let what = format!("failed writes, 64 writing and 16 reading clients, {} s", time.as_secs());
        self.row("locking", &what, "0", |_| {
            let (failed, stored, comparison) = locking(&server, &large, time)?;
            Ok((
                Figure::at_most(failed as f64, 0.0, format!("{failed} of {}", thousands(stored))),
                Some(comparison),
            ))
        });
        self.stop("writing and reading at once", server)
    }

    /// What the regency's system pulls of one district, while nobody writes and while another district collects answers.
    fn pull(&mut self) -> Result<(), String> {
        let scene = Scene::regency("regency")?;
        let server = scene.serve(&[QUIET])?;
        let administrator = server.sign_in("administrator")?;
        let pull = target(&server, sheet(&administrator), 200);
        let mut answer = answer();
        answer["village_code"] = json!(OTHER_VILLAGE);
        let path = format!("/v1/surveys/{}/responses", scene.open);
        let answer = Request::post(&path, &[("authorization", &administrator)], &answer.to_string());
        self.row(
            "pull",
            "the regency's pull of a district while another district collects 100 answers a second, against the pull while nobody writes",
            "≥ 0.80",
            |pace| {
                let mut rounds = Vec::new();
                for _ in 0..pace.rounds {
                    let quiet = cost(&pull, pace.time)?;
                    let busy = while_sending(&server, &answer, 100, || cost(&pull, pace.time))?;
                    rounds.push((quiet, busy));
                }
                let comparison = Comparison::of_pairs(&rounds);
                Ok((Figure::at_least(comparison.by_cpu, 0.80), Some(comparison)))
            },
        );
        self.stop("another district writing", server)
    }

    fn writes(&mut self) -> Result<(), String> {
        let scene = Scene::sqlite("writes", 0)?;
        let server = scene.serve(&[QUIET])?;
        let surveyor = server.sign_in("surveyor")?;
        let target = |path: &str, clients| Target {
            server: &server,
            request: post(&path.replace("{id}", &scene.open.to_string()), &surveyor),
            clients,
            status: 201,
        };
        let single = "/v1/surveys/{id}/responses";
        self.row(
            "post",
            "durable single POST of an answer, 64 clients, against parse-validate-201",
            "≥ 0.40",
            |pace| {
                let baseline = target("/v1/benchmarks/no-store/{id}/responses", 64);
                let comparison = compare(&baseline, &target(single, 64), pace)?;
                Ok((Figure::at_least(comparison.by_cpu, 0.40), Some(comparison)))
            },
        );
        self.row(
            "grouped",
            "its rate, against one transaction per request, 32 clients",
            "≥ 10 x",
            |pace| {
                let alone = target("/v1/benchmarks/one-transaction/{id}/responses", 32);
                let comparison = compare(&alone, &target(single, 64), pace)?;
                Ok((Figure::rate_at_least(comparison.by_rate, 10.0), Some(comparison)))
            },
        );
        self.row(
            "batch",
            "batch of 500: CPU per row, against raw prepared inserts",
            "≥ 0.25",
            |pace| batch(&server, &scene, &surveyor, pace),
        );
        self.stop("writing", server)
    }
}

/// The key, the name and the path of a village and of a report of the district.
fn records(server: &Server, token: &str) -> Result<[(&'static str, &'static str, String); 2], String> {
    let list = Request::get("/v1/reports?limit=1", &[("authorization", token)]);
    let reports = server.expect(200, list)?.json()?;
    let id = reports["items"][0]["id"].as_str().ok_or("no report")?;
    Ok([
        (
            "village",
            "GET of a village, against the constant answer",
            "/v1/villages/63.11.06.2005".to_owned(),
        ),
        (
            "report",
            "GET of a report, against the constant answer",
            format!("/v1/reports/{id}"),
        ),
    ])
}

/// Runs `f` while one client sends `request` about so many times a second, each with an id of its own.
fn while_sending<T>(
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

pub fn one(token: &str, more: &[(&str, &str)]) -> Request {
    let mut headers = vec![("authorization", token)];
    headers.extend(more);
    Request::get(ONE, &headers)
}

/// The constant answer of 1 KiB.
pub fn constant() -> Request {
    Request::get("/v1/benchmarks/constant", &[])
}

/// All realisations of the district.
pub fn sheet(token: &str) -> Request {
    let path = format!("/v1/realisations?period=2025&district={DISTRICT}");
    Request::get(&path, &[("authorization", token)])
}

fn answer() -> Value {
    json!({
        "id": FRESH_ID,
        "answers": {
            "persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3, "kompetensi": 3, "perilaku": 4,
            "sarana": 3, "pengaduan": 4,
        },
        "answered_at": "2026-03-14T10:15:00+08:00", "service": "ktp", "village_code": "63.11.06.2005",
        "respondent": {"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"},
    })
}

pub fn post(path: &str, token: &str) -> Request {
    Request::post(path, &[("authorization", token)], &answer().to_string())
}

fn target(server: &Server, request: Request, status: u16) -> Target<'_> {
    Target {
        server,
        request,
        clients: CLIENTS,
        status,
    }
}

/// Against the constant answer of 1 KiB of the same server.
fn against_constant(server: &Server, request: Request, status: u16, pace: Pace, required: f64) -> Outcome {
    let comparison = compare(&target(server, constant(), 200), &target(server, request, status), pace)?;
    Ok((Figure::at_least(comparison.by_cpu, required), Some(comparison)))
}

/// Checks the value, because a wrong figure need not be fast.
fn check_value(server: &Server, scene: &Scene, token: &str) -> Result<(), String> {
    let expected = index(&sums_of_year(&scene.file(), 2025)?);
    let answer = server.expect(200, one(token, &[]))?.json()?;
    match answer["value"].as_f64() {
        Some(value) if (value - expected).abs() < 0.005_001 => {
            println!("IKU 1 of 2025 is {value}, as the answers have it ({expected:.6})");
            Ok(())
        }
        _ => Err(format!("IKU 1 of 2025 should be {expected:.6}: {answer:#}")),
    }
}

/// Runs writers and readers together. Returns the failures, the stored answers, and the cost for both.
pub fn locking(server: &Server, scene: &Scene, time: Duration) -> Result<(u64, u64, Comparison), String> {
    let (surveyor, sakip) = (server.sign_in("surveyor")?, server.sign_in("sakip")?);
    let write = post(&format!("/v1/surveys/{}/responses", scene.open), &surveyor);
    let read = sheet(&sakip);
    let address = server.address;
    let readers = thread::spawn(move || load(address, &read, 16, time, || ()));
    let written = load(address, &write, 64, time, || ())?;
    let read = readers.join().map_err(|_| "the readers panicked".to_owned())??;
    println!(
        "statuses of the writers {:?}, of the readers {:?}",
        written.statuses, read.statuses
    );
    let cost = |load: &super::http::Load| Cost {
        cpu: 0.0,
        rate: load.rate(),
        p50: load.within(0.50),
        p99: load.within(0.99),
    };
    let comparison = Comparison {
        baseline: cost(&read),
        row: cost(&written),
        ..Comparison::default()
    };
    Ok((written.but(201), written.answers(), comparison))
}

/// Batches over HTTP and raw inserts of as many batches, in turns.
fn batch(server: &Server, scene: &Scene, token: &str, pace: Pace) -> Outcome {
    let mut item = answer();
    item["survey_id"] = json!(scene.open);
    let body = json!({ "sent_at": "2026-03-14T12:00:00+08:00", "items": vec![item; BATCH] });
    let request = Request::post("/v1/responses/batch", &[("authorization", token)], &body.to_string());
    let answer = server.expect(207, request.clone())?.json()?;
    if answer["summary"]["created"] != json!(BATCH) {
        return Err(format!("not all {BATCH} were created: {}", answer["summary"]));
    }
    let mut raw = Raw::copy_of(&scene.file(), &scene.folder.path().join("raw.db"), BATCH)?;
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
    let of = |figure: fn(&(Cost, super::raw::Inserted)) -> f64| median(rounds.iter().map(figure));
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

pub fn thousands(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or_default().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
