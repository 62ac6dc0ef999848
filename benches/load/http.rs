//! The load: keep-alive connections. Each sends its next request after the response to the last one.
//!
//! The load must be cheaper than the server: requests are prepared bytes, and of a response only status and length are read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Threads that the connections are spread over.
const THREADS: usize = 2;
/// A placeholder in a body. Each sending replaces it by a new UUID.
pub const FRESH_ID: &str = "________-____-____-____-____________";

/// A request as bytes.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    /// Where fresh ids go.
    ids: Vec<usize>,
}

impl Request {
    pub fn get(path: &str, headers: &[(&str, &str)]) -> Self {
        Self::new("GET", path, headers, "")
    }

    pub fn post(path: &str, headers: &[(&str, &str)], json: &str) -> Self {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        Self::new("POST", path, &headers, json)
    }

    pub fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        let ids = text.match_indices(FRESH_ID).map(|(at, _)| at).collect();
        Self {
            bytes: text.into_bytes(),
            ids,
        }
    }

    fn renew_ids(&mut self) {
        for at in &self.ids {
            let id = Uuid::new_v4();
            id.hyphenated().encode_lower(&mut self.bytes[*at..at + FRESH_ID.len()]);
        }
    }
}

/// The result of a load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    pub seconds: f64,
    /// Answers by status; 0: the connection failed.
    pub statuses: BTreeMap<u16, u64>,
    /// In microseconds, sorted.
    latencies: Vec<u32>,
}

impl Load {
    pub fn answers(&self) -> u64 {
        self.statuses.values().sum()
    }

    pub fn rate(&self) -> f64 {
        self.answers() as f64 / self.seconds
    }

    /// Returns the latency that a share of the requests did not exceed, in milliseconds.
    pub fn within(&self, share: f64) -> f64 {
        let at = (self.latencies.len() as f64 * share) as usize;
        let at = at.min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Returns the number of responses with another status.
    pub fn but(&self, expected: u16) -> u64 {
        let others = self.statuses.iter().filter(|(status, _)| **status != expected);
        others.map(|(_, n)| n).sum()
    }

    fn add(&mut self, status: u16, since: Instant) {
        *self.statuses.entry(status).or_default() += 1;
        let micros = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.latencies.push(micros);
    }

    fn join(&mut self, other: Self) {
        for (status, n) in other.statuses {
            *self.statuses.entry(status).or_default() += n;
        }
        self.latencies.extend(other.latencies);
    }
}

/// Sends a request over `clients` connections for a time. `around` is called when all are connected and warm, and
/// again when the last answer is there; the load counts what lies between.
pub fn load(
    address: SocketAddr,
    request: &Request,
    clients: usize,
    time: Duration,
    mut around: impl FnMut(),
) -> Result<Load, String> {
    let stop = Arc::new(AtomicBool::new(false));
    let barrier = Arc::new(Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|t| {
            let mine = clients / THREADS + usize::from(t < clients % THREADS);
            let (request, stop, barrier) = (request.clone(), Arc::clone(&stop), Arc::clone(&barrier));
            thread::spawn(move || connections(address, &request, mine, &stop, &barrier))
        })
        .collect();
    barrier.wait();
    around();
    let started = Instant::now();
    barrier.wait();
    thread::sleep(time);
    stop.store(true, Ordering::Relaxed);
    let parts: Vec<_> = threads.into_iter().map(thread::JoinHandle::join).collect();
    let seconds = started.elapsed().as_secs_f64();
    around();
    let mut all = Load {
        seconds,
        ..Load::default()
    };
    for part in parts {
        all.join(part.map_err(|_| "a client's thread panicked".to_owned())??);
    }
    all.latencies.sort_unstable();
    Ok(all)
}

/// The connections of one thread, warmed up by a request each.
fn connections(
    address: SocketAddr,
    request: &Request,
    count: usize,
    stop: &Arc<AtomicBool>,
    barrier: &Barrier,
) -> Result<Load, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let warm = runtime.map_err(|e| format!("no runtime: {e}")).and_then(|runtime| {
        let opened = runtime.block_on(async {
            let mut opened = Vec::new();
            for _ in 0..count {
                let mut connection = Connection::open(address, request.clone()).await?;
                connection.request.renew_ids();
                connection.ask().await?;
                opened.push(connection);
            }
            Ok::<_, std::io::Error>(opened)
        });
        Ok((runtime, opened.map_err(|e| format!("cannot connect: {e}"))?))
    });
    // Also after a failure: the others wait.
    barrier.wait();
    barrier.wait();
    let (runtime, opened) = warm?;
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for connection in opened {
            tasks.spawn(connection.keep_asking(Arc::clone(stop)));
        }
        let mut all = Load::default();
        while let Some(done) = tasks.join_next().await {
            all.join(done.map_err(|e| e.to_string())?);
        }
        Ok(all)
    })
}

struct Connection {
    stream: TcpStream,
    request: Request,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr, request: Request) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    async fn keep_asking(mut self, stop: Arc<AtomicBool>) -> Load {
        let mut load = Load::default();
        while !stop.load(Ordering::Relaxed) {
            self.request.renew_ids();
            let since = Instant::now();
            match self.ask().await {
                Ok(status) => load.add(status, since),
                Err(_) => {
                    load.add(0, since);
                    break;
                }
            }
        }
        load
    }

    /// One request and its answer; leaves the answer's body in the buffer.
    async fn ask(&mut self) -> std::io::Result<u16> {
        self.stream.write_all(&self.request.bytes).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let (status, length) = read_head(&self.buffer[..head]);
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(status)
    }
}

/// Status and length of the body.
fn read_head(head: &[u8]) -> (u16, usize) {
    let number = |bytes: &[u8]| {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(|t| t.trim().parse::<usize>().ok())
    };
    let status = head.get(9..12).and_then(number).and_then(|n| u16::try_from(n).ok());
    const NAME: &[u8] = b"content-length:";
    let length = head
        .split(|b| *b == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| number(&line[NAME.len()..]));
    (status.unwrap_or(0), length.unwrap_or(0))
}

/// One answer, in full.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next()
    }

    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.body).map_err(|e| format!("{e}: {}", self.body))
    }
}

/// Asks once, over a connection of its own.
pub fn ask(address: SocketAddr, mut request: Request) -> Result<Answer, String> {
    request.renew_ids();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let asked = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let mut connection = Connection::open(address, request).await?;
            let status = connection.ask().await?;
            Ok((status, connection.buffer))
        })
    });
    let (status, bytes) = asked.map_err(|e| format!("no answer from {address}: {e}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
