//! The chains under load, and what the service refuses.

use entity::journal::{Column as C, Entity as Journal};
use entity::report;
use futures_util::future::join_all;
use iku::access::auth::rotation;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::{disarm, findings, sql};
use crate::demo::demonstration;
use crate::maintenance::answer;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn many_writers_make_one_chain(backend: Backend) {
    let world = demonstration(backend).await;
    let second = world.neighbour().await;
    let second = second.as_ref().unwrap_or(&world);
    let survey = iku::demo::open_survey();
    let writers = (0..64).map(|n| {
        let (world, survey) = (if n % 2 == 0 { &world } else { second }, survey);
        async move {
            let admin = world.admin();
            let posted = admin.post(&format!("/v1/surveys/{survey}/responses"), answer()).await;
            posted.status(201);
            if n % 8 == 0 {
                let year = json!({
                    "name": format!("Orang {n}"), "username": format!("orang.{n}"), "role": "auditor",
                    "password": "kata sandi panjang sekali", "district_code": PARINGIN,
                });
                admin.post("/v1/users", year).await.status(201);
            }
        }
    });
    join_all(writers).await;
    assert_eq!(findings(&world.service.db).await, [""; 0]);
    let events = Journal::find()
        .filter(C::Chain.eq(PARINGIN))
        .order_by_asc(C::Seq)
        .all(world.service.db.connection())
        .await
        .unwrap();
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    let received: i64 = events
        .iter()
        .filter(|event| event.action == "received" && event.key == survey.to_string() && event.resource == "response")
        .filter_map(|event| event.count)
        .sum();
    let listed = world.admin().all(&format!("/v1/surveys/{survey}/responses")).await;
    assert_eq!(usize::try_from(received).unwrap(), listed.len());
}

/// `iku keys` rotates the keys beside the running service, also on SQLite.
#[apply(both_databases)]
async fn a_service_goes_on_with_its_chain_after_another_process(backend: Backend) {
    let world = World::on(backend).await;
    let beside = world.second_instance().await.service.db;
    let auditor = async |username: &str| {
        let user = json!({
            "name": "Orang", "username": username, "role": "auditor", "password": "kata sandi panjang sekali",
        });
        world.admin().post("/v1/users", user).await.status(201);
    };
    auditor("orang.satu").await;
    beside
        .write(async |tx| rotation::rotate(tx, tx.clock().now()).await)
        .await
        .unwrap();
    auditor("orang.dua").await;
    assert_eq!(findings(&world.service.db).await, [""; 0]);
}

#[apply(both_databases)]
async fn database_refuses_to_change_the_journal(backend: Backend) {
    let world = World::on(backend).await;
    let db = &world.service.db;
    for statement in ["UPDATE journal SET actor = 'x'", "DELETE FROM journal"] {
        let refused = db.connection().execute_unprepared(statement).await;
        assert!(refused.unwrap_err().to_string().contains("journal is append-only"));
    }
    assert_eq!(findings(db).await, [""; 0]);
}

#[apply(both_databases)]
async fn changed_and_removed_and_exchanged_events_are_named(backend: Backend) {
    let world = World::on(backend).await;
    let db = &world.service.db;
    disarm(db, backend).await;
    let columns = [
        ("actor", "actor || 'x'"),
        ("action", "'deleted'"),
        ("key", "key || 'x'"),
        ("reason", "'x'"),
        ("details", "'{}'"),
        ("count", "7"),
        ("from_year", "1999"),
        ("client_id", "'x'"),
        ("version", "9"),
    ];
    sql(db, "CREATE TABLE copy AS SELECT * FROM journal").await;
    let restore = async || {
        sql(db, "DELETE FROM journal").await;
        sql(db, "INSERT INTO journal SELECT * FROM copy").await;
    };
    for (column, value) in columns {
        sql(
            db,
            &format!("UPDATE journal SET {column} = {value} WHERE chain = '{PARINGIN}' AND seq = 5"),
        )
        .await;
        let found = findings(db).await;
        let named = format!("journal: chain {PARINGIN}: event 5 (");
        assert!(found[0].starts_with(&named), "{column}: {found:#?}");
        restore().await;
    }
    sql(
        db,
        &format!("DELETE FROM journal WHERE chain = '{PARINGIN}' AND seq = 5"),
    )
    .await;
    let found = findings(db).await;
    assert_eq!(found[0], format!("journal: chain {PARINGIN}: event 5 is missing"));
    assert!(
        found[1].contains("has no event; it was not written by the service"),
        "{found:#?}"
    );
    restore().await;
    let of = |seq: i32| format!("WHERE chain = '{PARINGIN}' AND seq = {seq}");
    for (from, to) in [(5, 9999), (6, 5), (9999, 6)] {
        sql(db, &format!("UPDATE journal SET seq = {to} {}", of(from))).await;
    }
    assert!(findings(db).await[0].contains("event 5 ("));
    restore().await;
    assert_eq!(findings(db).await, [""; 0]);
    // The end of a chain can be cut unseen, but for its records. A closing holds the hash of the end.
    let last = format!("(SELECT max(seq) FROM copy WHERE chain = '{PARINGIN}')");
    sql(
        db,
        &format!("DELETE FROM journal WHERE chain = '{PARINGIN}' AND seq = {last}"),
    )
    .await;
    let found = findings(db).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("has no event"), "{found:#?}");
}

/// Debug builds check every transaction, so every test of the suite does.
#[apply(both_databases)]
async fn a_silent_change_is_an_error(backend: Backend) {
    let world = demonstration(backend).await;
    let silent = world.service.db.write(async |tx| {
        let change = report::Entity::update_many().col_expr(report::Column::Note, Expr::value("diam-diam"));
        Ok(change.exec(tx).await?)
    });
    let error = silent.await.unwrap_err();
    assert_eq!(error.code, iku::platform::error::Code::Internal);
    let noted = report::Entity::find().filter(report::Column::Note.eq("diam-diam"));
    assert_eq!(noted.all(world.service.db.connection()).await.unwrap(), []);
}

#[apply(both_databases)]
async fn a_refused_change_leaves_no_event(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let before = admin.all("/v1/audit-events").await.len();
    admin
        .delete(&format!("/v1/reports/{}", Uuid::new_v4()), "*")
        .await
        .status(404);
    admin.post("/v1/reports", json!({})).await.status(400);
    assert_eq!(admin.all("/v1/audit-events").await.len(), before);
}
