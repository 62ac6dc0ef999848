//! Many answers in one transaction, and many senders at the same time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use iku::access::{Actor, Role};
use iku::facts::responses::{Acceptance, Outcome, Quotas, Submission, receive};
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Setting, answer, incoming, incoming_with, open_survey, partial, sender, survey_of};
use crate::support::backend::{Backend, apply, both_databases};

/// Each outcome as one letter.
fn letters(outcomes: &[Outcome]) -> String {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Created(_) => 'c',
        Outcome::Quarantined(_) => 'q',
        Outcome::AlreadyStored(_) => 's',
        Outcome::Conflict => 'x',
        Outcome::Refused(_) => 'r',
    };
    outcomes.iter().map(letter).collect()
}

#[apply(both_databases)]
async fn each_of_many_answers_has_its_outcome(backend: Backend) {
    use Acceptance::{AlwaysQuarantine, OnlyOpen, QuarantineClosed};
    let s = Setting::open(backend).await;
    let (survey, db) = (s.id(), &s.world.service.db);
    let [a, b, c, d, e] = std::array::from_fn(|_| Uuid::new_v4());
    let incomplete = incoming_with(partial(2), survey, e, OnlyOpen);
    let items = vec![
        incoming(survey, a, 1, OnlyOpen),
        incoming(survey, a, 1, OnlyOpen),
        incoming(survey, a, 2, OnlyOpen),
        incoming(Uuid::new_v4(), b, 2, OnlyOpen),
        incoming(survey, b, 2, QuarantineClosed),
        incoming(survey, c, 4, AlwaysQuarantine),
        incomplete.clone(),
        incoming(survey, e, 4, OnlyOpen),
        incomplete,
    ];
    let outcomes = db
        .write(async |tx| receive(tx, Quotas::default(), &items).await)
        .await
        .unwrap();
    // The id of the last answer is taken by then, so its content does not matter.
    assert_eq!(letters(&outcomes), "csxrcqrcr");
    let again = db
        .write(async |tx| receive(tx, Quotas::default(), &items).await)
        .await
        .unwrap();
    assert_eq!(letters(&again), "ssxrssxsx");
    assert_eq!(
        s.kasi.all(&s.responses).await.len(),
        3,
        "quarantined answers are not listed"
    );

    s.change(json!({"status": "closed"})).await;
    let late = vec![
        incoming(survey, d, 3, OnlyOpen),
        incoming(survey, d, 3, QuarantineClosed),
        incoming(survey, d, 3, OnlyOpen),
        incoming(survey, a, 1, OnlyOpen),
    ];
    let outcomes = db
        .write(async |tx| receive(tx, Quotas::default(), &late).await)
        .await
        .unwrap();
    assert_eq!(letters(&outcomes), "rqrs");
    s.check_tallies().await;
}

#[apply(both_databases)]
async fn under_contention_each_id_is_stored_once(backend: Backend) {
    let s = Setting::open(backend).await;
    let survey = s.id();
    let ids: Vec<Uuid> = (0..120).map(|_| Uuid::new_v4()).collect();
    // Eight senders send overlapping batches; the content follows from the id.
    let batches = (0..8).map(|task: usize| {
        let db = s.world.service.db.clone();
        let ids = ids.clone();
        actix_web::rt::spawn(async move {
            let mut created = 0;
            for round in 0..6 {
                let items: Vec<Submission> = (0..40)
                    .map(|i| (task * 13 + round * 29 + i * 7) % ids.len())
                    .map(|n| incoming(survey, ids[n], 1 + i64::try_from(n % 4).unwrap(), Acceptance::OnlyOpen))
                    .collect();
                let outcomes = db
                    .write(async |tx| receive(tx, Quotas::default(), &items).await)
                    .await
                    .unwrap();
                assert!(
                    outcomes
                        .iter()
                        .all(|o| matches!(o, Outcome::Created(_) | Outcome::AlreadyStored(_)))
                );
                created += outcomes.iter().filter(|o| matches!(o, Outcome::Created(_))).count();
            }
            created
        })
    });
    // At the same time, eight phones send the same answer over HTTP.
    let mut same = answer(2);
    same["id"] = json!(Uuid::new_v4());
    let posts = (0..8).map(|_| s.phone.post(&s.responses, same.clone()));
    let (created, replies) = futures_util::future::join(join_all(batches), join_all(posts)).await;
    let created: usize = created.into_iter().map(Result::unwrap).sum();
    let mut statuses: Vec<u16> = replies.iter().map(|r| r.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);

    let stored = s.kasi.all(&format!("{}?limit=100", s.responses)).await;
    let mut distinct: Vec<_> = stored.iter().map(|r| r["id"].as_str().unwrap()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((stored.len(), distinct.len()), (created + 1, created + 1));
    assert_eq!(created, 120);
    for response in stored.iter().take(3) {
        s.kasi
            .delete(&format!("{}/{}", s.responses, response["id"].as_str().unwrap()), "*")
            .await
            .status(204);
    }
    s.check_tallies().await;
}

/// Transactions of one district wait for each other. On PostgreSQL, transactions of two districts run side by side, so both can
/// find that an id is free. Then the second must find the answer of the first, and store its own other answers.
#[actix_web::test]
async fn an_id_that_another_district_takes_at_the_same_moment_is_a_conflict() {
    let s = Setting::open(Backend::Postgres).await;
    s.world.load_regency().await;
    let admin = s.world.admin();
    let path = open_survey(&admin, survey_of("63.11.01")).await;
    let there: Uuid = path.rsplit('/').next().unwrap().parse().unwrap();

    let everywhere = Arc::new(Actor {
        district: None,
        ..(*sender(Role::Surveyor)).clone()
    });
    let of = |survey: Uuid, id: Uuid, score: i64| {
        let mut item = incoming(survey, id, score, Acceptance::OnlyOpen);
        item.sender = Arc::clone(&everywhere);
        item
    };
    let shared = Uuid::new_v4();
    let ours = [of(s.id(), shared, 1)];
    let theirs = [of(there, shared, 1), of(there, Uuid::new_v4(), 2)];

    let (is_stored, stored) = oneshot::channel();
    let (let_go, go) = oneshot::channel::<()>();
    let db = s.world.service.db.clone();
    let first = actix_web::rt::spawn(async move {
        db.write(async |tx| {
            let outcomes = receive(tx, Quotas::default(), &ours).await?;
            is_stored.send(()).unwrap();
            go.await.unwrap();
            Ok(letters(&outcomes))
        })
        .await
        .unwrap()
    });
    stored.await.unwrap();
    let db = s.world.service.db.clone();
    let second = actix_web::rt::spawn(async move {
        let outcomes = db
            .write(async |tx| receive(tx, Quotas::default(), &theirs).await)
            .await
            .unwrap();
        letters(&outcomes)
    });
    actix_web::rt::time::sleep(Duration::from_millis(300)).await;
    assert!(!second.is_finished(), "the second transaction waits for the id");
    let_go.send(()).unwrap();
    assert_eq!(
        (first.await.unwrap(), second.await.unwrap()),
        ("c".to_owned(), "xc".to_owned())
    );
    assert_eq!(admin.all(&format!("{path}/responses")).await.len(), 1);
    s.check_tallies().await;
}
