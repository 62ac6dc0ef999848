//! The same rows on PostgreSQL, for information: nothing is required of them. The database is a throw-away server with
//! its settings as shipped, so that a commit is on the disk before it is answered.

#[allow(dead_code)] // the tests do more with it
#[path = "../../tests/it/support/cluster.rs"]
mod cluster;

use std::time::Duration;

use cluster::Cluster;
use sea_orm::sqlx::{Connection as _, PgConnection, raw_sql};

use super::duel::{Duel, Target, duel};
use super::http::Request;
use super::report::Held;
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

fn by_cpu(duel: Duel) -> (Held, Option<Duel>) {
    (Held::information(format!("{:.2}", duel.by_cpu)), Some(duel))
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
            duel(&ask(constant(), 200), &ask(get, 200), pace).map(by_cpu)
        },
    );
    bench.row("not-modified", "304 on a realisation", "", |pace| {
        let tag = server.expect(200, one(&sakip, &[]))?;
        let tag = tag.header("etag").ok_or("no ETag")?.to_owned();
        let known = one(&sakip, &[("if-none-match", &tag)]);
        duel(&ask(constant(), 200), &ask(known, 304), pace).map(by_cpu)
    });
    let what = format!(
        "one realisation of IKU 1, {} answers",
        thousands(bench.plan.answers / 10)
    );
    bench.row("fresh", &what, "", |pace| {
        duel(&ask(constant(), 200), &ask(one(&sakip, &[]), 200), pace).map(by_cpu)
    });
    bench.row("all", "all five at once, against one", "", |pace| {
        let duel = duel(&ask(one(&sakip, &[]), 200), &ask(sheet(&sakip), 200), pace)?;
        Ok((Held::information(format!("{:.2} x", 1.0 / duel.by_cpu)), Some(duel)))
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
        |pace| duel(&send("benchmarks/no-store", 64), &single, pace).map(by_cpu),
    );
    bench.row(
        "grouped",
        "its rate, against one transaction per request, 32 clients",
        "",
        |pace| {
            let duel = duel(&send("benchmarks/one-transaction", 32), &single, pace)?;
            Ok((Held::information(format!("{:.1} x", duel.by_rate)), Some(duel)))
        },
    );
    let time = bench.plan.locking.min(Duration::from_secs(20));
    let what = format!("failed writes, 64 writing and 16 reading clients, {} s", time.as_secs());
    bench.row("locking", &what, "", |_| {
        let (failed, stored, duel) = locking(&server, scene, time)?;
        Ok((
            Held::information(format!("{failed} of {}", thousands(stored))),
            Some(duel),
        ))
    });
    server.stop()
}
