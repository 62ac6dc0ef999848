//! Connections of slow, silent and greedy clients: each wait ends, and the next caller is served.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use iku::platform::http::connections::MOST_OF_A_NETWORK;
use iku::platform::http::upload::BodyPatience;
use iku::server::connections::{Http, Waits, start};
use serde_json::Value;

use crate::support::backend::Backend;
use crate::support::process::{Running, folder, iku};
use crate::support::world::World;

const HEALTH: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
const PAUSE: Duration = Duration::from_millis(400);

/// Serves in this process with short waits, and runs the client on another thread.
async fn with_short_waits(client: impl FnOnce(SocketAddr) + Send + 'static) {
    let world = World::on(Backend::Sqlite).await;
    let mut service = world.service.clone();
    service.body_patience = Data::new(BodyPatience {
        pause: PAUSE,
        ..BodyPatience::default()
    });
    let http = Http {
        listeners: vec![TcpListener::bind("127.0.0.1:0").unwrap()],
        workers: Some(1),
        files: 1000,
        waits: Waits {
            unread: Duration::from_secs(1),
            ..Waits::default()
        },
    };
    let contract = iku::app::contract().unwrap();
    let (server, addresses) = start(service, contract, |_| {}, http, std::future::pending()).unwrap();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let address = addresses[0];
    let done = actix_web::rt::task::spawn_blocking(move || client(address)).await;
    handle.stop(false).await;
    done.unwrap();
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Sends the head of a sign-in whose body has so many bytes.
fn head(address: SocketAddr, length: usize) -> TcpStream {
    let mut stream = connect(address);
    let head = format!(
        "POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Reads to the end of the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn a_body_that_stops_is_408_and_the_connection_closes() {
    with_short_waits(|address| {
        let mut stream = head(address, 100);
        stream.write_all(b"grant_type").unwrap();
        let began = Instant::now();
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
        assert!(began.elapsed() >= PAUSE / 2, "{:?}", began.elapsed());
    })
    .await;
}

#[actix_web::test]
async fn a_body_below_500_bytes_a_second_is_408() {
    with_short_waits(|address| {
        let mut stream = head(address, 1000);
        let began = Instant::now();
        // 20 bytes a second: no pause is long.
        while began.elapsed() < PAUSE * 20 && stream.write_all(b"a").is_ok() {
            sleep(Duration::from_millis(50));
            stream.set_nonblocking(true).unwrap();
            let has_answer = stream.peek(&mut [0]).is_ok();
            stream.set_nonblocking(false).unwrap();
            if has_answer {
                break;
            }
        }
        assert!(began.elapsed() >= PAUSE, "{:?}", began.elapsed());
        assert!(began.elapsed() < PAUSE * 10, "{:?}", began.elapsed());
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    })
    .await;
}

#[actix_web::test]
async fn a_slow_but_steady_body_arrives() {
    with_short_waits(|address| {
        let form = "grant_type=password&username=admin&password=salah-sekali&x=".to_owned() + &"x".repeat(1200);
        let mut stream = head(address, form.len());
        let began = Instant::now();
        for chunk in form.as_bytes().chunks(100) {
            stream.write_all(chunk).unwrap();
            sleep(Duration::from_millis(100));
        }
        assert!(began.elapsed() > PAUSE * 2);
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 400");
    })
    .await;
}

#[actix_web::test]
async fn a_client_that_reads_nothing_loses_its_connection() {
    with_short_waits(|address| {
        let mut stream = connect(address);
        stream
            .write_all(&b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(16))
            .unwrap();
        let began = Instant::now();
        // The kernel resets the connection, also when the window of the client is closed.
        while stream.take_error().unwrap().is_none() && stream.write_all(b"G").is_ok() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the connection is still open"
            );
            sleep(Duration::from_millis(50));
        }
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        let mut next = connect(address);
        next.write_all(HEALTH).unwrap();
        let mut status = [0; 12];
        next.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
    })
    .await;
}

