//! Each wait for the other side ends, and no caller takes all connections.

use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_web::dev::{Extensions, Server};
use actix_web::rt::net::TcpStream;
use actix_web::{HttpServer, web};
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::net::{Shutdown, shutdown};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::app::{self, ExtraRoutes, Service};
use crate::platform::http::Contract;
use crate::platform::http::client::{Network, TrustedProxies};
use crate::platform::http::connections::Connections;

/// The files that the database and the log need.
const OWN_FILES: usize = 64;
/// The most connections of one worker, as in actix.
const MOST_OF_A_WORKER: usize = 25_600;

/// How the service listens.
#[derive(Debug)]
pub struct Http {
    pub listeners: Vec<TcpListener>,
    pub workers: Option<usize>,
    /// How many files and connections the process may have open.
    pub files: usize,
    pub waits: Waits,
}

/// The times after which a connection ends.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// An idle connection stays open for this time.
    pub keep_alive: Duration,
    /// The time that a client may take to send the head of a request.
    pub head: Duration,
    /// The time that a client may take to disconnect.
    pub hang_up: Duration,
    /// The time in which a client reads nothing of a response.
    pub unread: Duration,
    /// The time for running requests to finish at the end.
    pub shutdown: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(75),
            head: Duration::from_secs(10),
            hang_up: Duration::from_secs(2),
            unread: Duration::from_secs(60),
            shutdown: Duration::from_secs(30),
        }
    }
}

/// Lets the process open as many files as the system allows, and returns how many these are. The default of 1,024 is a
/// village with two apps on each phone.
pub fn raise_file_limit() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, most) {
        Ok(()) => limit = most,
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
    let files = limit.current.and_then(|files| usize::try_from(files).ok());
    tracing::info!(files, "limit of open files and connections");
    files.unwrap_or(usize::MAX)
}

/// Starts the service on the listeners, until `stop`. Returns the addresses, too.
pub fn start(
    service: Service,
    contract: web::Data<Contract>,
    extra: ExtraRoutes,
    http: Http,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(Server, Vec<SocketAddr>), String> {
    let waits = http.waits;
    let connections = Connections::new(http.files, Arc::clone(&service.refusals));
    let proxies = Arc::clone(&service.trusted_proxies);
    let workers = http
        .workers
        .or(available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let most = http.files.saturating_sub(OWN_FILES) / workers;
    let mut server = HttpServer::new(move || app::build(service.clone(), contract.clone(), extra))
        .workers(workers)
        .max_connections(most.clamp(1, MOST_OF_A_WORKER))
        .keep_alive(waits.keep_alive)
        // A client that hangs up waits for nothing.
        .h1_allow_half_closed(false)
        .client_request_timeout(waits.head)
        .client_disconnect_timeout(waits.hang_up)
        // A compressed response is several writes: each but the first would wait for the acknowledgement of the one before,
        // which the other side delays by 40 ms.
        .tcp_nodelay(true)
        .on_connect(move |socket, data| accept(&connections, &proxies, waits.unread, socket, data))
        .shutdown_timeout(waits.shutdown.as_secs())
        .shutdown_signal(stop);
    for listener in http.listeners {
        server = server.listen(listener).map_err(|e| format!("Cannot listen: {e}."))?;
    }
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

fn accept(
    connections: &Arc<Connections>,
    proxies: &TrustedProxies,
    unread: Duration,
    socket: &dyn Any,
    data: &mut Extensions,
) {
    let Some(socket) = socket.downcast_ref::<TcpStream>() else {
        return;
    };
    // The HTTP layer waits for ever for a client that does not read. The kernel ends such a connection.
    let unread = u32::try_from(unread.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = set_tcp_user_timeout(socket, unread) {
        tracing::debug!(%error, "a slow reader cannot be cut");
    }
    let peer = socket.peer_addr().ok().map(|address| address.ip());
    let is_proxy = peer.is_some_and(|peer| proxies.include(peer));
    let connection = connections.add(peer.map(Network::of), is_proxy);
    if connection.is_hopeless() {
        shutdown(socket, Shutdown::Both).ok();
    }
    data.insert(connection);
}
