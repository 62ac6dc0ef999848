//! Restore as an operator meets it, on SQLite: every value comes back, and nothing is replaced that is in use.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use iku::platform::db::{Reader, stamps};
use serde_json::Value;

use super::maintenance::{SETTINGS, bad, demonstration, files, good};
use crate::maintenance::{answer, bare, questions};
use crate::support::process::{Running, run};

/// Back up while answers come in, lose the database, restore: every value is what it was at the backup's instant.
#[test]
fn a_restore_brings_every_value_back() {
    let folder = demonstration();
    let folder = folder.path();
    let service = Running::start(folder, &SETTINGS);
    let token = service.token();
    let responses = service.open_survey(&token);
    let (acknowledged, enough) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let count = AtomicUsize::new(0);
    let wait_for_more = || {
        let from = count.load(Ordering::SeqCst);
        while count.load(Ordering::SeqCst) < from + 20 {
            std::thread::yield_now();
        }
    };
    let before = std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                while !enough.load(Ordering::SeqCst) {
                    let answer = answer();
                    assert_eq!(service.post(&token, &responses, &answer), 201);
                    acknowledged
                        .lock()
                        .unwrap()
                        .push(answer["id"].as_str().unwrap().to_owned());
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for_more();
        let before = acknowledged.lock().unwrap().clone();
        let made = run(folder, &[], &["backup", "iku.backup"]);
        wait_for_more();
        enough.store(true, Ordering::SeqCst);
        let said = good(&made);
        assert!(said.starts_with("iku.backup: ") && said.contains("verified"), "{said}");
        before
    });
    let newest = actix_web::rt::System::new().block_on(async {
        let reader = Reader::open_file(&folder.join("iku.backup")).await.unwrap();
        let newest = reader.read(async |tx| stamps::latest(tx, None).await).await.unwrap();
        reader.close().await;
        newest
    });
    let as_of = format!("?as_of={}", newest.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    let then: Vec<Value> = questions()
        .iter()
        .map(|path| service.ask(&token, &format!("{path}{as_of}")))
        .map(|(status, _, answer)| (status == 200).then_some(answer).unwrap())
        .collect();
    let value = "/v1/indicators/paringin-iku-1/realisations/2025";
    let (_, tag, later) = service.ask(&token, value);

    // Killed, and its disk is rubbish; its journal is still there.
    drop(service);
    assert!(folder.join("iku.db-wal").exists());
    let mut rubbish = fs::read(folder.join("iku.db")).unwrap();
    rubbish[..8192].fill(0x2a);
    fs::write(folder.join("iku.db"), rubbish).unwrap();
    let said = good(&run(folder, &[], &["restore", "iku.backup"]));
    assert!(said.contains("The former database is iku.db.before-restore-"), "{said}");
    good(&run(folder, &[], &["verify"]));

    let service = Running::start(folder, &SETTINGS);
    let token = service.token();
    for (path, then) in questions().iter().zip(then) {
        let (status, _, now) = service.ask(&token, path);
        assert_eq!((status, bare(now)), (200, bare(then)), "{path}");
    }
    for id in &before {
        assert_eq!(
            service.ask(&token, &format!("{responses}/{id}")).0,
            200,
            "acknowledged before the backup: {id}"
        );
    }
    let (_, tag_now, now) = service.ask(&token, value);
    assert!(tag_now != tag && now != later);
    service.stop();
}

/// A backup of an earlier version is brought to this version's schema, with all that it holds.
#[test]
fn a_backup_with_an_older_schema_comes_back() {
    let folder = demonstration();
    let folder = folder.path();
    let ask = || {
        let service = Running::start(folder, &SETTINGS);
        let token = service.token();
        let answers = questions()
            .iter()
            .map(|path| service.ask(&token, path))
            .collect::<Vec<_>>();
        service.stop();
        answers
    };
    let then = ask();
    // The last step made a table that the demonstration leaves empty.
    good(&run(folder, &[], &["migrate", "--down", "1"]));
    good(&run(folder, &[], &["backup", "old.backup"]));
    fs::remove_file(folder.join("iku.db")).unwrap();
    good(&run(folder, &[], &["restore", "old.backup"]));
    good(&run(folder, &[], &["verify"]));
    for (path, (then, now)) in questions().iter().zip(then.into_iter().zip(ask())) {
        assert_eq!((now.0, bare(now.2)), (200, bare(then.2)), "{path}");
    }
}

#[test]
fn a_restore_replaces_only_what_nobody_uses() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "good"]));
    let service = Running::start(folder, &SETTINGS);
    let refused = bad(&run(folder, &[], &["restore", "good"]));
    assert!(refused.contains("in use by another iku process"), "{refused}");
    service.stop();
    // A program that knows no lock file would write its journal into the new database.
    let url = format!("sqlite://{}", folder.join("iku.db").display());
    let system = actix_web::rt::System::new();
    let other = system.block_on(Reader::open(&url)).unwrap();
    let refused = bad(&run(folder, &[], &["restore", "good"]));
    assert!(refused.contains("iku.db is open in another program"), "{refused}");
    system.block_on(other.close());

    // What an interrupted restore left is no hindrance.
    for leftover in ["iku.db.restoring", "iku.db.restoring-wal", "iku.db.restoring-shm"] {
        fs::write(folder.join(leftover), "half").unwrap();
    }
    let old = fs::read(folder.join("iku.db")).unwrap();
    good(&run(folder, &[], &["restore", "good"]));
    let names: Vec<String> = files(folder).into_keys().collect();
    assert_eq!(names.len(), 3 + usize::from(folder.join("log").exists()), "{names:?}");
    let aside = names
        .iter()
        .find(|name| name.starts_with("iku.db.before-restore-"))
        .unwrap();
    // It is the old database and can be put back the same way.
    assert_eq!(fs::read(folder.join(aside)).unwrap().len(), old.len());
    good(&run(folder, &[], &["restore", aside]));
    good(&run(folder, &[], &["verify"]));

    // Where no database is left, there is none to set aside.
    fs::remove_file(folder.join("iku.db")).unwrap();
    let said = good(&run(folder, &[], &["restore", "good"]));
    assert!(!said.contains("former"), "{said}");
    good(&run(folder, &[], &["verify"]));
}
