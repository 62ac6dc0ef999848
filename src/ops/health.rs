//! Liveness and readiness.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, get, web};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::access::Public;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::text::quantity;

/// The time that the database may take to respond.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time for which a check of the database is valid: any number of requests causes one check a second.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// The last check of the database, on a separate connection: no other request can delay it.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, State)>>);

/// The result of a check.
#[derive(Clone, Copy, Debug)]
enum State {
    Answers { pending: usize },
    Silent,
}

impl Readiness {
    async fn state(&self, db: &Db) -> State {
        // Requests that come during a check wait for its result.
        let mut last = self.0.lock().await;
        if let Some((at, state)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return state;
        }
        let state = match tokio::time::timeout(PATIENCE, pending(db)).await {
            Ok(Ok(pending)) => State::Answers { pending },
            Ok(Err(error)) => {
                error.log();
                State::Silent
            }
            Err(_) => State::Silent,
        };
        *last = Some((Instant::now(), state));
        state
    }
}

/// The state of the service.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(max_length = 10, example = "ok")]
    pub status: String,
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok".to_owned(),
    })
}

/// Check liveness
///
/// The process responds; nothing else is checked. For a supervisor that restarts a hanging process.
#[utoipa::path(
    tag = "health", operation_id = "getLiveness", security(()),
    responses((status = 200, description = "Alive", body = Health))
)]
#[get("/health/live")]
pub async fn live(_: Public) -> HttpResponse {
    ok()
}

/// Check readiness
///
/// The database responds within a second and has the schema of this version. For a load balancer.
#[utoipa::path(
    tag = "health", operation_id = "getReadiness", security(()),
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "The database does not respond, or does not have the schema of this version"),
    )
)]
#[get("/health/ready")]
pub async fn ready(_: Public, db: web::Data<Db>, readiness: web::Data<Readiness>) -> Result<HttpResponse, Error> {
    match readiness.state(&db).await {
        State::Answers { pending: 0 } => Ok(ok()),
        State::Answers { pending: n } => Err(Error::unavailable().detail(
            format!("{n} migrasi belum dijalankan. Jalankan: iku migrate."),
            format!("Not run yet: {}. Run: iku migrate.", quantity(n, "migration")),
        )),
        State::Silent => {
            Err(Error::unavailable().detail("Basis data tidak menjawab.", "The database does not answer."))
        }
    }
}

/// Returns the number of migrations of this version that the database does not have.
async fn pending(db: &Db) -> Result<usize, Error> {
    let applied = db
        .probe(async |tx| {
            let all = Statement::from_string(tx.get_database_backend(), "SELECT version FROM seaql_migrations");
            let rows = tx.query_all_raw(all).await?;
            let names = rows.iter().map(|row| row.try_get::<String>("", "version"));
            Ok(names.collect::<Result<Vec<_>, _>>()?)
        })
        .await?;
    let known = Migrator::migrations();
    let missing = known.iter().filter(|m| !applied.iter().any(|a| a == m.name()));
    Ok(missing.count())
}
