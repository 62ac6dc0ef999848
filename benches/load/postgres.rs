//! The same rows on PostgreSQL, for information. The database server is temporary and has its default settings, so a
//! commit is on the disk before the response.

#[allow(dead_code)] // the tests use all of it
#[path = "../../tests/it/support/cluster.rs"]
mod cluster;

use std::time::Duration;

pub use cluster::Cluster;
use sea_orm::sqlx::{Connection as _, PgConnection, raw_sql};

use super::comparison::{Comparison, Target, compare};
use super::database::Database;
use super::http::Request;
use super::report::Figure;
use super::rows::{
    Bench, CLIENTS, WITHOUT_ACCESS_LOG, WITHOUT_CACHE, all_realisations, constant, constant_with_token, mixed_load,
    post_answer, realisation, records, thousands,
};

/// Starts a PostgreSQL server and measures all rows on it.
pub fn measure(bench: &mut Bench, answers: usize) -> Result<(), String> {
    let cluster = Cluster::start("")?;
    let created = actix_web::rt::System::new().block_on(async {
        let mut admin = PgConnection::connect(&cluster.url).await?;
        raw_sql("CREATE DATABASE iku").execute(&mut admin).await?;
        admin.close().await
    });
    created.map_err(|e: sea_orm::sqlx::Error| format!("PostgreSQL: {e}"))?;
    let database = Database::postgres(&cluster.url.replace("/postgres?", "/iku?"), answers)?;
    reads(bench, &database)?;
    writes(bench, &database)
}

fn by_cpu(comparison: Comparison) -> (Figure, Option<Comparison>) {
    (
        Figure::information(format!("{:.2}", comparison.by_cpu)),
        Some(comparison),
    )
}

fn reads(bench: &mut Bench, database: &Database) -> Result<(), String> {
    let server = database.serve(&[WITHOUT_ACCESS_LOG, WITHOUT_CACHE])?;
    let sakip = server.sign_in("sakip")?;
    let target = |request, status| Target {
        server: &server,
        request,
        clients: CLIENTS,
        status,
    };
    bench.row(
        "small-get",
        "authenticated small GET, against the constant answer",
        "",
        |pace| {
            let get = Request::get("/v1/sections", &[("authorization", &sakip)]);
            compare(&target(constant(), 200), &target(get, 200), pace).map(by_cpu)
        },
    );
    let camat = server.sign_in("camat")?;
    for (key, what, _, request) in records(&server, &camat)? {
        let required = if key.starts_with("list") { None } else { Some(0.25) };
        let what = format!("{what}, against the constant answer with a token");
        let text = required.map_or_else(String::new, |required| format!("≥ {required}"));
        bench.row(key, &what, &text, |pace| {
            let comparison = compare(&target(constant_with_token(&camat), 200), &target(request, 200), pace)?;
            let figure = match required {
                Some(required) => Figure::at_least(comparison.by_cpu, required),
                None => Figure::information(format!("{:.2}", comparison.by_cpu)),
            };
            Ok((figure, Some(comparison)))
        });
    }
    bench.row("not-modified", "304 on a realisation", "", |pace| {
        let tag = server.expect(200, realisation(&sakip, &[]))?;
        let tag = tag.header("etag").ok_or("no ETag")?.to_owned();
        let known = realisation(&sakip, &[("if-none-match", &tag)]);
        compare(&target(constant(), 200), &target(known, 304), pace).map(by_cpu)
    });
    let what = format!(
        "one realisation of IKU 1, {} answers",
        thousands(bench.plan.answers / 10)
    );
    bench.row("fresh", &what, "", |pace| {
        compare(&target(constant(), 200), &target(realisation(&sakip, &[]), 200), pace).map(by_cpu)
    });
    bench.row("all", "all five at once, against one", "", |pace| {
        let comparison = compare(
            &target(realisation(&sakip, &[]), 200),
            &target(all_realisations(&sakip), 200),
            pace,
        )?;
        Ok((
            Figure::information(format!("{:.2} x", 1.0 / comparison.by_cpu)),
            Some(comparison),
        ))
    });
    server.stop()
}

fn writes(bench: &mut Bench, database: &Database) -> Result<(), String> {
    let server = database.serve(&[WITHOUT_ACCESS_LOG])?;
    let surveyor = server.sign_in("surveyor")?;
    let send = |path: &str, clients| Target {
        server: &server,
        request: post_answer(&format!("/v1/{path}/{}/responses", database.open_survey), &surveyor),
        clients,
        status: 201,
    };
    let single = send("surveys", 64);
    bench.row(
        "post",
        "single POST, 64 clients, against parse-validate-201",
        "",
        |pace| compare(&send("benchmarks/no-store", 64), &single, pace).map(by_cpu),
    );
    bench.row(
        "grouped",
        "its rate, against one transaction per request, 32 clients",
        "",
        |pace| {
            let comparison = compare(&send("benchmarks/one-transaction", 32), &single, pace)?;
            Ok((
                Figure::information(format!("{:.1} x", comparison.by_rate)),
                Some(comparison),
            ))
        },
    );
    let time = bench.plan.locking.min(Duration::from_secs(20));
    let what = format!("failed writes, 64 writing and 16 reading clients, {} s", time.as_secs());
    bench.row("locking", &what, "", |_| {
        let (failed, stored, comparison) = mixed_load(&server, database, time)?;
        Ok((
            Figure::information(format!("{failed} of {}", thousands(stored))),
            Some(comparison),
        ))
    });
    server.stop()
}
