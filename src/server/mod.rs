//! `iku serve`: opens and prepares the database, listens, and shuts down cleanly.

pub mod connections;
pub mod health;

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use tokio::net::TcpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::access::me::notices;
use crate::access::users::bootstrap::FirstAdmin;
use crate::app::{self, ExtraRoutes, Service};
use crate::config::{Secrets, Settings};
use crate::core::civil;
use crate::evidence::{EvidenceStore, store, sweep};
use crate::ops::metrics::{self, MetricsToken};
use crate::pages::public::PublicPage;
use crate::pages::session::SessionCookie;
use crate::platform::clock::Clock;
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::db::lock::FileLock;
use crate::platform::error::Error;
use crate::platform::http::client::TrustedProxies;
use crate::platform::http::limits::RateLimiter;
use crate::platform::http::limits::at_work::ReadQueues;
use crate::platform::http::refusals::{self, RefusalLog};
use crate::platform::secret::Secret;
use crate::startup;

use connections::{Http, Waits, raise_file_limit};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 2048;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Opens the database of the settings for reads whose statements take at most `limit`; the error is a sentence to show.
pub async fn open(secrets: &Secrets, limit: Option<Duration>) -> Result<Db, String> {
    let place = secrets.redacted_database();
    let sealing_key = secrets.sealing_key()?;
    let db = Db::open_limited(secrets.database_url.expose(), limit)
        .await
        .map_err(|e| format!("The database {place} cannot be opened: {e}."))?;
    Ok(db.with_sealing_key(sealing_key))
}

/// Returns what an error says to the operator.
pub fn sentence(error: &Error) -> String {
    match &error.detail {
        Some(detail) => detail.en.trim_end_matches('.').to_owned(),
        None => error.to_string(),
    }
}

/// Serves until SIGTERM or SIGINT.
pub async fn serve(settings: Settings, secrets: Secrets) -> Result<(), String> {
    serve_with(settings, secrets, |_| {}).await
}

/// Serves with additional operations, which use the same middleware as the API.
pub async fn serve_with(settings: Settings, secrets: Secrets, extra: ExtraRoutes) -> Result<(), String> {
    let _lock = FileLock::take(secrets.database_url.expose())?;
    // Before the database is made: the first password is printed only once, and a taken port must not lose it.
    let listeners =
        listen(&settings.http_addr).map_err(|e| format!("Cannot listen on {}: {e}.", settings.http_addr))?;
    let ops = settings.ops_addr.as_deref().map(serve_metrics).transpose()?;
    let files = raise_file_limit();
    let db = open(&secrets, Some(settings.read_limit)).await?;
    let place = secrets.redacted_database();
    let cannot = |e| format!("The database {place} cannot be prepared: {}.", sentence(&e));
    let password = secrets.admin_password.as_ref().map(Secret::expose);
    let first = startup::prepare(&db, password).await.map_err(cannot)?;
    let folder = store::folder(settings.evidence_dir.as_deref(), secrets.database_url.expose())?;
    if settings.evidence_dir.is_some() {
        store::make_folder(&folder).map_err(|e| format!("The folder {} cannot be made: {e}.", folder.display()))?;
    }
    let service = startup::service(
        db.clone(),
        EvidenceStore::new(folder, settings.evidence_bytes),
        settings.public_url.clone(),
        settings.realisation_cache,
        settings.quotas(),
    )
    .await
    .map_err(cannot)?;
    let service = Service {
        metrics_token: web::Data::new(MetricsToken(secrets.metrics_token.clone())),
        trusted_proxies: web::Data::new(TrustedProxies::new(settings.trusted_proxies.clone())),
        rate_limiter: web::Data::new(RateLimiter::new(|class| settings.limit(class), &Clock::System)),
        read_queues: web::Data::new(ReadQueues::new(settings.limit_at_work)),
        four_eyes: web::Data::new(settings.four_eyes),
        cors_origins: settings.cors_origins.clone(),
        https: settings.is_https(),
        session_cookie: SessionCookie {
            is_insecure: settings.pages_insecure_cookie,
        },
        public_page: PublicPage {
            is_on: settings.public_page,
        },
        ..service
    };
    let contract = app::contract_with(extra)?;
    let http = Http {
        listeners,
        workers: settings.workers,
        files,
        waits: Waits {
            shutdown: settings.shutdown,
            ..Waits::default()
        },
    };
    let refusals = Arc::clone(&service.refusals);
    let evidence = web::Data::clone(&service.evidence);
    let (server, addresses) = connections::start(service, contract, extra, http, stop_signal()?)?;
    warn_of_ends(&db).await;
    welcome(&settings, &secrets, &addresses, first.as_ref());
    warn_open(&settings, &addresses);
    warn_insecure(&settings);
    let refusals_task = actix_web::rt::spawn(write_refusals(Arc::clone(&refusals)));
    let notices_task = actix_web::rt::spawn(warn_every_day(db.clone()));
    let sweep_task = actix_web::rt::spawn(sweep_every_day(db.clone(), evidence));
    server.await.map_err(|e| format!("The server failed: {e}."))?;
    refusals_task.abort();
    notices_task.abort();
    sweep_task.abort();
    refusals.write();
    if let Some(ops) = ops {
        ops.stop(false).await;
    }
    // The last connection to close writes the journal back into the SQLite file.
    db.close()
        .await
        .map_err(|e| format!("The database could not be closed: {e}."))?;
    tracing::info!("stopped");
    Ok(())
}

