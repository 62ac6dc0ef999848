//! Bounds: of the file, its rows and its columns; and what an interruption leaves.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{apply_all, counts, dry_run, send};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

/// Institutions of many villages.
fn institutions(rows: usize) -> String {
    let mut csv = "village_code,kind,name,decree_number,issued_on,starts_on\n".to_owned();
    for row in 0..rows {
        let village = 2005 + row % 5;
        csv += &format!(
            "63.11.06.{village},rt,RT {},141/{row},2023-06-20,2023-07-01\n",
            row / 5 + 1
        );
    }
    csv
}

#[apply(both_databases)]
async fn too_large_files_are_refused(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    for (csv, status, code) in [
        ("x".repeat(2 * 1024 * 1024 + 1), 413, "body_too_large"),
        (institutions(5_001), 422, "too_expensive"),
        (format!("a\n{}", ",".repeat(1_000_000)), 422, "too_expensive"),
        (format!("village_code\n{}", "x".repeat(200_000)), 422, "too_expensive"),
        (String::new(), 400, "bad_request"),
    ] {
        send(&admin, "institutions", "apply", csv).await.problem(status, code);
    }
    let path = "/v1/imports?resource=institutions&mode=apply";
    for (media, status, code) in [
        ("application/json", 415, "unsupported_media_type"),
        ("text/plain", 415, "unsupported_media_type"),
    ] {
        let reply = admin
            .send("POST", path, media, b"{}".to_vec())
            .await
            .problem(status, code);
        assert!(reply.header("accept-post").starts_with("text/csv, application/vnd"));
    }
    let bytes = b"village_code\n\xff\xfe".to_vec();
    admin
        .send("POST", path, "text/csv", bytes)
        .await
        .problem(400, "bad_request");
    admin
        .with("content-encoding", "gzip")
        .send("POST", path, "text/csv", Vec::from("x"))
        .await
        .problem(415, "unsupported_content_encoding");
    assert_eq!(admin.all("/v1/institutions").await.len(), 0);
}

#[apply(both_databases)]
async fn five_thousand_rows_take_seconds(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let csv = institutions(5_000);
    let started = Instant::now();
    assert_eq!(
        counts(&apply_all(&admin, "institutions", &*csv).await),
        [5_000, 0, 0, 0]
    );
    let created = started.elapsed();
    let started = Instant::now();
    assert_eq!(counts(&dry_run(&admin, "institutions", csv).await), [0, 5_000, 0, 0]);
    let compared = started.elapsed();
    println!("5,000 rows: created in {created:?}, compared in {compared:?}");
}

/// A caller who goes away in the middle leaves nothing.
#[apply(both_databases)]
async fn an_interrupted_import_leaves_nothing(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    let csv = institutions(2_000);
    for milliseconds in [60, 250] {
        let import = send(&admin, "institutions", "apply", csv.clone());
        let interrupted = timeout(Duration::from_millis(milliseconds), import).await;
        assert!(interrupted.is_err(), "the import was faster");
        assert_eq!(admin.all("/v1/institutions").await.len(), 0);
    }
    let small = institutions(3);
    assert_eq!(counts(&apply_all(&admin, "institutions", small).await), [3, 0, 0, 0]);
}
