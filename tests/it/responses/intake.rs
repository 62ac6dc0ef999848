//! The queue in front of the writer: an answer that the database refuses, a full queue, a client that disconnects.

use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use iku::facts::responses::{Acceptance, Outcome, Submission, WriteQueue};
use iku::platform::db::{Db, Stream, stamps};
use iku::platform::error::Code;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Setting, answer, incoming, incoming_with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::PARINGIN;

/// Makes the database refuse the answers of one service.
async fn refuse_racun(db: &Db) {
    let sql = match db.backend() {
        DbBackend::Postgres => {
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF NEW.service = 'racun' THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER poison BEFORE INSERT ON response FOR EACH ROW EXECUTE FUNCTION poison()"
        }
        _ => {
            "CREATE TRIGGER poison BEFORE INSERT ON response WHEN NEW.service = 'racun'
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        }
    };
    db.connection().execute_unprepared(sql).await.unwrap();
}

/// Blocks every write until the returned sender is used or dropped.
async fn block_writes(db: &Db) -> (oneshot::Sender<()>, actix_web::rt::task::JoinHandle<()>) {
    let (let_go, held) = oneshot::channel::<()>();
    let (begun, has_begun) = oneshot::channel::<()>();
    let db = db.clone();
    let task = actix_web::rt::spawn(async move {
        db.write(async |tx| {
            stamps::stamp(tx, &[PARINGIN], Stream::Surveys).await?;
            begun.send(()).ok();
            held.await.ok();
            Ok(())
        })
        .await
        .unwrap();
    });
    has_begun.await.unwrap();
    (let_go, task)
}

/// Puts answers into the queue without waiting until they are stored.
fn queue(intake: &WriteQueue, items: Vec<Submission>) -> actix_web::rt::task::JoinHandle<Result<Vec<Outcome>, Code>> {
    let intake = intake.clone();
    actix_web::rt::spawn(async move { intake.receive(items).await.map_err(|e| e.code) })
}

#[apply(both_databases)]
async fn an_answer_that_the_database_refuses_fails_alone(backend: Backend) {
    let s = Setting::open(backend).await;
    refuse_racun(&s.world.service.db).await;
    let mut items: Vec<Submission> = (0..100)
        .map(|_| incoming(s.id(), Uuid::new_v4(), 3, Acceptance::OnlyOpen))
        .collect();
    let mut refused = answer(3);
    refused["service"] = json!("racun");
    items[42] = incoming_with(refused, s.id(), items[42].id, Acceptance::OnlyOpen);
    let outcomes = s.world.service.write_queue.receive(items.clone()).await.unwrap();
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Refused(error) => assert_eq!((n, error.code), (42, Code::Internal)),
            Outcome::Created(row) => assert_eq!(row.id, items[n].id),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(s.kasi.all(&format!("{}?limit=100", s.responses)).await.len(), 99);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn a_full_queue_is_503_and_loses_nothing(backend: Backend) {
    let s = Setting::open(backend).await;
    let intake = s.world.service.write_queue.clone();
    let (let_go, held) = block_writes(&s.world.service.db).await;
    // Each batch is one answer five hundred times: it fills the queue and is stored once.
    let batches: Vec<Vec<Submission>> = (0..20)
        .map(|_| vec![incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen); 500])
        .collect();
    let waiting: Vec<_> = batches.into_iter().map(|b| queue(&intake, b)).collect();
    actix_web::rt::task::yield_now().await;

    let mut late = answer(2);
    late["id"] = json!(Uuid::new_v4());
    let refused = s
        .phone
        .post(&s.responses, late.clone())
        .await
        .problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "1");

    let_go.send(()).unwrap();
    held.await.unwrap();
    for outcomes in join_all(waiting).await {
        let outcomes = outcomes.unwrap().unwrap();
        assert!(matches!(outcomes[0], Outcome::Created(_)));
        assert!(outcomes[1..].iter().all(|o| matches!(o, Outcome::AlreadyStored(_))));
    }
    s.phone.post(&s.responses, late).await.status(201);
    assert_eq!(s.kasi.all(&s.responses).await.len(), 21);
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn the_answer_of_a_client_that_disconnects_is_stored(backend: Backend) {
    let s = Setting::open(backend).await;
    let intake = s.world.service.write_queue.clone();
    let (let_go, held) = block_writes(&s.world.service.db).await;
    let item = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    // The request is polled once and dropped, as after a lost connection.
    assert!(
        poll_immediate(Box::pin(intake.receive(vec![item.clone()])))
            .await
            .is_none()
    );
    let_go.send(()).unwrap();
    held.await.unwrap();
    // The queue keeps the order, so when this answer is stored, the other answer is stored too.
    let other = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    intake.receive(vec![other]).await.unwrap();
    let again = intake.receive(vec![item]).await.unwrap();
    assert!(matches!(again[0], Outcome::AlreadyStored(_)), "{again:?}");
    s.check_tallies().await;
}

#[actix_web::test]
async fn a_blocked_database_is_503_and_the_writer_continues() {
    // On SQLite only: another transaction uses the writing connection longer than the writer waits for it.
    let s = Setting::open(Backend::Sqlite).await;
    let (let_go, held) = block_writes(&s.world.service.db).await;
    let item = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    let first = s.world.service.write_queue.receive(vec![item.clone()]).await;
    assert_eq!(first.unwrap_err().code, Code::Unavailable);
    let_go.send(()).unwrap();
    held.await.unwrap();
    let second = actix_web::rt::time::timeout(Duration::from_secs(30), s.world.service.write_queue.receive(vec![item]));
    assert!(matches!(second.await.unwrap().unwrap()[0], Outcome::Created(_)));
}