/// Serves the metrics at an address of their own.
fn serve_metrics(address: &str) -> Result<ServerHandle, String> {
    let cannot = |e| format!("Cannot listen on {address}: {e}.");
    let listeners = listen(address).map_err(cannot)?;
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        tracing::info!(%address, "metrics without a token");
    }
    let server = metrics::serve(listeners).map_err(cannot)?;
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

/// Writes the counts of refusals from time to time.
async fn write_refusals(refusals: Arc<RefusalLog>) {
    loop {
        tokio::time::sleep(refusals::EVERY).await;
        refusals.write();
    }
}

/// Removes what broken uploads left behind, now and once a day.
async fn sweep_every_day(db: Db, evidence: web::Data<EvidenceStore>) {
    loop {
        match sweep::sweep(&db, &evidence).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "removed what uploads of evidence left behind"),
            Err(error) => tracing::warn!(%error, "cannot remove what uploads of evidence left behind"),
        }
        tokio::time::sleep(A_DAY).await;
    }
}

/// Warns once a day of districts whose last decree ends.
async fn warn_every_day(db: Db) {
    loop {
        tokio::time::sleep(A_DAY).await;
        warn_of_ends(&db).await;
    }
}

/// Warns of districts whose last decree ends.
async fn warn_of_ends(db: &Db) {
    let today = civil::date_of(db.clock().now());
    match db.read_one(async |tx| notices::ending(tx, None, today).await).await {
        Ok(ending) => ending.iter().for_each(|notice| {
            tracing::warn!(
                district = notice.district_code.as_str(),
                last_year = notice.last_year,
                "the last decree ends with this year: record the next one (POST /v1/decrees with copy_of)"
            );
        }),
        Err(error) => tracing::warn!(%error, "cannot tell which decrees end"),
    }
}

/// Warns if the pages' cookie may be sent in plain text.
fn warn_insecure(settings: &Settings) {
    if settings.pages_insecure_cookie {
        tracing::warn!(
            "IKU_PAGES_INSECURE_COOKIE sends the cookie of the pages unencrypted: somebody who listens on the network can use it. Use HTTPS instead."
        );
    }
}

/// Warns if strangers reach the service, and it does not know how they reach it.
fn warn_open(settings: &Settings, addresses: &[SocketAddr]) {
    let is_open = addresses.iter().any(|address| !address.ip().is_loopback());
    if is_open && settings.trusted_proxies.is_empty() && settings.public_url.is_none() {
        tracing::warn!(
            "other machines reach this service by plain HTTP; behind a TLS proxy set IKU_TRUSTED_PROXIES and IKU_PUBLIC_URL"
        );
    }
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

/// Prints the address of the service. A closed standard output does not stop the service.
fn welcome(settings: &Settings, secrets: &Secrets, addresses: &[SocketAddr], first: Option<&FirstAdmin>) {
    let listens: Vec<String> = addresses.iter().map(|a| format!("http://{a}")).collect();
    let near = addresses.first().map(|a| match a.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{}", a.port()),
        false => format!("http://{a}"),
    });
    let base = settings.public_url.clone().or(near).unwrap_or_default();
    let sign_in = match first {
        None => format!("{base}/masuk, {base}/v1/auth/token"),
        Some(FirstAdmin {
            account,
            password: None,
        }) => format!("{} / IKU_ADMIN_PASSWORD", account.username),
        Some(FirstAdmin {
            account,
            password: Some(password),
        }) => format!(
            "{} / {password}\n\
             {:32}Catat sekarang, tidak ditampilkan lagi / note it now, it is not shown again",
            account.username, ""
        ),
    };
    let text = format!(
        "iku {version}\n\
         Mendengarkan di / listening on: {listens}\n\
         Halaman / pages:                {base}/\n\
         Swagger UI:                     {base}/swagger-ui/\n\
         Masuk / sign in:                {sign_in}\n\
         Basis data / database:          {database}\n\
         Berhenti / stop:                Ctrl-C\n",
        version = env!("CARGO_PKG_VERSION"),
        listens = listens.join(" "),
        database = secrets.redacted_database(),
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
