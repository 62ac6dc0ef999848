//! The loop with a service that follows a script: every kind of reply, and how the phone reacts.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::read::GzDecoder;
use iku_phone::problems::Problems;
use iku_phone::reply::Outcome;
use iku_phone::server::Patience;
use iku_phone::sync::Persistence;
use iku_phone::{Answer, Courier, Fault, Identity, Queue, Report, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// What the service does with the next request that is not a sign-in.
enum Act {
    /// The items get these outcomes in turn.
    Outcomes(&'static [&'static str]),
    /// A status, a header line, a body.
    Status(u16, &'static str, &'static str),
    /// Reads the request and closes the connection.
    HangUp,
    /// Knows this number of the requested ids, the first ones.
    Known(usize),
}
use Act::{HangUp, Known, Outcomes, Status};

/// The requests: path, and body after decompression.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

struct Scene {
    folder: TempDir,
    queue: Queue,
    seen: Seen,
    address: String,
    waits: Mutex<Vec<Duration>>,
}

impl Scene {
    fn new(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Seen::default();
        let (script, log) = (Arc::new(Mutex::new(VecDeque::from(script))), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &script, &log);
            }
        });
        let folder = TempDir::new().unwrap();
        let queue = Queue::open(folder.path()).unwrap();
        Self {
            folder,
            queue,
            seen,
            address,
            waits: Mutex::default(),
        }
    }

    fn add(&self, count: usize, comment: &str) {
        let survey = Uuid::new_v4();
        for _ in 0..count {
            let text = json!({"survey_id": survey, "service": "ktp", "answers": {"waktu": 3}, "comment": comment});
            self.queue.add(&Answer::new(&text.to_string()).unwrap()).unwrap();
        }
    }

    fn run(&self) -> Report {
        let identity = Identity {
            server: format!("http://{}", self.address),
            client_id: Uuid::new_v4(),
            secret: "x".repeat(43),
            name: "Ponsel".to_owned(),
            district_code: None,
        };
        let server = Server::new(&identity.server, Patience::default());
        let persistence = Persistence {
            failures: 5,
            ..Persistence::default()
        };
        let mut courier = Courier::new(self.folder.path(), &self.queue, identity, server, persistence)
            .with_sleep(|wait| self.waits.lock().unwrap().push(wait));
        courier.run().unwrap()
    }

    /// Returns the last segment of each path, with the number of items or ids in its body (0 for a sign-in).
    fn requests(&self) -> Vec<(String, usize)> {
        let count = |body: &Value| {
            ["items", "ids"]
                .iter()
                .filter_map(|n| body[n].as_array())
                .map(Vec::len)
                .sum()
        };
        let seen = self.seen.lock().unwrap();
        let short = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        seen.iter().map(|(path, body)| (short(path), count(body))).collect()
    }
}

fn serve(stream: TcpStream, script: &Mutex<VecDeque<Act>>, seen: &Seen) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((path, body)) = request(&mut reader) {
        seen.lock().unwrap().push((path.clone(), body.clone()));
        let text = if path.ends_with("/token") {
            let token = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 900});
            reply(200, "", &token.to_string())
        } else {
            match script.lock().unwrap().pop_front().unwrap() {
                HangUp => return,
                Status(status, header, body) => reply(status, header, body),
                Outcomes(outcomes) => {
                    let result = |(n, item): (usize, &Value)| json!({"index": n, "id": item["id"], "outcome": outcomes[n % outcomes.len()], "errors": []});
                    let items = body["items"].as_array().unwrap();
                    let results: Vec<Value> = items.iter().enumerate().map(result).collect();
                    reply(207, "", &json!({ "results": results }).to_string())
                }
                Known(known) => {
                    let ids = body["ids"].as_array().unwrap().iter().enumerate();
                    let results: Vec<Value> = ids.map(|(n, id)| json!({"id": id, "known": n < known})).collect();
                    reply(200, "", &json!({ "results": results }).to_string())
                }
            }
        };
        writer.write_all(text.as_bytes()).unwrap();
    }
}