/// Sends a request on an open connection; returns the head of the response.
fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(HEALTH).unwrap();
    let mut bytes = [0; 4096];
    let n = stream.read(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..n]).to_lowercase()
}

#[test]
fn one_network_has_at_most_256_connections() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let mut open: Vec<TcpStream> = (0..MOST_OF_A_NETWORK).map(|_| service.connect()).collect();
    for stream in &mut open {
        let answer = ask(stream);
        assert!(
            answer.starts_with("http/1.1 200") && !answer.contains("connection: close"),
            "{answer}"
        );
    }
    let answer = service.raw(HEALTH);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert!(answer.contains("\"code\":\"unavailable\""), "{answer}");
    drop(open);
    let began = Instant::now();
    while !service
        .raw(b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .contains(" 200 ")
    {
        assert!(began.elapsed() < Duration::from_secs(20), "closed connections count");
    }
    service.stop();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("refused: too many connections"), "{log}");
}

#[test]
fn named_proxy_has_as_many_connections_as_it_needs() {
    let folder = folder();
    let service = Running::start(folder.path(), &[("IKU_TRUSTED_PROXIES", "127.0.0.0/8")]);
    let mut open: Vec<TcpStream> = (0..MOST_OF_A_NETWORK + 20).map(|_| service.connect()).collect();
    for stream in &mut open {
        assert!(ask(stream).starts_with("http/1.1 200"));
    }
    drop(open);
    service.stop();
}

#[test]
fn when_files_are_scarce_each_response_closes_its_connection() {
    let folder = folder();
    let plain = iku(folder.path(), &[], &[]);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "ulimit -n 300 && exec \"$0\" serve"])
        .arg(plain.get_program())
        .current_dir(folder.path());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let service = Running::launch(shell, folder.path());
    let mut open: Vec<TcpStream> = (0..150).map(|_| service.connect()).collect();
    for stream in &mut open {
        assert!(!ask(stream).contains("connection: close"));
    }
    assert!(ask(&mut service.connect()).contains("connection: close"));
    drop(open);
    service.stop();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("limit of open files") && log.contains("300"), "{log}");
}

#[test]
fn old_client_gets_no_chunks() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    for (headers, stays_open) in [("", false), ("connection: keep-alive\r\n", true)] {
        let request = format!("GET /openapi.json HTTP/1.0\r\nhost: x\r\n{headers}accept-encoding: gzip\r\n\r\n");
        let mut stream = service.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let head = (&mut reader)
            .lines()
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty());
        let head = head.collect::<Vec<_>>().join("\n").to_lowercase();
        assert!(
            head.starts_with("http/1.0 200") && head.contains("content-encoding: gzip"),
            "{head}"
        );
        assert!(!head.contains("transfer-encoding"), "{head}");
        assert_eq!(head.contains("connection: keep-alive"), stays_open, "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let document: Value = serde_json::from_reader(GzDecoder::new(body.as_slice())).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
    }
    service.stop();
}

