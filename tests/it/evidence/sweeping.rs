//! What broken uploads leave behind goes away, and nothing else.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use iku::evidence::store::make_folder;
use iku::evidence::sweep::sweep;
use iku::maintenance::checks::{Depth, Findings, evidence};
use iku::platform::fingerprint::sha256_hex;
use sea_orm::ConnectionTrait;

use super::{PDF, pdf, send, stored};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

async fn faults(world: &World, depth: Depth) -> Vec<String> {
    let mut findings = Findings::default();
    let folder = world.service.evidence.folder();
    let checked = world.service.db.snapshot(async |tx| {
        evidence::check(tx, &mut findings).await?;
        evidence::files(tx, folder, depth, &mut findings).await
    });
    checked.await.unwrap();
    findings.errors
}

#[apply(both_databases)]
async fn orphans_of_yesterday_are_removed(backend: Backend) {
    let world = World::on(backend).await;
    let (db, store) = (&world.service.db, &world.service.evidence);
    // Without a folder there is nothing to do.
    assert_eq!(sweep(db, store).await.unwrap(), 0);
    let bytes = pdf("recorded");
    send(&world.officer(&[]), PDF, &bytes).await.status(201);
    let (recorded, orphan, young) = (sha256_hex(&bytes), sha256_hex(b"old"), sha256_hex(b"young"));
    let age = |name: &str, hours: u64| {
        let path = store.folder().join(name);
        if !path.exists() {
            fs::write(&path, "bytes").unwrap();
        }
        let then = SystemTime::now() - Duration::from_secs(hours * 3600);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(then)
            .unwrap();
    };
    age(&recorded, 100);
    age(&orphan, 25);
    age(&format!("{orphan}#1"), 25);
    age(&format!("{orphan}#2"), 23);
    age(&young, 23);
    age("README", 100);
    age("x#1", 100);
    assert_eq!(sweep(db, store).await.unwrap(), 2);
    let mut left = vec![
        "README".to_owned(),
        "x#1".to_owned(),
        recorded,
        young,
        format!("{orphan}#2"),
    ];
    left.sort();
    assert_eq!(stored(&world), left);
    assert_eq!(sweep(db, store).await.unwrap(), 0);
    assert_eq!(faults(&world, Depth::Full).await, [""; 0]);
}

#[apply(both_databases)]
async fn verify_names_what_is_missing_or_changed(backend: Backend) {
    let world = World::on(backend).await;
    let kasi = world.officer(&[]);
    let bytes = pdf("a");
    send(&kasi, PDF, &bytes).await.status(201);
    send(&kasi, PDF, &pdf("b")).await.status(201);
    let file = world.service.evidence.folder().join(sha256_hex(&bytes));
    let named = |fault: &str| [format!("evidence: {} {fault}", file.display())];
    let mut changed = bytes.clone();
    changed[12] ^= 1;
    fs::write(&file, &changed).unwrap();
    assert_eq!(faults(&world, Depth::Full).await, named("has other bytes than it had"));
    assert_eq!(faults(&world, Depth::Quick).await, [""; 0]);
    changed.push(0);
    fs::write(&file, &changed).unwrap();
    assert_eq!(faults(&world, Depth::Quick).await, named("has other bytes than it had"));
    fs::remove_file(&file).unwrap();
    assert_eq!(faults(&world, Depth::Quick).await, named("is missing"));
    fs::write(&file, &bytes).unwrap();
    assert_eq!(faults(&world, Depth::Full).await, [""; 0]);
}

/// After a restore the files that came later have no row. They belong to the former database, to which the office may go back.
#[apply(both_databases)]
async fn files_of_the_former_database_stay(backend: Backend) {
    let world = World::on(backend).await;
    let (db, store) = (&world.service.db, &world.service.evidence);
    db.write(async |tx| iku::maintenance::history::note_restored(tx).await)
        .await
        .unwrap();
    make_folder(store.folder()).unwrap();
    let old = sha256_hex(b"old");
    let path = store.folder().join(&old);
    fs::write(&path, "bytes").unwrap();
    let then = SystemTime::now() - Duration::from_secs(25 * 3600);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
    assert_eq!(sweep(db, store).await.unwrap(), 0);
    assert_eq!(stored(&world), [old]);
}

/// A row that the service did not write has no event. The triggers must be removed first.
#[apply(both_databases)]
async fn verify_names_a_changed_row(backend: Backend) {
    let world = World::on(backend).await;
    send(&world.officer(&[]), PDF, &pdf("a")).await.status(201);
    send(&world.admin(), PDF, &pdf("a")).await.status(201);
    let db = &world.service.db;
    let run = async |sql: &str| db.connection().execute_unprepared(sql).await;
    assert!(run("UPDATE evidence SET bytes = bytes + 1").await.is_err());
    assert!(run("DELETE FROM evidence").await.is_err());
    match backend {
        Backend::Sqlite => {
            run("DROP TRIGGER evidence_no_UPDATE").await.unwrap();
            run("DROP TRIGGER evidence_no_DELETE").await.unwrap();
        }
        Backend::Postgres => drop(run("DROP TRIGGER evidence_append_only ON evidence").await.unwrap()),
    }
    let hash = sha256_hex(&pdf("a"));
    run("UPDATE evidence SET media_type = 'image/png' WHERE district_code = ''")
        .await
        .unwrap();
    assert_eq!(
        faults(&world, Depth::Full).await,
        [format!("evidence: {hash} was changed after it was recorded")]
    );
    run("UPDATE evidence SET media_type = 'application/pdf', district_code = '63.11.01' WHERE district_code = ''")
        .await
        .unwrap();
    let unknown = format!("evidence: {hash} has no event; it was not written by the service");
    assert_eq!(faults(&world, Depth::Full).await, [unknown]);
    run("DELETE FROM evidence WHERE district_code = '63.11.01'")
        .await
        .unwrap();
    assert_eq!(faults(&world, Depth::Full).await, ["evidence: 1 recorded file removed"]);
}