fn reply(status: u16, header: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{header}\r\n{body}",
        body.len()
    )
}

fn request(reader: &mut impl BufRead) -> Option<(String, Value)> {
    let (mut path, mut length, mut packed) = (None, 0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        path = path.or_else(|| line.split(' ').nth(1).map(str::to_owned));
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        packed |= line == "content-encoding: gzip";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut text = String::new();
    match packed {
        true => GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap(),
        false => (&body[..]).read_to_string(&mut text).unwrap(),
    };
    Some((path?, serde_json::from_str(&text).unwrap_or_default()))
}

#[test]
fn batches_grow_and_the_queue_empties() {
    let scene = Scene::new(vec![
        Outcomes(&["created"]),
        Outcomes(&["already_stored"]),
        Outcomes(&["quarantined"]),
    ]);
    scene.add(30, "");
    let report = scene.run();
    let asked = scene.requests();
    assert_eq!(asked.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 8, 16, 6]);
    assert_eq!((report.waiting, report.faults, report.gave_up), (0, 0, None));
}

#[test]
fn refused_answers_become_problems_and_deferred_answers_stay() {
    let outcomes = &["created", "rejected", "deferred", "conflict", "quarantined", "parked"];
    let scene = Scene::new(vec![Outcomes(outcomes), Outcomes(&["created"])]);
    scene.add(6, "");
    let report = scene.run();
    assert_eq!((report.waiting, scene.queue.len()), (2, 2));
    assert_eq!(report.count(Outcome::Deferred), 1);
    let problems = Problems::of(scene.folder.path()).all().unwrap();
    let named: Vec<&str> = problems.iter().map(|p| p.outcome.as_str()).collect();
    assert_eq!(named, ["rejected", "conflict"]);
    assert_eq!(problems[0].answer["service"], "ktp", "the answer itself is kept");
    // The next run sends the deferred answer again, and the answer with an unknown outcome.
    assert_eq!(scene.run().waiting, 0);
}

#[test]
fn a_too_large_batch_is_halved_and_a_too_large_answer_is_a_problem() {
    const TOO_LARGE: Act = Status(413, "", "");
    let created = || Outcomes(&["created"]);
    let scene = Scene::new(vec![
        TOO_LARGE,
        TOO_LARGE,
        TOO_LARGE,
        TOO_LARGE,
        created(),
        created(),
        created(),
    ]);
    scene.add(8, "");
    let report = scene.run();
    let sizes: Vec<usize> = scene.requests().iter().map(|(_, n)| *n).collect();
    assert_eq!(sizes, [0, 8, 4, 2, 1, 1, 2, 4]);
    assert_eq!((report.waiting, report.count(Outcome::Created)), (0, 7));
    assert_eq!(Problems::of(scene.folder.path()).all().unwrap()[0].outcome, "too_large");
}

