//! The restore command on SQLite: every value comes back, and a database in use is never replaced.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use iku::platform::db::{Reader, stamps};
use serde_json::Value;

use super::maintenance::{SETTINGS, bad, demonstration, files, good};
use crate::maintenance::{answer, bare, questions};
use crate::support::process::{Running, folder, run};

/// The backup runs while answers come in, so its own instant decides which of them it has.
#[test]
fn restore_brings_back_every_value_of_the_backup() {
    let folder = demonstration();
    let folder = folder.path();
    let service = Running::start(folder, &SETTINGS);
    let token = service.token();
    let responses = service.open_survey(&token);
    let before = back_up_while_answers_come_in(folder, &service, &token, &responses);
    let as_of = newest_change(&folder.join("iku.backup"));
    let then: Vec<Value> = questions()
        .iter()
        .map(|path| service.ask(&token, &format!("{path}?as_of={as_of}")))
        .map(|(status, _, answer)| (status == 200).then_some(answer).unwrap())
        .collect();
    let value = "/v1/indicators/paringin-iku-1/realisations/2025";
    let (_, etag_of_later, later) = service.ask(&token, value);

    // The process is killed and the file is damaged; the journal is still there.
    drop(service);
    assert!(folder.join("iku.db-wal").exists());
    let mut damaged = fs::read(folder.join("iku.db")).unwrap();
    damaged[..8192].fill(0x2a);
    fs::write(folder.join("iku.db"), damaged).unwrap();
    let output = good(&run(folder, &[], &["restore", "iku.backup"]));
    assert!(
        output.contains("The former database is iku.db.before-restore-"),
        "{output}"
    );
    good(&run(folder, &[], &["verify"]));

    let service = Running::start(folder, &SETTINGS);
    let token = service.token();
    for (path, then) in questions().iter().zip(then) {
        let (status, _, now) = service.ask(&token, path);
        assert_eq!((status, bare(now)), (200, bare(then)), "{path}");
    }
    for id in &before {
        let (status, ..) = service.ask(&token, &format!("{responses}/{id}"));
        assert_eq!(status, 200, "acknowledged before the backup: {id}");
    }
    let (_, etag, now) = service.ask(&token, value);
    assert!(etag != etag_of_later && now != later);
    service.stop();
}

/// Backs up while three clients send answers; returns the ids that were acknowledged before the backup began.
fn back_up_while_answers_come_in(folder: &Path, service: &Running, token: &str, responses: &str) -> Vec<String> {
    let acknowledged = Mutex::new(Vec::new());
    let is_enough = AtomicBool::new(false);
    let send_answers = || {
        while !is_enough.load(Ordering::SeqCst) {
            let answer = answer();
            assert_eq!(service.post(token, responses, &answer), 201);
            let id = answer["id"].as_str().unwrap().to_owned();
            acknowledged.lock().unwrap().push(id);
        }
    };
    let wait_for_more = || {
        let count = || acknowledged.lock().unwrap().len();
        let from = count();
        while count() < from + 20 {
            std::thread::yield_now();
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(send_answers);
        }
        wait_for_more();
        let before = acknowledged.lock().unwrap().clone();
        let backup = run(folder, &[], &["backup", "iku.backup"]);
        wait_for_more();
        is_enough.store(true, Ordering::SeqCst);
        let output = good(&backup);
        assert!(
            output.starts_with("iku.backup: ") && output.contains("verified"),
            "{output}"
        );
        before
    })
}

/// Returns the instant of the last change in a database file.
fn newest_change(file: &Path) -> String {
    let newest = actix_web::rt::System::new().block_on(async {
        let reader = Reader::open_file(file).await.unwrap();
        let newest = reader.read(async |tx| stamps::latest(tx, None).await).await.unwrap();
        reader.close().await;
        newest
    });
    newest.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Restore migrates a backup of an earlier version to the current schema.
#[test]
fn restore_migrates_a_backup_with_an_older_schema() {
    let folder = folder();
    let folder = folder.path();
    Running::start(folder, &SETTINGS).stop();
    // The demonstration has records in the table of the last migration. These have none.
    let sheet = "village_code;kind;fiscal_year;delivered_on\n63.11.06.2005;lppd;2024;2025-03-14\n";
    fs::write(folder.join("reports.csv"), sheet).unwrap();
    good(&run(folder, &[], &["import", "reports", "reports.csv"]));
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
fn restore_refuses_a_database_in_use() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "good"]));
    let service = Running::start(folder, &SETTINGS);
    let refused = bad(&run(folder, &[], &["restore", "good"]));
    assert!(refused.contains("in use by another iku process"), "{refused}");
    service.stop();
    // A program that ignores the lock file would write its journal into the new database.
    let url = format!("sqlite://{}", folder.join("iku.db").display());
    let system = actix_web::rt::System::new();
    let other = system.block_on(Reader::open(&url)).unwrap();
    let refused = bad(&run(folder, &[], &["restore", "good"]));
    assert!(refused.contains("iku.db is open in another program"), "{refused}");
    system.block_on(other.close());
}

#[test]
fn restore_sets_the_former_database_aside() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "good"]));
    // Files of an interrupted restore are no obstacle.
    for leftover in ["iku.db.restoring", "iku.db.restoring-wal", "iku.db.restoring-shm"] {
        fs::write(folder.join(leftover), "half").unwrap();
    }
    let former = fs::read(folder.join("iku.db")).unwrap();
    good(&run(folder, &[], &["restore", "good"]));
    let names: Vec<String> = files(folder).into_keys().collect();
    assert_eq!(names.len(), 3 + usize::from(folder.join("log").exists()), "{names:?}");
    let is_aside = |name: &&String| name.starts_with("iku.db.before-restore-");
    let aside = names.iter().find(is_aside).unwrap();
    assert_eq!(fs::read(folder.join(aside)).unwrap().len(), former.len());
    // It can be restored in the same way.
    good(&run(folder, &[], &["restore", aside]));
    good(&run(folder, &[], &["verify"]));

    // Without a database there is nothing to set aside.
    fs::remove_file(folder.join("iku.db")).unwrap();
    let output = good(&run(folder, &[], &["restore", "good"]));
    assert!(!output.contains("former"), "{output}");
    good(&run(folder, &[], &["verify"]));
}
