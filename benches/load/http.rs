//! The load: keep-alive connections. Each connection sends its next request after the response to the last request.
//!
//! The load must be cheaper than the server, so requests are prepared bytes, and only the status and the length of a
//! response are read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The number of threads that share the connections.
const THREADS: usize = 2;
/// A placeholder in a body. A new UUID replaces it in each request.
pub const FRESH_ID: &str = "________-____-____-____-____________";

/// A request as bytes.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    /// The positions of the placeholders.
    ids: Vec<usize>,
    /// Requests of which each sending takes one.
    any_of: Arc<[Request]>,
    random: u64,
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
            any_of: Arc::new([]),
            random: 0,
        }
    }

    /// Returns a request that is another one of these at each sending, in random order.
    pub fn any_of(requests: Vec<Request>) -> Self {
        Self {
            bytes: Vec::new(),
            ids: Vec::new(),
            any_of: requests.into(),
            random: 0,
        }
    }

    /// Prepares the next sending.
    fn renew(&mut self) {
        if !self.any_of.is_empty() {
            if self.random == 0 {
                self.random = Uuid::new_v4().as_u64_pair().0;
            }
            self.random = self
                .random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let next = (self.random >> 33) as usize % self.any_of.len();
            self.bytes.clone_from(&self.any_of[next].bytes);
        }
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
    /// The number of responses by status; 0: the connection failed.
    pub statuses: BTreeMap<u16, u64>,
    /// In microseconds, sorted.
    latencies: Vec<u32>,
}

impl Load {
    pub fn responses(&self) -> u64 {
        self.statuses.values().sum()
    }

    pub fn rate(&self) -> f64 {
        self.responses() as f64 / self.seconds
    }

    /// Returns the latency that a share of the requests did not exceed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let at = (self.latencies.len() as f64 * share) as usize;
        let at = at.min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Returns the number of responses with another status.
    pub fn with_status_other_than(&self, expected: u16) -> u64 {
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

/// Sends a request over `clients` connections for a time. Calls `around` when all clients are connected and have sent
/// one request, and again after the last response. The load counts the requests between the two calls.
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

/// Opens the connections of one thread, sends one request over each to warm up, and then the load.
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
                connection.request.renew();
                connection.send().await?;
                opened.push(connection);
            }
            Ok::<_, std::io::Error>(opened)
        });
        Ok((runtime, opened.map_err(|e| format!("cannot connect: {e}"))?))
    });
    // Also after a failure, because the other threads wait at the barrier.
    barrier.wait();
    barrier.wait();
    let (runtime, opened) = warm?;
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for connection in opened {
            tasks.spawn(connection.send_until(Arc::clone(stop)));
        }
        let mut all = Load::default();
        while let Some(done) = tasks.join_next().await {
            all.join(done.map_err(|e| e.to_string())?);
        }
        Ok(all)
    })
}

/// Sends a request over `clients` connections while `f` runs, and hangs up then. Returns the number of responses by status.
pub fn press<T>(
    address: SocketAddr,
    request: &Request,
    clients: usize,
    f: impl FnOnce() -> T,
) -> Result<(BTreeMap<u16, u64>, T), String> {
    let statuses = Arc::new(Statuses::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = thread::spawn({
        let (request, statuses) = (request.clone(), Arc::clone(&statuses));
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            runtime.block_on(async {
                for _ in 0..clients {
                    tokio::spawn(Connection::send_forever(
                        address,
                        request.clone(),
                        Arc::clone(&statuses),
                    ));
                }
                stopped.await.ok();
            });
            Ok::<_, std::io::Error>(())
        }
    });
    let done = f();
    drop(stop);
    let ended = thread.join().map_err(|_| "the clients panicked".to_owned())?;
    ended.map_err(|e| format!("no runtime: {e}"))?;
    let statuses = std::mem::take(&mut *lock(&statuses));
    Ok((statuses, done))
}

type Statuses = Mutex<BTreeMap<u16, u64>>;

fn lock(statuses: &Statuses) -> MutexGuard<'_, BTreeMap<u16, u64>> {
    statuses.lock().unwrap_or_else(PoisonError::into_inner)
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

    async fn send_forever(address: SocketAddr, request: Request, statuses: Arc<Statuses>) -> std::io::Result<()> {
        let mut connection = Self::open(address, request).await?;
        loop {
            connection.request.renew();
            let status = connection.send().await?;
            *lock(&statuses).entry(status).or_default() += 1;
        }
    }

    async fn send_until(mut self, stop: Arc<AtomicBool>) -> Load {
        let mut load = Load::default();
        while !stop.load(Ordering::Relaxed) {
            self.request.renew();
            let since = Instant::now();
            match self.send().await {
                Ok(status) => load.add(status, since),
                Err(_) => {
                    load.add(0, since);
                    break;
                }
            }
        }
        load
    }

    /// Sends the request and reads the response into the buffer. Returns the status.
    async fn send(&mut self) -> std::io::Result<u16> {
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
        while !match length {
            Some(length) => self.buffer.len() >= head + length,
            None => has_last_chunk(&self.buffer[head..]),
        } {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(status)
    }
}

/// Returns whether a chunked body has its last chunk.
fn has_last_chunk(mut body: &[u8]) -> bool {
    loop {
        let Some(end) = body.windows(2).position(|w| w == b"\r\n") else {
            return false;
        };
        let size = std::str::from_utf8(&body[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            return false;
        };
        match body.get(end + 2 + size + 2..) {
            Some(_) if size == 0 => return true,
            Some(rest) => body = rest,
            None => return false,
        }
    }
}

/// Returns the status and the length of the body; `None`: it comes in chunks.
fn read_head(head: &[u8]) -> (u16, Option<usize>) {
    let number = |bytes: &[u8]| {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(|t| t.trim().parse::<usize>().ok())
    };
    let status = head.get(9..12).and_then(number).and_then(|n| u16::try_from(n).ok());
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|b| *b == b'\n');
    let length = lines
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| number(&line[NAME.len()..]));
    // A 304 has neither a length nor a body.
    let is_chunked = head.to_ascii_lowercase().windows(8).any(|w| w == b": chunke");
    (status.unwrap_or(0), length.or((!is_chunked).then_some(0)))
}

/// A response with head and body.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Response {
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

/// Sends a request once, over a connection of its own.
pub fn send(address: SocketAddr, mut request: Request) -> Result<Response, String> {
    request.renew();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let sent = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let mut connection = Connection::open(address, request).await?;
            let status = connection.send().await?;
            Ok((status, connection.buffer))
        })
    });
    let (status, bytes) = sent.map_err(|e| format!("no response from {address}: {e}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Ok(Response {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
