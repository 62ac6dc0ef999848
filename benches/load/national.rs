//! The national pull: all realisations of all districts, page by page, on PostgreSQL (benches/national).

use std::time::Instant;

use sea_orm::sqlx::{Connection as _, PgConnection, raw_sql};

use super::database::Database;
use super::http::Request;
use super::postgres::Cluster;
use super::report::Figure;
use super::rows::{Bench, WITHOUT_ACCESS_LOG, thousands};

/// The districts of Indonesia.
pub const DISTRICTS: usize = 7_277;
const FILL: &str = include_str!("../national/fill.sql");

/// Fills a database and measures the pull.
pub fn measure(bench: &mut Bench, districts: usize) -> Result<(), String> {
    if !bench.includes(&["national"]) {
        return Ok(());
    }
    let cluster = Cluster::start("")?;
    let sql = |url: String, sql: String| {
        let done = actix_web::rt::System::new().block_on(async {
            let mut connection = PgConnection::connect(&url).await?;
            raw_sql(sea_orm::sqlx::AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await
        });
        done.map_err(|e: sea_orm::sqlx::Error| format!("PostgreSQL: {e}"))
    };
    sql(cluster.url.clone(), "CREATE DATABASE iku".to_owned())?;
    let url = cluster.url.replace("/postgres?", "/iku?");
    let database = Database::postgres(&url, 0)?;
    sql(url, FILL.replace("{districts}", &districts.to_string()))?;
    let server = database.serve(&[WITHOUT_ACCESS_LOG])?;
    // The clients of the demonstration see one district; its administrator sees all.
    let token = server.sign_in("administrator")?;
    let (mut realisations, mut pages, mut slowest, mut cursor) = (0, 0, 0.0, String::new());
    let start = Instant::now();
    loop {
        let path = format!("/v1/realisations?period=2025&limit=100{cursor}");
        let began = Instant::now();
        let page = server
            .expect(200, Request::get(&path, &[("authorization", &token)]))?
            .json()?;
        slowest = began.elapsed().as_secs_f64().max(slowest);
        pages += 1;
        realisations += page["items"].as_array().map_or(0, Vec::len);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    // The demonstration's own district has five indicators too.
    let expected = 5 * (districts + 1);
    if realisations != expected {
        return Err(format!(
            "the pull returned {realisations} realisations instead of {expected}"
        ));
    }
    let memory = server.memory()?;
    println!(
        "national: {pages} pages, the slowest {:.0} ms; memory {:.1} MiB at most",
        slowest * 1e3,
        memory.peak
    );
    let what = format!("pull of {} realisations in pages of 100", thousands(realisations));
    bench.row("national", &what, "≤ 20 s", |_| {
        Ok((Figure::at_most(seconds, 20.0, format!("{seconds:.1} s")), None))
    });
    bench.row("national", "memory of the service during it", "≤ 128 MiB", |_| {
        Ok((
            Figure::at_most(memory.peak, 128.0, format!("{:.1} MiB", memory.peak)),
            None,
        ))
    });
    server.stop()
}
