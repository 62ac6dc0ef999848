//! Liveness and readiness.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Public;
use crate::platform::db::Db;
use crate::platform::error::Error;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the service is.
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

/// Is it alive?
///
/// The process answers; nothing else is asked. For a supervisor that restarts what hangs.
#[utoipa::path(
    tag = "health", operation_id = "getLiveness", security(()), servers((url = "/")),
    responses((status = 200, description = "Alive", body = Health))
)]
#[get("/health/live")]
pub async fn live(_: Public) -> HttpResponse {
    ok()
}

/// Is it ready?
///
/// The database answers within a second and has the schema of this version. For a load balancer.
#[utoipa::path(
    tag = "health", operation_id = "getReadiness", security(()), servers((url = "/")),
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "The database does not answer, or its schema is not the one of this version"),
    )
)]
#[get("/health/ready")]
pub async fn ready(_: Public, db: web::Data<Db>) -> Result<HttpResponse, Error> {
    match tokio::time::timeout(PATIENCE, pending(&db)).await {
        Ok(Ok(0)) => Ok(ok()),
        Ok(Ok(n)) => Err(Error::unavailable().detail(
            format!("{n} migrasi belum dijalankan. Jalankan: iku migrate."),
            format!("{n} migrations are pending. Run: iku migrate."),
        )),
        Ok(Err(error)) => {
            error.log();
            Err(no_answer())
        }
        Err(_) => Err(no_answer()),
    }
}

fn no_answer() -> Error {
    Error::unavailable().detail("Basis data tidak menjawab.", "The database does not answer.")
}

/// Migrations that this version has and the database has not.
async fn pending(db: &Db) -> Result<usize, Error> {
    let applied = db
        .read(async |tx| {
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
