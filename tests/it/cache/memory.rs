//! The stamps in memory equal the committed stamps, even if the client disconnects. The caches save statements.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use chrono::Utc;
use iku::platform::db::{Db, Stream, stamps};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{COMPUTED, IKU4, NOW, stored, without_caches};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{BALANG, PARINGIN, World};

/// Polls a future at most a number of times; returns its output if it is ready by then.
async fn polled<F: Future>(future: &mut Pin<Box<F>>, times: usize) -> Option<F::Output> {
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[apply(both_databases)]
async fn a_client_that_disconnects_cannot_stop_a_commit(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let tag = kasi.get(IKU4).await.status(200).etag();
    let db = &world.service.db;
    let before = db.stamps(None).await.unwrap();
    let done = std::cell::Cell::new(false);
    let mut write = Box::pin(db.write(async |tx| {
        stamps::stamp(tx, &[PARINGIN], Stream::Reports).await?;
        done.set(true);
        Ok(())
    }));
    // The handler has ended and the commit has begun, but the client does not wait for it.
    while !done.get() {
        assert!(polled(&mut write, 1).await.is_none());
        tokio::task::yield_now().await;
    }
    drop(write);
    db.wait_for_writers(None).await.unwrap();
    assert_ne!(db.stamps(None).await.unwrap(), before);
    assert_eq!(*db.stamps(None).await.unwrap(), stored(&world).await);
    kasi.with("if-none-match", &tag).get(IKU4).await.status(200);
}

#[apply(both_databases)]
async fn cached_stamps_equal_the_committed_stamps_whenever_a_request_is_dropped(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let delivered = async || kasi.get(IKU4).await.status(200).json["numerator"].as_u64().unwrap_or(0);
    for polls in 1.. {
        let before = delivered().await;
        let report = json!({
            "village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14",
        });
        let mut request = Box::pin(kasi.post("/v1/reports", report));
        let answered = polled(&mut request, polls).await;
        drop(request);
        world.service.db.wait_for_writers(None).await.unwrap();
        assert_eq!(
            *world.service.db.stamps(None).await.unwrap(),
            stored(&world).await,
            "{polls} polls"
        );
        if let Some(reply) = answered {
            assert!(before + 1 == delivered().await && reply.status == 201 || before == 1);
            assert!(polls > 1, "a request takes more than one poll");
            break;
        }
    }
    assert_eq!(delivered().await, 1);
}

/// Reads while others commit, with and without a transaction. An ETag never names two values, and every value was correct at
/// some instant.
#[apply(both_databases)]
async fn an_etag_has_one_value_while_others_write(backend: Backend) {
    let world = without_caches(&World::on(backend).at(NOW).await).await;
    let admin = world.admin();
    let kinds = ["lppd", "bpd-kinerja"];
    let villages = ["63.11.06.2006", "63.11.06.2007", "63.11.06.2008", BALANG];
    let reports = villages
        .into_iter()
        .flat_map(|village| kinds.map(|kind| (village, kind)));
    let answered = Cell::new(0);
    let writing = async {
        for (village, kind) in reports {
            // Two requests may have started before the last commit; the third sees it.
            let seen = answered.get() + 3;
            while answered.get() < seen {
                tokio::task::yield_now().await;
            }
            let report = json!({
                "village_code": village, "kind": kind, "fiscal_year": 2024, "delivered_on": "2025-03-14",
            });
            admin.post("/v1/reports", report).await.status(201);
        }
    };
    let asking = async || {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|(_, delivered)| *delivered < 8) {
            let reply = admin.get(IKU4).await.status(200);
            seen.push((reply.etag(), reply.json["numerator"].as_u64().unwrap_or(0)));
            answered.set(answered.get() + 1);
            // A cached reply never waits, so let the writer run here.
            tokio::task::yield_now().await;
        }
        seen
    };
    let ((), first, second) = futures_util::future::join3(writing, asking(), asking()).await;
    for seen in [&first, &second] {
        assert!(
            seen.is_sorted_by_key(|(_, delivered)| *delivered),
            "a value became smaller: {seen:?}"
        );
    }
    let mut values = BTreeMap::new();
    for (tag, delivered) in first.into_iter().chain(second) {
        assert_eq!(*values.entry(tag).or_insert(delivered), delivered);
    }
    assert_eq!(values.len(), 9, "each commit has a value of its own: {values:?}");
}

#[actix_web::test]
async fn known_etags_and_cached_bodies_take_no_statement_on_sqlite() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let admin = world.admin();
    let mut held = Vec::new();
    for path in COMPUTED {
        held.push((path, admin.get(path).await.status(200)));
    }
    // From here on every statement fails.
    let db: &Db = &world.service.db;
    db.clone().close().await.unwrap();
    for (path, first) in held {
        admin.with("if-none-match", &first.etag()).get(path).await.status(304);
        assert_eq!(admin.get(path).await.status(200).body, first.body, "{path}");
        // The English response is computed from cached facts. Only the surveys are read for every value.
        let surveys = path.contains("iku-1/") || path.starts_with("/v1/realisations?");
        let english = admin.in_english().get(path).await;
        assert_eq!(english.status, if surveys { 503 } else { 200 }, "{path}");
    }
}

