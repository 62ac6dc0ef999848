//! Verify, recount, backup and restore as an operator meets them, on SQLite.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use iku::platform::db::{Db, Reader, stamps};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PASSWORD, Running, folder, run, text};
use crate::upkeep::{answer, bare, questions};

const SETTINGS: [(&str, &str); 1] = [("IKU_ADMIN_PASSWORD", PASSWORD)];

fn demonstration() -> TempDir {
    let folder = folder();
    good(&run(folder.path(), &SETTINGS, &["demo"]));
    folder
}

#[track_caller]
fn good(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The one sentence of a command that could not.
#[track_caller]
fn bad(output: &Output) -> String {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("iku: ") && said.lines().count() == 1, "{said}");
    said
}

fn sql(folder: &Path, statement: &str) {
    let url = format!("sqlite://{}", folder.join("iku.db").display());
    actix_web::rt::System::new().block_on(async {
        let db = Db::open(&url).await.unwrap();
        db.connection().execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    });
}

/// Every file and its bytes, but the lock.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|e| e.path().is_file() && !e.file_name().to_str().unwrap().ends_with(".lock"));
    files
        .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
        .collect()
}

impl Running {
    fn ask(&self, token: &str, path: &str) -> (u16, String, Value) {
        let request = self
            .agent
            .get(self.url(path))
            .header("authorization", format!("Bearer {token}"));
        let mut reply = request.call().unwrap();
        let tag = reply
            .headers()
            .get("etag")
            .map_or("", |tag| tag.to_str().unwrap())
            .to_owned();
        let body = reply.body_mut().read_to_string().unwrap();
        (
            reply.status().as_u16(),
            tag,
            serde_json::from_str(&body).unwrap_or_default(),
        )
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> u16 {
        let request = self
            .agent
            .post(self.url(path))
            .header("authorization", format!("Bearer {token}"));
        let reply = request
            .header("content-type", "application/json")
            .send(body.to_string())
            .unwrap();
        reply.status().as_u16()
    }

    /// Where the answers of a survey of 2025 go that is open again.
    fn open_survey(&self, token: &str) -> String {
        let (_, _, surveys) = self.ask(token, "/v1/surveys");
        let surveys = surveys["items"].as_array().unwrap();
        let survey = surveys
            .iter()
            .find(|s| s["ends_on"].as_str().unwrap().starts_with("2025"))
            .unwrap();
        let path = format!("/v1/surveys/{}", survey["id"].as_str().unwrap());
        let request = self
            .agent
            .patch(self.url(&path))
            .header("authorization", format!("Bearer {token}"));
        let request = request
            .header("if-match", "*")
            .header("content-type", "application/merge-patch+json");
        let reply = request.send(json!({"status": "open"}).to_string()).unwrap();
        assert_eq!(reply.status(), 200);
        format!("{path}/responses")
    }
}

#[test]
fn verify_answers_in_exit_codes_and_lines() {
    let folder = demonstration();
    let folder = folder.path();
    let service = Running::start(folder, &SETTINGS);
    let sound = good(&run(folder, &[], &["verify"]));
    assert!(
        sound.contains("integrity_check") && sound.ends_with("The database is sound.\n"),
        "{sound}"
    );
    assert!(good(&run(folder, &[], &["verify", "--quick"])).contains("quick_check"));
    let refused = bad(&run(folder, &[], &["recount"]));
    assert!(refused.contains("in use by another iku process"), "{refused}");
    service.stop();
    let before = files(folder);
    good(&run(folder, &[], &["verify"]));
    assert_eq!(files(folder), before, "it only reads");

    sql(
        folder,
        "UPDATE survey_tally SET sum_waktu = sum_waktu + 1, respondents = 0",
    );
    let differs = run(folder, &[], &["verify"]);
    let lines = text(&differs.stdout);
    assert_eq!(
        lines
            .lines()
            .filter(|l| l.starts_with("differs  tallies: survey "))
            .count(),
        8,
        "{lines}"
    );
    assert!(bad(&differs).contains("8 differences were found"));
    let recounted = good(&run(folder, &[], &["recount"]));
    assert!(
        recounted.contains(": respondents 0 -> 120, 2 figures changed\n"),
        "{recounted}"
    );
    assert!(recounted.ends_with("4 surveys, 4 tallies changed.\n"), "{recounted}");
    good(&run(folder, &[], &["verify"]));

    for url in ["sqlite://none.db", "sqlite://.", "postgres://iku@127.0.0.1:1/iku"] {
        let away = run(folder, &[("IKU_DATABASE_URL", url)], &["verify"]);
        assert_eq!(away.status.code(), Some(3), "{url}: {}", text(&away.stderr));
        assert_eq!(
            run(folder, &[("IKU_DATABASE_URL", "x")], &["verify"]).status.code(),
            Some(3)
        );
    }
    bad(&run(folder, &[("IKU_DATABASE_URL", "sqlite://none.db")], &["recount"]));
    assert!(!folder.join("none.db").exists());
}

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

#[test]
fn a_backup_overwrites_nothing() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "a"]));
    fs::create_dir(folder.join("sub")).unwrap();
    fs::write(folder.join("notes"), "mine").unwrap();
    let before = files(folder);
    for (file, said) in [
        ("a", "a exists already"),
        ("notes", "notes exists already"),
        ("iku.db", "belongs to the database itself"),
        ("./sub/../iku.db", "belongs to the database itself"),
        ("sub", "sub is a folder"),
        ("none/a", "none/a cannot be written"),
    ] {
        let refused = bad(&run(folder, &[], &["backup", file]));
        assert!(refused.contains(said), "{refused}");
    }
    let own = bad(&run(folder, &[], &["backup", "--force", "iku.db"]));
    assert!(own.contains("belongs to the database itself"), "{own}");
    let full = bad(&on_a_full_disk(folder, "backup b"));
    assert!(full.contains("The backup cannot be written"), "{full}");
    assert_eq!(files(folder), before);
    good(&run(folder, &[], &["backup", "--force", "notes"]));
    assert!(files(folder)["notes"].starts_with(b"SQLite format 3"));
}