/// Returns the resident memory of a process in KiB.
fn memory(service: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.child.id())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// 60 connections ask for the largest refusals and read nothing. `--nocapture` shows the figure.
#[test]
fn callers_who_do_not_read_refusals_cost_little_memory() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&b"a=1&".repeat(262_143)).unwrap();
    let packed = packed.finish().unwrap();
    let plain = b"a=1&".repeat(4000);
    let post = |encoding: &str, body: &[u8]| {
        let head = format!(
            "POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n{encoding}\
             content-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let get = format!("GET /problems?{} HTTP/1.1\r\nhost: x\r\n\r\n", "a&".repeat(30_000));
    let requests = [
        post("content-encoding: gzip\r\n", &packed),
        post("", &plain),
        get.into_bytes(),
    ];
    // What the first request of each kind makes is no cost of the others.
    for request in &requests {
        let mut stream = service.connect();
        stream.write_all(request).ok();
        stream.shutdown(std::net::Shutdown::Write).ok();
        rest(stream);
    }
    sleep(Duration::from_secs(2));
    let before = memory(&service);
    for request in &requests {
        let streams: Vec<TcpStream> = (0..60)
            .map(|_| {
                let mut stream = service.connect();
                stream.write_all(request).ok();
                stream
            })
            .collect();
        sleep(Duration::from_secs(2));
        let grown = memory(&service).saturating_sub(before);
        println!(
            "60 unread refusals of {} bytes: {:.1} MiB more",
            request.len(),
            grown as f64 / 1024.0
        );
        assert!(grown <= 16 * 1024, "{grown} KiB");
        drop(streams);
    }
    service.stop();
}

/// Java's client offers HTTP/2 in its first request. Its next request must not go to a connection that closes.
#[actix_web::test]
async fn an_offer_of_http_2_is_declined() {
    with_short_waits(|address| {
        let mut stream = connect(address);
        let offer = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n\r\n";
        let request = format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{offer}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        assert!(
            reply.contains("connection: close\r\n") && !reply.contains("upgrade\r\n"),
            "{reply}"
        );
    })
    .await;
}

/// Sends a request on an open connection and reads its response; returns the head.
fn refused(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    let mut reply = Vec::new();
    let mut byte = [0];
    while !reply.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        reply.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&reply).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    stream.read_exact(&mut vec![0; length]).unwrap();
    head
}

/// A phone with an expired token must not open another connection, which costs a TLS handshake.
#[actix_web::test]
async fn refusal_of_a_small_body_keeps_the_connection() {
    with_short_waits(|address| {
        let mut stream = connect(address);
        let invalid = "authorization: Bearer x\r\n";
        let json = "content-type: application/json\r\n";
        for (method, path, headers, status) in [
            ("POST", "/v1/responses/batch", format!("{invalid}{json}"), 401),
            ("POST", "/v1/responses/batch", json.to_owned(), 401),
            ("DELETE", "/v1/reports", String::new(), 405),
            ("POST", "/v1/unknown", json.to_owned(), 404),
            ("POST", "/v1/auth/token", "content-type: text/plain\r\n".to_owned(), 415),
            ("POST", "/v1/auth/token", "content-encoding: gzip\r\n".to_owned(), 415),
            ("POST", "/v1/auth/enrolments", json.to_owned(), 413),
            ("GET", "/health/live", String::new(), 200),
        ] {
            for length in [2, 20_000, 65_536] {
                // The last one is too large where everybody may send.
                if status != 413 || length > 16 * 1024 {
                    let head =
                        format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n");
                    let body = " ".repeat(length);
                    let reply = refused(&mut stream, (head + &body).as_bytes());
                    assert!(
                        reply.starts_with(&format!("http/1.1 {status} ")),
                        "{method} {path} {length}: {reply}"
                    );
                    assert!(
                        !reply.contains("connection: close"),
                        "{method} {path} {length}: {reply}"
                    );
                }
            }
        }
        assert!(ask(&mut stream).starts_with("http/1.1 200"));
        // A large body is not awaited.
        let head = format!("POST /v1/responses/batch HTTP/1.1\r\nhost: x\r\n{json}content-length: 65537\r\n\r\n");
        let reply = refused(&mut stream, head.as_bytes());
        assert!(
            reply.starts_with("http/1.1 401 ") && reply.contains("connection: close"),
            "{reply}"
        );
    })
    .await;
}

#[actix_web::test]
async fn refused_body_that_stops_closes_the_connection() {
    with_short_waits(|address| {
        let mut stream = connect(address);
        let head = "POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{";
        let began = Instant::now();
        stream.write_all(head.as_bytes()).unwrap();
        let reply = rest(stream).to_lowercase();
        assert!(
            reply.starts_with("http/1.1 401 ") && reply.contains("connection: close"),
            "{reply}"
        );
        assert!(began.elapsed() < PAUSE * 20, "{:?}", began.elapsed());
    })
    .await;
}
