//! `iku serve`: open, prepare, listen, and end well.

pub mod health;

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::{HttpServer, web};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::access::users::bootstrap::FirstAdmin;
use crate::app::{self, Beside, Service};
use crate::config::{Config, Secret};
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::db::lock::FileLock;
use crate::platform::http::client::TrustedProxies;
use crate::results::response_cache::ResponseCache;
use crate::startup;

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a client may take to hang up.
const HANG_UP: Duration = Duration::from_secs(2);

/// Opens the database of the settings; the error is a sentence to show.
pub async fn open(config: &Config) -> Result<Db, String> {
    let place = config.database();
    Db::open(config.database_url.expose())
        .await
        .map_err(|e| format!("The database {place} cannot be opened: {e}."))
}

/// Serves until SIGTERM or SIGINT.
pub async fn serve(config: Config) -> Result<(), String> {
    serve_with(config, |_| {}).await
}

/// Serves with operations beside the API, which go through all that the API's own go through.
pub async fn serve_with(config: Config, beside: Beside) -> Result<(), String> {
    let _lock = FileLock::take(config.database_url.expose())?;
    let db = open(&config).await?;
    let cannot = |e| format!("The database {} cannot be prepared: {e}.", config.database());
    let password = config.admin_password.as_ref().map(Secret::expose);
    let first = startup::prepare(&db, password).await.map_err(cannot)?;
    let service = startup::service(db.clone(), config.issuer()).await.map_err(cannot)?;
    let service = Service {
        doors: web::Data::new(config.doors()),
        trusted_proxies: web::Data::new(TrustedProxies(config.trusted_proxies.clone())),
        rate_limiter: web::Data::new(config.rate_limiter()),
        cors_origins: config.cors_origins.clone(),
        https: config.https(),
        response_cache: web::Data::new(ResponseCache::new(db.clone(), config.realisation_cache)),
        ..service
    };
    let contract = app::contract_with(beside)?;
    let server = HttpServer::new(move || app::build_with(service.clone(), contract.clone(), beside))
        .workers(config.workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD)
        .client_disconnect_timeout(HANG_UP)
        .shutdown_timeout(config.shutdown.as_secs())
        .shutdown_signal(told_to_stop()?)
        .bind(&config.http_addr)
        .map_err(|e| format!("Cannot listen on {}: {e}.", config.http_addr))?;
    welcome(&config, &server.addrs(), first.as_ref());
    server.run().await.map_err(|e| format!("The server failed: {e}."))?;
    // The last connection to close writes the journal back into the SQLite file.
    db.close()
        .await
        .map_err(|e| format!("The database did not close well: {e}."))?;
    tracing::info!("stopped");
    Ok(())
}

/// Says where the service is. A closed standard output is no reason not to serve.
fn welcome(config: &Config, addresses: &[SocketAddr], first: Option<&FirstAdmin>) {
    let listens: Vec<String> = addresses.iter().map(|a| format!("http://{a}")).collect();
    let near = addresses.first().map(|a| match a.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{}", a.port()),
        false => format!("http://{a}"),
    });
    let base = config.public_url.clone().or(near).unwrap_or_default();
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
        database = config.database(),
    );
    print(&text).ok();
}

/// Ends when the first SIGTERM or SIGINT comes; a second one ends the process at once.
fn told_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, String> {
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
