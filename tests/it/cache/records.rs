//! A record is read once, until its stream changes in its district. Who may see it is asked each time.

use entity::report;
use iku::access::Role;
use iku::platform::db::journal::Author;
use iku::platform::db::{Stream, stamps, versions};
use sea_orm::Condition;
use serde_json::json;

use super::NOW;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{BALANG, PARINGIN, World};

const VILLAGE: &str = "/v1/villages/63.11.06.2005";
const INDICATOR: &str = "/v1/indicators/paringin-iku-1";

/// Returns a world with a report, and the path of the report.
async fn world(backend: Backend) -> (World, String) {
    let world = World::on(backend).at(NOW).await;
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let report = world.admin().post("/v1/reports", report).await.status(201);
    let path = report.header("location").to_owned();
    (world, path)
}

#[apply(both_databases)]
async fn a_record_is_read_once_until_its_stream_changes(backend: Backend) {
    let (world, report) = world(backend).await;
    let (world, statements) = listening(&world, 0).await;
    let (admin, head) = (world.admin(), world.holder(Role::Head, Some(PARINGIN), &[]));
    let paths = [VILLAGE, INDICATOR, &report];
    for path in paths {
        let first = admin.get(path).await.status(200);
        assert!(!statements.take().is_empty(), "{path}");
        let again = head.get(path).await.status(200);
        // On PostgreSQL other instances write, and a stamp would cost the statement that it saves.
        assert_eq!(statements.take().is_empty(), backend == Backend::Sqlite, "{path}");
        assert_eq!((again.etag(), &again.json), (first.etag(), &first.json), "{path}");
        let known = head.with("if-none-match", &first.etag()).get(path).await;
        assert_eq!(known.status, 304, "{path}");
    }
    // Only the report is read again.
    admin
        .patch(&report, "*", json!({"status": "returned"}))
        .await
        .status(200);
    for path in paths {
        statements.take();
        admin.get(path).await.status(200);
        let is_read = path == report || backend == Backend::Postgres;
        assert_eq!(!statements.take().is_empty(), is_read, "{path}");
    }
}

#[apply(both_databases)]
async fn a_record_in_memory_is_never_out_of_date(backend: Backend) {
    let (world, report) = world(backend).await;
    let admin = world.admin();
    let status = async || admin.get(&report).await.status(200).json["status"].clone();
    let before = status().await;
    assert_eq!(before, status().await);
    admin
        .patch(&report, "*", json!({"status": "returned"}))
        .await
        .status(200);
    assert_eq!(status().await, "returned");
    admin.delete(&report, "*").await.status(204);
    admin.get(&report).await.status(404);
    admin
        .post(&format!("{report}/restorations"), json!({"reason": "Keliru dihapus"}))
        .await
        .status(200);
    assert_eq!(status().await, "returned");

    // The flag of a village comes from another village.
    let flags = async || admin.get(VILLAGE).await.status(200).json["flags"].clone();
    assert_eq!((flags().await, flags().await), (json!([]), json!([])));
    let name = admin.get(VILLAGE).await.json["name"].clone();
    let twin = json!({
        "code": "63.11.06.2099", "district_code": PARINGIN, "kind": "desa", "name": name, "reason": "Terlewat",
    });
    admin.post("/v1/villages", twin).await.status(201);
    assert_eq!(flags().await, json!(["same_name"]));
}

#[apply(both_databases)]
async fn who_may_see_a_record_is_asked_each_time(backend: Backend) {
    let (world, report) = world(backend).await;
    let stranger = world.stranger();
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    for path in [VILLAGE, INDICATOR, &report] {
        world.admin().get(path).await.status(200);
        stranger.get(path).await.status(404);
    }
    phone.get(&report).await.status(403);
}

/// A cache would not notice such a version. This is what every other test would report.
#[apply(both_databases)]
#[should_panic(expected = "its stream was not stamped")]
async fn a_version_without_a_stamp_of_its_stream_is_a_fault(backend: Backend) {
    let (world, _) = world(backend).await;
    let write = world.service.db.write(async |tx| {
        let seen = versions::find::<report::Entity>(tx, Condition::all(), None).await?;
        let seen = seen.unwrap();
        let stamp = stamps::stamp(tx, &[PARINGIN], Stream::Cases).await?;
        versions::remove::<report::Entity>(tx, &Author::service("test"), stamp, &seen, "Uji".to_owned()).await
    });
    write.await.unwrap();
}