#[test]
fn waits_at_least_retry_after_and_waits_grow() {
    let busy = Status(503, "retry-after: 7\r\n", r#"{"code": "unavailable"}"#);
    let failed = || Status(502, "", "<html>");
    let scene = Scene::new(vec![busy, failed(), failed(), Outcomes(&["created"])]);
    scene.add(1, "");
    assert_eq!(scene.run().waiting, 0);
    let waits = scene.waits.lock().unwrap();
    assert!(waits[0] >= Duration::from_secs(7), "{waits:?}");
    assert!(
        waits[1] >= Duration::from_secs(1) && waits[2] >= Duration::from_secs(2),
        "{waits:?}"
    );
}

#[test]
fn a_429_is_repeated_unchanged_after_retry_after() {
    let limited = "retry-after: 12\r\nratelimit: \"sync\";r=0;t=15\r\nratelimit-policy: \"sync\";q=300;w=15\r\n";
    let script = vec![
        Status(429, limited, r#"{"code": "too_many_requests"}"#),
        Outcomes(&["created"]),
    ];
    let scene = Scene::new(script);
    scene.add(3, "");
    assert_eq!(scene.run().waiting, 0);
    let waits = scene.waits.lock().unwrap();
    assert!(
        matches!(waits.as_slice(), [only] if *only >= Duration::from_secs(12)),
        "{waits:?}"
    );
    // The batch has the same size, because the size was not the reason.
    let batches: Vec<usize> = scene.requests().iter().map(|(_, items)| *items).collect();
    assert_eq!(batches, [0, 3, 3]);
}

#[test]
fn stops_when_a_new_token_is_refused() {
    let unauthorised = || Status(401, "", r#"{"code": "invalid_token"}"#);
    let scene = Scene::new(vec![unauthorised(), unauthorised()]);
    scene.add(1, "");
    let report = scene.run();
    let asked: Vec<String> = scene.requests().into_iter().map(|(path, _)| path).collect();
    // The first token was new, so the phone stops after the refusal instead of signing in again.
    assert_eq!(asked, ["token", "batch"]);
    assert_eq!((report.gave_up, report.waiting), (Some(Fault::Unauthorised), 1));
}

#[test]
fn signs_in_again_when_an_old_token_is_refused() {
    let unauthorised = Status(401, "", r#"{"code": "invalid_token"}"#);
    let scene = Scene::new(vec![Outcomes(&["created"]), unauthorised, Outcomes(&["created"])]);
    scene.add(9, "");
    assert_eq!(scene.run().waiting, 0);
    let asked: Vec<String> = scene.requests().into_iter().map(|(path, _)| path).collect();
    assert_eq!(asked, ["token", "batch", "batch", "token", "batch"]);
}

#[test]
fn asks_for_the_status_after_a_lost_reply_if_that_is_cheaper() {
    // Short answers are sent again.
    let scene = Scene::new(vec![HangUp, Outcomes(&["already_stored"]), Outcomes(&["created"])]);
    scene.add(2, "");
    let report = scene.run();
    assert_eq!((report.waiting, report.status_requests), (0, 0));
    let (first, second) = {
        let seen = scene.seen.lock().unwrap();
        (seen[1].1["items"][0].clone(), seen[2].1["items"][0].clone())
    };
    assert_eq!(first, second, "an answer never changes");
    // For long answers the phone asks first, and sends only the missing answers again.
    let scene = Scene::new(vec![HangUp, Known(3), Outcomes(&["created"]), Outcomes(&["created"])]);
    for _ in 0..8 {
        // Random text, which does not compress.
        let text: String = (0..30).map(|_| Uuid::new_v4().to_string()).collect();
        scene.add(1, &text);
    }
    let report = scene.run();
    assert_eq!((report.waiting, report.status_requests), (0, 1));
    assert_eq!((report.outcomes["known"], report.outcomes["created"]), (3, 5));
}

#[test]
fn a_sign_in_page_purges_nothing() {
    let page = || Status(200, "", "<html>Selamat datang di hotel kami");
    let scene = Scene::new((0..6).map(|_| page()).collect());
    scene.add(3, "");
    let report = scene.run();
    assert!(matches!(report.gave_up, Some(Fault::Lost(_))), "{report}");
    assert_eq!((report.waiting, report.faults), (3, 6));
}

#[test]
fn the_other_answers_are_sent_although_the_service_fails_on_one() {
    let failed = || Status(500, "", r#"{"code": "internal"}"#);
    let mut script: Vec<Act> = (0..4).map(|_| failed()).collect();
    script.extend([Outcomes(&["created"]), Outcomes(&["created"])]);
    let scene = Scene::new(script);
    scene.add(4, "");
    let report = scene.run();
    assert_eq!((report.waiting, report.count(Outcome::Created)), (1, 3), "{report}");
}
