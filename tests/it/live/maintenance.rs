//! The commands verify, recount and backup on SQLite.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use iku::platform::db::Db;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{PASSWORD, Running, folder, run, text};

pub const SETTINGS: [(&str, &str); 1] = [("IKU_ADMIN_PASSWORD", PASSWORD)];

pub fn demonstration() -> TempDir {
    let folder = folder();
    good(&run(folder.path(), &SETTINGS, &["demo"]));
    folder
}

#[track_caller]
pub fn good(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Returns the one sentence of a command that failed.
#[track_caller]
pub fn bad(output: &Output) -> String {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.starts_with("iku: ") && error.lines().count() == 1, "{error}");
    error
}

fn sql(folder: &Path, statement: &str) {
    let url = format!("sqlite://{}", folder.join("iku.db").display());
    actix_web::rt::System::new().block_on(async {
        let db = Db::open(&url).await.unwrap();
        db.connection().execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    });
}

/// Returns every file with its bytes, without the lock.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|e| e.path().is_file() && !e.file_name().to_str().unwrap().ends_with(".lock"));
    files
        .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
        .collect()
}

impl Running {
    pub fn ask(&self, token: &str, path: &str) -> (u16, String, Value) {
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

    pub fn post(&self, token: &str, path: &str, body: &Value) -> u16 {
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

    /// Opens a survey of 2025 again; returns the path of its answers.
    pub fn open_survey(&self, token: &str) -> String {
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
        let again = json!({"status": "open", "reason": "Uji"});
        let reply = request.send(again.to_string()).unwrap();
        assert_eq!(reply.status(), 200);
        format!("{path}/responses")
    }
}

#[test]
fn verify_reads_a_sound_database_beside_the_service() {
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
    assert_eq!(files(folder), before, "verify only reads");
}

#[test]
fn verify_lists_wrong_tallies_and_recount_corrects_them() {
    let folder = demonstration();
    let folder = folder.path();
    sql(
        folder,
        "UPDATE survey_tally SET respondents = 0,
             elements = json_set(elements, '$[2][1]', json_extract(elements, '$[2][1]') + 1)",
    );
    let differs = run(folder, &[], &["verify"]);
    let lines = text(&differs.stdout);
    let tallies = lines.lines().filter(|l| l.starts_with("differs  tallies: survey "));
    assert_eq!(tallies.count(), 9, "{lines}");
    assert!(bad(&differs).contains("Found 9 differences."));
    let recounted = good(&run(folder, &[], &["recount"]));
    assert!(
        recounted.contains(": respondents 0 -> 120, 2 figures changed\n"),
        "{recounted}"
    );
    assert!(recounted.ends_with("5 surveys, 5 tallies changed.\n"), "{recounted}");
    good(&run(folder, &[], &["verify"]));
}

#[test]
fn verify_exits_with_3_without_a_database_and_makes_none() {
    let folder = folder();
    let folder = folder.path();
    for url in ["sqlite://none.db", "sqlite://.", "postgres://iku@127.0.0.1:1/iku", "x"] {
        let away = run(folder, &[("IKU_DATABASE_URL", url)], &["verify"]);
        assert_eq!(away.status.code(), Some(3), "{url}: {}", text(&away.stderr));
    }
    bad(&run(folder, &[("IKU_DATABASE_URL", "sqlite://none.db")], &["recount"]));
    assert!(!folder.join("none.db").exists());
}

#[test]
fn backup_overwrites_nothing_without_force() {
    let folder = demonstration();
    let folder = folder.path();
    good(&run(folder, &[], &["backup", "a"]));
    fs::create_dir(folder.join("sub")).unwrap();
    fs::write(folder.join("notes"), "mine").unwrap();
    let before = files(folder);
    for (file, expected) in [
        ("a", "a exists already"),
        ("notes", "notes exists already"),
        ("iku.db", "belongs to the database itself"),
        ("./sub/../iku.db", "belongs to the database itself"),
        ("sub", "sub is a folder"),
        ("none/a", "none/a cannot be written"),
    ] {
        let refused = bad(&run(folder, &[], &["backup", file]));
        assert!(refused.contains(expected), "{refused}");
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
fn restore_rejects_unsound_backups_and_changes_nothing() {
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
        (
            "tallies",
            "UPDATE survey_tally SET elements = json_set(elements, '$[2][0]', 0)",
        ),
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
    // A file that others can read is warned about, which would be a second sentence.
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() {
            fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    let before = files(folder);
    for (name, expected) in [
        ("none", "none cannot be read"),
        ("sub", "sub is not a file"),
        ("iku.db", "belongs to the database itself"),
        ("empty", "empty is not a SQLite database"),
        ("text", "text is not a SQLite database"),
        ("cut", "cut is incomplete"),
        ("used", "used is a copy of a database in use"),
        ("holes", "holes is damaged"),
        ("tallies", "tallies has differences: tallies: survey "),
        (
            "newer",
            "it was made by a newer version of iku (this one does not know m20990101_000001_next)",
        ),
        ("another", "it is not a database of iku"),
        ("orphans", "refer to a row of district that does not exist"),
    ] {
        let refused = bad(&run(folder, &[], &["restore", name]));
        assert!(refused.contains(expected), "{name}: {refused}");
        assert_eq!(files(folder), before, "{name}");
    }
    let full = bad(&on_a_full_disk(folder, "restore good"));
    assert!(full.contains("good cannot be copied to iku.db.restoring"), "{full}");
    assert_eq!(files(folder), before);
}

/// Runs the command with files limited to 200 blocks, which acts as a full disk.
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
