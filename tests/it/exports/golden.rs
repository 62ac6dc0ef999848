//! The exports of the demonstration, compared with files. `IKU_WRITE_EXAMPLES=1 cargo test --test it -- exports::golden` writes
//! them again.

use std::fs;

use uuid::Uuid;

use super::{BOTH_FORMS, path, text};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

/// The lines of a register in its file.
const LINES: usize = 6;

/// Events and decrees of the demonstration get new ids each time.
fn without_ids(csv: &str) -> String {
    let parts = csv.split('"').map(|part| match Uuid::try_parse(part) {
        Ok(_) => "[id]",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join("\"")
}

#[apply(both_databases)]
async fn every_csv_is_as_its_file(backend: Backend) {
    let world = World::on(backend).at("2026-02-02T09:00:00+08:00").await;
    let contract = iku::app::contract().unwrap();
    iku::demo::fill(&world.service.db, contract).await.unwrap();
    let admin = world.admin();
    for table in BOTH_FORMS {
        let reply = admin.get(&path(&admin, table, "csv").await).await.status(200);
        let whole = text(&reply);
        let lines: String = whole.split_inclusive("\r\n").take(LINES).collect();
        let lines = without_ids(&lines);
        let file = format!("{}/tests/it/exports/golden/{table}.csv", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("IKU_WRITE_EXAMPLES").is_some() {
            fs::write(&file, &lines).unwrap();
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        assert!(known == lines, "{file} is not what the service writes:\n{lines}");
    }
}