#[actix_web::test]
async fn known_etags_and_cached_bodies_read_only_the_stamps_on_postgres() {
    let world = World::on(Backend::Postgres).at(NOW).await;
    let admin = world.admin();
    let mut held = Vec::new();
    for path in COMPUTED {
        held.push((path, admin.get(path).await.status(200)));
    }
    let other = Db::open(&world.database.url).await.unwrap();
    let locked = other.write(async |tx| {
        // From here on, reading one of these tables waits for ever.
        let tables =
            "indicator, decree, target, village, report_kind, survey, survey_tally, report, institution, public_case";
        let sql = format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE");
        tx.execute_unprepared(&sql).await?;
        for (path, first) in held {
            admin.with("if-none-match", &first.etag()).get(path).await.status(304);
            assert_eq!(admin.get(path).await.status(200).body, first.body, "{path}");
        }
        Ok(())
    });
    locked.await.unwrap();
}

#[apply(both_databases)]
async fn computes_from_cached_facts_and_reads_only_the_surveys_again(backend: Backend) {
    let (world, statements) = listening(&demonstration(backend).await, 0).await;
    let admin = world.admin();
    let iku1 = "/v1/indicators/paringin-iku-1/realisations/2025";
    admin.get(iku1).await.status(200);
    let first = statements.take();
    assert_eq!(
        first.len(),
        1 + 4 + 2,
        "the district, the plan and the surveys: {first:?}"
    );
    let mut again = Vec::new();
    for client in [admin.clone(), admin.in_english()] {
        client.get(iku1).await.status(200);
        again.extend(statements.take());
    }
    assert_eq!(again.len(), 4, "{again:?}");
    assert!(again.iter().all(|sql| sql.contains("FROM \"survey\"")), "{again:?}");

    let sheet = "/v1/realisations?period=2025";
    let first = admin.get(sheet).await.status(200);
    assert_eq!(first.json["items"].as_array().unwrap().len(), 5);
    let read = statements.take();
    assert!(read.len() <= 17, "{read:?}");
    let again = admin.get(sheet).await.status(200);
    assert_eq!(again.body, first.body);
    let read = statements.take();
    assert_eq!(
        read.len(),
        4,
        "the rows of the page, the districts without a decree, and the surveys and their corrections, which change with every answer: {read:?}"
    );
}

#[apply(both_databases)]
async fn a_question_about_an_unsettled_instant_waits_for_running_writes(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let path = format!("{IKU4}?as_of=2025-06-30T04:00:00.000005Z");
    world
        .clock
        .set(crate::support::world::instant("2025-06-30T12:00:01+08:00"));
    let tag = admin.get(&path).await.status(200).etag();
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let stamped = std::rc::Rc::new(tokio::sync::Notify::new());
    let (db, heard) = (world.service.db.clone(), std::rc::Rc::clone(&stamped));
    world.clock.set(crate::support::world::instant(NOW));
    let write = actix_web::rt::spawn(async move {
        db.write(async |tx| {
            stamps::stamp(tx, &[PARINGIN], Stream::Reports).await?;
            heard.notify_one();
            wait.await.unwrap();
            Ok(())
        })
        .await
    });
    stamped.notified().await;
    world
        .clock
        .set(crate::support::world::instant("2025-06-30T12:00:01+08:00"));
    let holder = admin.with("if-none-match", &tag);
    let mut asking = Box::pin(holder.get(&path));
    for _ in 0..20 {
        assert!(
            polled(&mut asking, 1).await.is_none(),
            "answered before the write was done"
        );
        tokio::task::yield_now().await;
    }
    go.send(()).unwrap();
    write.await.unwrap().unwrap();
    asking.await.status(200);
}

/// A stamp is the instant at which the write got its turn, not the one at which it began to wait.
#[apply(both_databases)]
async fn a_write_that_waits_for_another_is_stamped_after_it(backend: Backend) {
    let world = World::on(backend).await;
    let db = &world.service.db;
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let stamped = tokio::sync::Notify::new();
    let first = db.write(async |tx| {
        let stamp = stamps::stamp(tx, &[PARINGIN], Stream::Reports).await?;
        stamped.notify_one();
        wait.await.unwrap();
        Ok(stamp.at)
    });
    let second = async {
        stamped.notified().await;
        db.write(async |tx| Ok(stamps::stamp(tx, &[PARINGIN], Stream::Reports).await?.at))
            .await
    };
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = Utc::now();
        go.send(()).unwrap();
        now
    };
    let (first, second, released) = tokio::join!(first, second, release);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first < released && released <= second, "{first} {released} {second}");
}
