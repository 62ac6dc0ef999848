//! The stamps in memory are those of the last commit, whoever goes away meanwhile.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use iku::platform::Lang;
use iku::platform::db::{Db, State, Stream, stamps};
use iku::results::realisations::ground::{Grounds, Kept};
use iku::results::realisations::service::{self as realisations, Question};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{COMPUTED, IKU4, NOW, forgetful, stored};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{overheard, reader};
use crate::support::world::{BALANG, PARINGIN, World};

/// Polls a future a number of times at most; its answer if it came so far.
async fn polled<F: Future>(future: &mut Pin<Box<F>>, times: usize) -> Option<F::Output> {
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[apply(both_databases)]
async fn a_client_that_goes_away_cannot_stop_a_commit(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let tag = kasi.get(IKU4).await.status(200).etag();
    let db = &world.service.db;
    let before = db.reached(None).await.unwrap();
    let done = std::cell::Cell::new(false);
    let mut write = Box::pin(db.write(async |tx| {
        stamps::stamp(tx, &[PARINGIN], Stream::Reports).await?;
        done.set(true);
        Ok(())
    }));
    // The handler is done, the commit has begun, and nobody waits for it any more.
    while !done.get() {
        assert!(polled(&mut write, 1).await.is_none());
        tokio::task::yield_now().await;
    }
    drop(write);
    db.settle(None).await.unwrap();
    assert_ne!(db.reached(None).await.unwrap(), before);
    assert_eq!(db.reached(None).await.unwrap(), stored(&world).await);
    kasi.with("if-none-match", &tag).get(IKU4).await.status(200);
}

#[apply(both_databases)]
async fn whenever_a_request_is_dropped_memory_is_what_was_committed(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let delivered = async || kasi.get(IKU4).await.status(200).json["numerator"].as_u64().unwrap();
    for polls in 1.. {
        let before = delivered().await;
        let report = json!({
            "village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14",
        });
        let mut request = Box::pin(kasi.post("/v1/reports", report));
        let answered = polled(&mut request, polls).await;
        drop(request);
        world.service.db.settle(None).await.unwrap();
        assert_eq!(
            world.service.db.reached(None).await.unwrap(),
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

/// Read at rest or in a snapshot, while others commit: the same tag never stands on two values, and every value is one
/// that was true.
#[apply(both_databases)]
async fn while_others_write_a_tag_has_one_value(backend: Backend) {
    let world = forgetful(&World::on(backend).at(NOW).await).await;
    let admin = world.admin();
    let kinds = ["lppd", "bpd-kinerja"];
    let villages = ["63.11.06.2006", "63.11.06.2007", "63.11.06.2008", BALANG];
    let reports = villages
        .into_iter()
        .flat_map(|village| kinds.map(|kind| (village, kind)));
    let writing = async {
        for (village, kind) in reports {
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
            seen.push((reply.etag(), reply.json["numerator"].as_u64().unwrap()));
            // What takes no statement gives nobody else a turn.
            tokio::task::yield_now().await;
        }
        seen
    };
    let ((), first, second) = futures_util::future::join3(writing, asking(), asking()).await;
    for seen in [&first, &second] {
        assert!(
            seen.is_sorted_by_key(|(_, delivered)| *delivered),
            "a value went back: {seen:?}"
        );
    }
    let mut values = BTreeMap::new();
    for (tag, delivered) in first.into_iter().chain(second) {
        assert_eq!(*values.entry(tag).or_insert(delivered), delivered);
    }
    assert!(values.len() > 2, "asked between the commits, too");
}

/// What needs no computing needs no table but the stamps, and not even these on SQLite.
#[actix_web::test]
async fn what_is_known_takes_no_statement() {
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
        // In English nobody asked before. It is computed of what was read before, but for the surveys, which are read for
        // every value anew.
        let surveys = path.contains("iku-1/") || path.starts_with("/v1/realisations?");
        let english = admin.in_english().get(path).await;
        assert_eq!(english.status, if surveys { 503 } else { 200 }, "{path}");
    }
}

#[actix_web::test]
async fn what_is_known_takes_the_stamps_alone_on_postgres() {
    let world = World::on(Backend::Postgres).at(NOW).await;
    let admin = world.admin();
    let mut held = Vec::new();
    for path in COMPUTED {
        held.push((path, admin.get(path).await.status(200)));
    }
    let other = Db::open(&world.database.url).await.unwrap();
    let locked = other.write(async |tx| {
        // Whoever reads these now waits for ever.
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
async fn a_fresh_value_reads_its_facts_and_nothing_else(backend: Backend) {
    let world = demonstration(backend).await;
    let (actor, now) = (reader(), world.service.db.clock().now());
    let rows = world
        .service
        .db
        .read(async |tx| stamps::list(tx, None).await)
        .await
        .unwrap();
    let grounds = Grounds::default();
    let question = Question {
        actor: &actor,
        now,
        as_of: None,
        lang: Lang::Id,
        snapshot_at: None,
        kept: Some(Kept {
            grounds: &grounds,
            state: State::of_snapshot(&rows),
        }),
    };
    let iku1 = "paringin-iku-1".parse().unwrap();
    let one = async || {
        overheard(&world, async |c| {
            realisations::one(c, question, &iku1, "2025".parse().unwrap()).await
        })
        .await
        .1
    };
    assert_eq!(one().await.len(), 1 + 5, "the first reads the ground");
    let again = one().await;
    assert_eq!(again.len(), 1, "{again:?}");
    assert!(again[0].contains("survey_tally"));
    let filter = serde_json::from_value(json!({"period": "2025"})).unwrap();
    let all = async || {
        overheard(&world, async |c| {
            realisations::all(c, question, &filter, &Default::default()).await
        })
        .await
    };
    let sheet = all().await;
    assert_eq!(sheet.0.items.len(), 5);
    assert!(sheet.1.len() <= 6, "{:?}", sheet.1);
    // Only the surveys are read again: they change with every answer.
    let again = all().await;
    assert_eq!(again.1.len(), 1, "{:?}", again.1);
    assert_eq!(json!(again.0), json!(sheet.0));
}

#[apply(both_databases)]
async fn an_instant_that_is_not_settled_waits_for_the_write_that_is_running(backend: Backend) {
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