#[test]
fn what_is_no_sound_backup_changes_nothing() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "good"]));
    let good_bytes = fs::read(folder.join("good")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("empty", b"");
    write("text", b"not a database");
    write("cut", &good_bytes[..good_bytes.len() / 2]);
    write("used", &good_bytes);
    write("used-wal", b"something");
    let mut holes = good_bytes.clone();
    let middle = holes.len() / 2 / 4096 * 4096;
    holes[middle..middle + 3 * 4096].fill(0x55);
    write("holes", &holes);
    fs::create_dir(folder.join("sub")).unwrap();
    for (name, statement) in [
        ("tallies", "UPDATE survey_tally SET n_waktu = 0"),
        (
            "newer",
            "INSERT INTO seaql_migrations VALUES ('m20990101_000001_next', 0)",
        ),
        ("another", "DELETE FROM seaql_migrations"),
        ("orphans", "PRAGMA foreign_keys = OFF; DELETE FROM district"),
    ] {
        let aside = tempfile::tempdir_in(folder).unwrap();
        fs::write(aside.path().join("iku.db"), &good_bytes).unwrap();
        sql(aside.path(), statement);
        fs::copy(aside.path().join("iku.db"), folder.join(name)).unwrap();
    }
    let before = files(folder);
    for (name, said) in [
        ("none", "none cannot be read"),
        ("sub", "sub is not a file"),
        ("iku.db", "belongs to the database itself"),
        ("empty", "empty is not a SQLite database"),
        ("text", "text is not a SQLite database"),
        ("cut", "cut is not whole"),
        ("used", "used is a copy of a database in use"),
        ("holes", "holes is damaged"),
        ("tallies", "tallies contradicts itself: tallies: survey "),
        (
            "newer",
            "it was made by a newer version of iku (this one does not know m20990101_000001_next)",
        ),
        ("another", "it is not a database of iku"),
        ("orphans", "refer to a row of district that is not there"),
    ] {
        let refused = bad(&run(folder, &[], &["restore", name]));
        assert!(refused.contains(said), "{name}: {refused}");
        assert_eq!(files(folder), before, "{name}");
    }
    let full = bad(&on_a_full_disk(folder, "restore good"));
    assert!(full.contains("good cannot be copied to iku.db.restoring"), "{full}");
    assert_eq!(files(folder), before);
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

/// On a disk that takes no file beyond 200 blocks.
fn on_a_full_disk(folder: &Path, arguments: &str) -> Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f 200; exec {} {arguments}",
        env!("CARGO_BIN_EXE_iku")
    );
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IKU_")) {
        shell.env_remove(name);
    }
    shell.args(["-c", &script]).current_dir(folder).output().unwrap()
}
