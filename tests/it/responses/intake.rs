//! The queue in front of the writer: groups, a poisoned answer, a full queue, a sender that hangs up.

use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use iku::facts::responses::{Acceptance, Outcome, Submission, WriteQueue};
use iku::platform::db::{Db, Stream, stamps};
use iku::platform::error::Code;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Setting, answer, incoming, saying};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::PARINGIN;

/// Makes the database refuse one service.
async fn poison(db: &Db) {
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

/// Holds up every write until the sender is dropped or used.
async fn hold(db: &Db) -> (oneshot::Sender<()>, actix_web::rt::task::JoinHandle<()>) {
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

/// Puts answers into the queue and does not wait for them yet.
fn queue(intake: &WriteQueue, items: Vec<Submission>) -> actix_web::rt::task::JoinHandle<Result<Vec<Outcome>, Code>> {
    let intake = intake.clone();
    actix_web::rt::spawn(async move { intake.receive(items).await.map_err(|e| e.code) })
}

#[apply(both_databases)]
async fn one_poisoned_answer_fails_alone(backend: Backend) {
    let s = Setting::open(backend).await;
    poison(&s.world.service.db).await;
    let mut items: Vec<Submission> = (0..100)
        .map(|_| incoming(s.id(), Uuid::new_v4(), 3, Acceptance::OnlyOpen))
        .collect();
    let mut poisoned = answer(3);
    poisoned["service"] = json!("racun");
    items[42] = saying(poisoned, s.id(), items[42].id, Acceptance::OnlyOpen);
    let outcomes = s.world.service.write_queue.receive(items.clone()).await.unwrap();
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Refused(error) => assert_eq!((n, error.code), (42, Code::Internal)),
            Outcome::Created(row) => assert_eq!(row.id, items[n].id),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(s.kasi.all(&format!("{}?limit=100", s.responses)).await.len(), 99);
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn a_full_queue_says_so_and_loses_nothing(backend: Backend) {
    let s = Setting::open(backend).await;
    let intake = s.world.service.write_queue.clone();
    let (let_go, held) = hold(&s.world.service.db).await;
    // One answer each, sent five hundred times: it fills the queue and is stored once.
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
    s.must_add_up().await;
}

#[apply(both_databases)]
async fn a_sender_that_hangs_up_has_its_answer_stored(backend: Backend) {
    let s = Setting::open(backend).await;
    let intake = s.world.service.write_queue.clone();
    let (let_go, held) = hold(&s.world.service.db).await;
    let item = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    // Asked once, then dropped: the connection is gone.
    assert!(
        poll_immediate(Box::pin(intake.receive(vec![item.clone()])))
            .await
            .is_none()
    );
    let_go.send(()).unwrap();
    held.await.unwrap();
    // The queue is in order: when this one is answered, the other is stored.
    let other = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    intake.receive(vec![other]).await.unwrap();
    let again = intake.receive(vec![item]).await.unwrap();
    assert!(matches!(again[0], Outcome::AlreadyStored(_)), "{again:?}");
    s.must_add_up().await;
}

#[actix_web::test]
async fn an_absent_database_is_503_and_the_writer_goes_on() {
    // Nothing but SQLite: a writing connection that somebody else holds for longer than anybody waits.
    let s = Setting::open(Backend::Sqlite).await;
    let (let_go, held) = hold(&s.world.service.db).await;
    let item = incoming(s.id(), Uuid::new_v4(), 4, Acceptance::OnlyOpen);
    let first = s.world.service.write_queue.receive(vec![item.clone()]).await;
    assert_eq!(first.unwrap_err().code, Code::Unavailable);
    let_go.send(()).unwrap();
    held.await.unwrap();
    let second = actix_web::rt::time::timeout(Duration::from_secs(30), s.world.service.write_queue.receive(vec![item]));
    assert!(matches!(second.await.unwrap().unwrap()[0], Outcome::Created(_)));
}
