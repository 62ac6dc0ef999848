//! `iku serve`: open, prepare, listen, and end well.

pub mod health;

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use actix_web::{HttpServer, web};
use tokio::net::TcpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::access::users::bootstrap::FirstAdmin;
use crate::app::{self, Beside, Service};
use crate::config::{Secrets, Settings};
use crate::ops::metrics::MetricsToken;
use crate::platform::clock::Clock;
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::db::lock::FileLock;
use crate::platform::http::client::TrustedProxies;
use crate::platform::http::limits::RateLimiter;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::secret::Secret;
use crate::startup;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 2048;
/// How long an idle connection stays open.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a client may take to hang up.
const HANG_UP: Duration = Duration::from_secs(2);

/// Opens the database of the settings; the error is a sentence to show.
pub async fn open(secrets: &Secrets) -> Result<Db, String> {
    let place = secrets.shown_database();
    Db::open(secrets.database_url.expose())
        .await
        .map_err(|e| format!("The database {place} cannot be opened: {e}."))
}

/// Serves until SIGTERM or SIGINT.
pub async fn serve(settings: Settings, secrets: Secrets) -> Result<(), String> {
    serve_with(settings, secrets, |_| {}).await
}

/// Serves with operations beside the API, which go through all that the API's own go through.
pub async fn serve_with(settings: Settings, secrets: Secrets, beside: Beside) -> Result<(), String> {
    let _lock = FileLock::take(secrets.database_url.expose())?;
    // Before the database is made: a taken port must not cost the first password, which is printed once.
    let listeners =
        listen(&settings.http_addr).map_err(|e| format!("Cannot listen on {}: {e}.", settings.http_addr))?;
    let db = open(&secrets).await?;
    let cannot = |e| format!("The database {} cannot be prepared: {e}.", secrets.shown_database());
    let password = secrets.admin_password.as_ref().map(Secret::expose);
    let first = startup::prepare(&db, password).await.map_err(cannot)?;
    let service = startup::service(db.clone(), settings.issuer(), settings.realisation_cache)
        .await
        .map_err(cannot)?;
    let service = Service {
        public_url: web::Data::new(PublicUrl(settings.public_url.clone())),
        metrics_token: web::Data::new(MetricsToken(secrets.metrics_token.clone())),
        trusted_proxies: web::Data::new(TrustedProxies(settings.trusted_proxies.clone())),
        rate_limiter: web::Data::new(RateLimiter::new(|class| settings.limit(class), &Clock::System)),
        cors_origins: settings.cors_origins.clone(),
        https: settings.is_https(),
        ..service
    };
    let contract = app::contract_with(beside)?;
    let mut server = HttpServer::new(move || app::build(service.clone(), contract.clone(), beside))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD)
        .client_disconnect_timeout(HANG_UP)
        .shutdown_timeout(settings.shutdown.as_secs())
        .shutdown_signal(stop_signal()?);
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    for listener in listeners {
        server = server.listen(listener).map_err(|e| format!("Cannot listen: {e}."))?;
    }
    welcome(&settings, &secrets, &server.addrs(), first.as_ref());
    server.run().await.map_err(|e| format!("The server failed: {e}."))?;
    // The last connection to close writes the journal back into the SQLite file.
    db.close()
        .await
        .map_err(|e| format!("The database did not close well: {e}."))?;
    tracing::info!("stopped");
    Ok(())
}

/// Listens on every address of a name, and fails when none is free. Clients wait until the service is ready.
fn listen(address: &str) -> io::Result<Vec<TcpListener>> {
    let mut failed = io::Error::other("the name has no address");
    let mut listeners = Vec::new();
    for address in address.to_socket_addrs()? {
        match listen_on(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) => failed = error,
        }
    }
    if listeners.is_empty() {
        Err(failed)
    } else {
        Ok(listeners)
    }
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Prints where the service is. A closed standard output does not stop it.
fn welcome(settings: &Settings, secrets: &Secrets, addresses: &[SocketAddr], first: Option<&FirstAdmin>) {
    let listens: Vec<String> = addresses.iter().map(|a| format!("http://{a}")).collect();
    let near = addresses.first().map(|a| match a.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{}", a.port()),
        false => format!("http://{a}"),
    });
    let base = settings.public_url.clone().or(near).unwrap_or_default();
    let sign_in = match first {
        None => format!("lewat Swagger UI, Authorize / {base}/v1/auth/token"),
        Some(FirstAdmin {
            username,
            password: None,
        }) => format!("{username} / IKU_ADMIN_PASSWORD"),
        Some(FirstAdmin {
            username,
            password: Some(password),
        }) => format!(
            "{username} / {password}\n\
             {:32}Catat sekarang, tidak ditampilkan lagi / note it now, it is not shown again",
            ""
        ),
    };
    let text = format!(
        "iku {version}\n\
         Mendengarkan di / listening on: {listens}\n\
         Swagger UI:                     {base}/swagger-ui/\n\
         Masuk / sign in:                {sign_in}\n\
         Basis data / database:          {database}\n\
         Berhenti / stop:                Ctrl-C\n",
        version = env!("CARGO_PKG_VERSION"),
        listens = listens.join(" "),
        database = secrets.shown_database(),
    );
    print(&text).ok();
}

/// Ends at the first SIGTERM or SIGINT; a second signal ends the process immediately.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, String> {
    let listen = |kind| signal(kind).map_err(|e| format!("Cannot listen for signals: {e}."));
    let (mut term, mut int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        either(&mut term, &mut int).await;
        tracing::info!("stopping: running requests may finish");
        tokio::spawn(async move {
            either(&mut term, &mut int).await;
            std::process::exit(1);
        });
    })
}

async fn either(term: &mut Signal, int: &mut Signal) {
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
