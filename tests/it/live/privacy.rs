//! Files of the database are private: they hold password hashes and signing keys.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::maintenance::{SETTINGS, good};
use crate::support::process::{Running, folder, iku};

/// Returns a command of the program with umask 000.
fn with_umask_000(folder: &Path, arguments: &[&str]) -> Command {
    let program = iku(folder, &SETTINGS, arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(folder);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Returns the permissions of every file that the program created.
fn modes(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let modes = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        (name, format!("{mode:o}"))
    });
    modes.filter(|(name, _)| name != "log").collect()
}

#[track_caller]
fn assert_all_private(folder: &Path, names: &[&str]) {
    let modes = modes(folder);
    assert!(modes.values().all(|mode| mode == "600"), "{modes:?}");
    for name in names {
        assert!(
            modes.keys().any(|file| file.starts_with(name)),
            "no {name} in {modes:?}"
        );
    }
}

#[test]
fn every_file_is_private_whatever_the_umask() {
    let folder = folder();
    let folder = folder.path();
    let service = Running::launch(with_umask_000(folder, &["serve"]), folder);
    good(&with_umask_000(folder, &["backup", "backup"]).output().unwrap());
    assert_all_private(folder, &["iku.db", "iku.db-wal", "iku.db-shm", "iku.db.lock", "backup"]);
    service.kill();
    good(&with_umask_000(folder, &["restore", "backup"]).output().unwrap());
    assert_all_private(folder, &["iku.db", "iku.db.before-restore-"]);
    good(&with_umask_000(folder, &["verify"]).output().unwrap());
    good(&with_umask_000(folder, &["user", "list"]).output().unwrap());
    assert_all_private(folder, &["iku.db"]);
}

#[test]
fn others_lose_access_to_files_of_an_earlier_version_and_a_group_may_go_on_reading() {
    let folder = folder();
    let folder = folder.path();
    good(&with_umask_000(folder, &["migrate"]).output().unwrap());
    good(&with_umask_000(folder, &["backup", "backup"]).output().unwrap());
    let open = |name: &str| fs::set_permissions(folder.join(name), Permissions::from_mode(0o644)).unwrap();
    ["iku.db", "iku.db.lock"].into_iter().for_each(open);
    let service = Running::launch(with_umask_000(folder, &["serve"]), folder);
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(["iku.db", "iku.db.lock"].map(mode), [0o640; 2]);
    let log = fs::read_to_string(folder.join("log")).unwrap();
    assert!(log.contains("iku.db was open to other users"), "{log}");
    assert!(log.contains("the group of") && log.contains("may read it"), "{log}");
    service.stop();

    // After a restore, other users can read neither the new database nor the former database.
    open("iku.db");
    good(&with_umask_000(folder, &["restore", "backup"]).output().unwrap());
    let entries = fs::read_dir(folder).unwrap();
    let mut files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let former = files.find(|name| name.starts_with("iku.db.before-restore-")).unwrap();
    assert_eq!((mode(&former), mode("iku.db")), (0o640, 0o600));
}
