//! How many reads of one caller are at work, how long a statement may take, and that neither delays anybody else.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::web::Data;
use futures_util::FutureExt;
use iku::access::Role;
use iku::evidence::EvidenceStore;
use iku::facts::responses::Quotas;
use iku::platform::Error;
use iku::platform::db::{Db, ReadTx};
use iku::platform::error::Code;
use iku::platform::http::client::Network;
use iku::platform::http::limits::at_work::{Caller, Full, ReadQueues, Turn, WAITING};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{BALANG, Client, PARINGIN, World};

const AT_WORK: usize = 4;
const READERS: usize = 8;

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Option<Turn<'a>>, Full>> + 'a>>;

/// The reads of a caller who has as many at work and waiting as it may.
async fn fill(queues: &ReadQueues, caller: Caller) -> (Vec<Option<Turn<'_>>>, Vec<Waiting<'_>>) {
    let mut at_work = Vec::new();
    for _ in 0..AT_WORK {
        at_work.push(queues.turn(caller).await.unwrap());
    }
    let mut waiting: Vec<Waiting<'_>> = (0..WAITING).map(|_| queues.turn(caller).boxed_local()).collect();
    assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    (at_work, waiting)
}

fn queues() -> ReadQueues {
    ReadQueues::new(Some(AT_WORK))
}

async fn world(backend: Backend) -> World {
    World::on(backend)
        .adjust(|service| service.read_queues = Data::new(queues()))
        .await
}

fn account_of(world: &World, client: &Client) -> Caller {
    let actor = world.service.token_service.verify(&client.token()).unwrap();
    Caller::Account(actor.id)
}

#[actix_web::test]
async fn reads_of_a_caller_wait_in_its_own_queue_in_turn() {
    let (queues, caller) = (queues(), Caller::Account(Uuid::new_v4()));
    let (mut at_work, mut waiting) = fill(&queues, caller).await;
    assert_eq!(queues.turn(caller).await.unwrap_err(), Full);
    // All others pass.
    for other in [Caller::Account(Uuid::new_v4()), Caller::Network(None)] {
        assert!(queues.turn(other).await.unwrap().is_some());
    }
    assert_eq!(queues.callers(), 1, "a caller without reads takes no memory");
    // One read ends, and the first of the queue begins.
    at_work.pop();
    assert!(waiting[1..].iter_mut().all(|turn| turn.now_or_never().is_none()));
    let first = waiting.remove(0).now_or_never().unwrap().unwrap();
    assert!(first.is_some());
    // One client disconnects, and another read may wait in its place.
    waiting.pop();
    let (mut last, mut too_many) = (queues.turn(caller).boxed_local(), queues.turn(caller).boxed_local());
    assert!((&mut last).now_or_never().is_none());
    assert!((&mut too_many).now_or_never().is_none(), "two had left the queue");
    assert_eq!(queues.turn(caller).await.unwrap_err(), Full);
    drop((at_work, waiting, first, last, too_many));
    assert_eq!(queues.callers(), 0);
}

#[actix_web::test]
async fn without_a_limit_nothing_waits() {
    let (queues, caller) = (ReadQueues::default(), Caller::Network(None));
    let mut turns = Vec::new();
    for _ in 0..1000 {
        turns.push(queues.turn(caller).await.unwrap());
    }
    assert_eq!(queues.callers(), 0);
}

/// Every operation, as method and path.
fn operations() -> Vec<(String, String)> {
    let document = iku::app::openapi();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{id}", &Uuid::nil().to_string());
            let path = path.replace("{code}", "kode").replace(['{', '}'], "");
            all.push((method.to_uppercase(), path));
        }
    }
    assert!(all.len() > 80, "{} operations", all.len());
    all
}

#[actix_web::test]
async fn reads_beyond_the_queue_are_refused_and_everything_else_passes() {
    let world = world(Backend::Sqlite).await;
    let admin = world.admin();
    let _turns = fill(&world.service.read_queues, account_of(&world, &admin)).await;
    for (method, path) in operations() {
        let reply = admin.send(&method, &path, "", Vec::new()).await;
        let what = format!("{method} {path}: {}", reply.status);
        if method != "GET" || path.starts_with("/health/") {
            assert_ne!(reply.status, 429, "{what}");
        } else {
            assert_eq!(
                reply.problem(429, "too_many_requests").header("retry-after"),
                "1",
                "{what}"
            );
        }
    }
    // Another account, and phones without a token, even at the same address.
    world.officer(&[]).get("/v1/villages").await.status(200);
    world.anonymous().get("/problems").await.status(200);
}

#[actix_web::test]
async fn callers_without_a_token_share_the_queue_of_their_network() {
    let world = world(Backend::Sqlite).await;
    let network = |address: &str| Caller::Network(Some(Network::of(address.parse().unwrap())));
    let _turns = fill(&world.service.read_queues, network("2001:db8:1:2::1")).await;
    let at = |address: &str| world.anonymous().from(address);
    at("2001:db8:1:2::9")
        .get("/problems")
        .await
        .problem(429, "too_many_requests");
    at("2001:db8:1:3::1").get("/problems").await.status(200);
    at("192.0.2.7").get("/problems").await.status(200);
    // An account behind it has its own queue.
    world
        .officer(&[])
        .from("2001:db8:1:2::9")
        .get("/v1/villages")
        .await
        .status(200);
}

