//! The same rows on PostgreSQL, for information. The database is a temporary server with its default settings, so a commit
//! is on the disk before the response.

#[allow(dead_code)] // the tests do more with it
#[path = "../../tests/it/support/cluster.rs"]
mod cluster;

use std::time::Duration;

use cluster::Cluster;
use sea_orm::sqlx::{Connection as _, PgConnection, raw_sql};

use super::comparison::{Comparison, Target, compare};
use super::http::Request;
use super::report::Figure;
use super::rows::{AFRESH, Bench, CLIENTS, QUIET, constant, locking, one, post, sheet, thousands};
use super::scene::Scene;

/// All rows, on a server of its own.
pub fn measure(bench: &mut Bench, answers: usize) -> Result<(), String> {
    let cluster = Cluster::start("")?;
    let made = actix_web::rt::System::new().block_on(async {
        let mut admin = PgConnection::connect(&cluster.url).await?;
        raw_sql("CREATE DATABASE iku").execute(&mut admin).await?;
        admin.close().await
    });
    made.map_err(|e: sea_orm::sqlx::Error| format!("PostgreSQL: {e}"))?;
    let scene = Scene::postgres(&cluster.url.replace("/postgres?", "/iku?"), answers)?;
    reads(bench, &scene)?;
    writes(bench, &scene)
}

fn by_cpu(comparison: Comparison) -> (Figure, Option<Comparison>) {
    (
        Figure::information(format!("{:.2}", comparison.by_cpu)),
        Some(comparison),
    )
}

fn reads(bench: &mut Bench, scene: &Scene) -> Result<(), String> {
    let server = scene.serve(&[QUIET, AFRESH])?;
    let sakip = server.sign_in("sakip")?;
    let ask = |request, status| Target {
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
            compare(&ask(constant(), 200), &ask(get, 200), pace).map(by_cpu)
        },
    );
    bench.row("not-modified", "304 on a realisation", "", |pace| {
        let tag = server.expect(200, one(&sakip, &[]))?;
        let tag = tag.header("etag").ok_or("no ETag")?.to_owned();
        let known = one(&sakip, &[("if-none-match", &tag)]);
        compare(&ask(constant(), 200), &ask(known, 304), pace).map(by_cpu)
    });
    let what = format!(
        "one realisation of IKU 1, {} answers",
        thousands(bench.plan.answers / 10)
    );
    bench.row("fresh", &what, "", |pace| {
        compare(&ask(constant(), 200), &ask(one(&sakip, &[]), 200), pace).map(by_cpu)
    });
    bench.row("all", "all five at once, against one", "", |pace| {
        let comparison = compare(&ask(one(&sakip, &[]), 200), &ask(sheet(&sakip), 200), pace)?;
        Ok((
            Figure::information(format!("{:.2} x", 1.0 / comparison.by_cpu)),
            Some(comparison),
        ))
    });
    server.stop()
}

fn writes(bench: &mut Bench, scene: &Scene) -> Result<(), String> {
    let server = scene.serve(&[QUIET])?;
    let surveyor = server.sign_in("surveyor")?;
    let send = |path: &str, clients| Target {
        server: &server,
        request: post(&format!("/v1/{path}/{}/responses", scene.open), &surveyor),
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
        let (failed, stored, comparison) = locking(&server, scene, time)?;
        Ok((
            Figure::information(format!("{failed} of {}", thousands(stored))),
            Some(comparison),
        ))
    });
    server.stop()
}