#[actix_web::test]
async fn a_read_whose_client_goes_away_leaves_the_queue() {
    let world = world(Backend::Sqlite).await;
    let admin = world.admin();
    let queues = &world.service.read_queues;
    let caller = account_of(&world, &admin);
    let (at_work, waiting) = fill(queues, caller).await;
    drop(waiting);
    let mut asked = admin.get("/v1/villages").boxed_local();
    assert!((&mut asked).now_or_never().is_none(), "it waits");
    drop(asked);
    let mut waiting: Vec<_> = (0..WAITING).map(|_| queues.turn(caller).boxed_local()).collect();
    assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    drop((waiting, at_work));
    for path in ["/v1/villages", "/v1/districts", "/v1/districts/63.11.06"] {
        admin.get(path).await.status(200);
    }
    assert_eq!(queues.callers(), 0);
}

/// Counts for hours.
async fn count_long(tx: &ReadTx) -> Result<(), Error> {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT max(i) AS i FROM n";
    tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql))
        .await?;
    Ok(())
}

#[apply(both_databases)]
async fn a_statement_that_takes_too_long_ends(backend: Backend) {
    let database = backend.fresh().await;
    let db = Db::open_limited(&database.url, Some(Duration::from_millis(50)))
        .await
        .unwrap();
    // More often than there are connections, so that each can be used again.
    for _ in 0..READERS {
        assert_eq!(db.read(count_long).await.unwrap_err().code, Code::TooExpensive);
        assert_eq!(db.read_one(count_long).await.unwrap_err().code, Code::TooExpensive);
        assert_eq!(db.snapshot(count_long).await.unwrap_err().code, Code::TooExpensive);
    }
    let service = iku::startup::service(
        db,
        EvidenceStore::new(database.evidence(), 0),
        None,
        0,
        Quotas::default(),
    )
    .await
    .unwrap();
    assert!(service.db.stamps(Some(PARINGIN)).await.is_ok());
}

#[actix_web::test]
async fn sqlite_keeps_a_prepared_statement_when_its_limit_changes() {
    let database = Backend::Sqlite.fresh().await;
    let db = Db::open(&database.url).await.unwrap();
    let sql = "SELECT sqlite_compileoption_used('ENABLE_QPSG') AS used";
    let used = db.read_one(async |tx| {
        let row = tx
            .query_one_raw(Statement::from_string(tx.get_database_backend(), sql))
            .await?;
        Ok(row.unwrap().try_get::<i32>("", "used")?)
    });
    assert_eq!(used.await.unwrap(), 1, ".cargo/config.toml sets it");
}

#[apply(both_databases)]
async fn a_statement_without_a_limit_is_not_cut(backend: Backend) {
    let database = backend.fresh().await;
    let db = Db::open(&database.url).await.unwrap();
    let cut = tokio::time::timeout(Duration::from_millis(300), db.snapshot(count_long)).await;
    assert!(cut.is_err(), "it was still running");
    // A cancelled read closes its connection, and another connection replaces it.
    for _ in 0..READERS {
        let cut = tokio::time::timeout(Duration::from_millis(20), db.read_one(count_long)).await;
        assert!(cut.is_err());
    }
    for _ in 0..2 * READERS {
        assert!(db.stamps(Some(PARINGIN)).await.is_ok());
    }
}

#[apply(both_databases)]
async fn readiness_does_not_wait_for_reads(backend: Backend) {
    let world = World::on(backend).await;
    let db = &world.service.db;
    let mut reads: Vec<_> = (0..READERS)
        .map(|_| {
            db.snapshot(async |tx| {
                tx.query_one_raw(Statement::from_string(tx.get_database_backend(), "SELECT 1 AS i"))
                    .await?;
                std::future::pending::<Result<(), Error>>().await
            })
            .boxed_local()
        })
        .collect();
    let all = futures_util::future::join_all(reads.iter_mut());
    assert!(tokio::time::timeout(Duration::from_millis(500), all).await.is_err());
    world.anonymous().get("/health/ready").await.status(200);
    // All connections are taken: a read gets a 503 after two seconds.
    world.admin().get("/v1/villages").await.problem(503, "unavailable");
    drop(reads);
    world.admin().get("/v1/villages").await.status(200);
}

#[apply(both_databases)]
async fn one_record_or_one_page_takes_one_statement_and_no_transaction(backend: Backend) {
    let world = crate::demo::demonstration(backend).await;
    let admin = world.admin();
    let first = async |list: &str| admin.all(list).await[0]["id"].as_str().unwrap().to_owned();
    let (report, survey, user) = (
        first("/v1/reports").await,
        first("/v1/surveys").await,
        first("/v1/users").await,
    );
    let (world, statements) = listening(&world, 0).await;
    world.service.db.stamps(None).await.unwrap();
    let admin = world.admin();
    for path in [
        format!("/v1/villages/{BALANG}"),
        format!("/v1/reports/{report}"),
        format!("/v1/surveys/{survey}"),
        format!("/v1/users/{user}"),
        "/v1/indicators/paringin-iku-1".to_owned(),
        "/v1/report-kinds/lppd".to_owned(),
        "/v1/reports?limit=25".to_owned(),
        "/v1/surveys".to_owned(),
        "/v1/indicators".to_owned(),
        "/v1/report-kinds".to_owned(),
        "/v1/case-categories".to_owned(),
        "/v1/institution-kinds".to_owned(),
    ] {
        statements.take();
        admin.get(&path).await.status(200);
        let mut all = statements.take_all();
        if backend == Backend::Postgres {
            // Other processes write, so the newest stamp is a statement of its own.
            all.retain(|sql| !sql.contains("\"stamp\""));
        }
        assert!(
            matches!(&all[..], [one] if one.starts_with("SELECT ")),
            "{path}: {all:#?}"
        );
    }
    // What takes several is read on one state.
    admin.get("/v1/reports?count=true").await.status(200);
    admin.get("/v1/villages").await.status(200);
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    phone.get("/v1/surveys").await.status(200);
}
