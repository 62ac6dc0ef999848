//! Files of the database are private: they hold password hashes and signing keys.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::maintenance::{SETTINGS, good};
use crate::support::process::{Running, folder, iku};

/// The program under an umask that takes nothing away.
fn open_handed(folder: &Path, arguments: &[&str]) -> Command {
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

/// The permissions of every file that the program made.
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
    let service = Running::launch(open_handed(folder, &["serve"]), folder);
    good(&open_handed(folder, &["backup", "backup"]).output().unwrap());
    assert_all_private(folder, &["iku.db", "iku.db-wal", "iku.db-shm", "iku.db.lock", "backup"]);
    service.kill();
    good(&open_handed(folder, &["restore", "backup"]).output().unwrap());
    assert_all_private(folder, &["iku.db", "iku.db.before-restore-"]);
    good(&open_handed(folder, &["verify"]).output().unwrap());
    good(&open_handed(folder, &["user", "list"]).output().unwrap());
    assert_all_private(folder, &["iku.db"]);
}

#[test]
fn files_of_an_earlier_version_become_private() {
    let folder = folder();
    let folder = folder.path();
    good(&open_handed(folder, &["migrate"]).output().unwrap());
    good(&open_handed(folder, &["backup", "backup"]).output().unwrap());
    let open = |name: &str| fs::set_permissions(folder.join(name), Permissions::from_mode(0o644)).unwrap();
    ["iku.db", "iku.db.lock"].into_iter().for_each(open);
    let service = Running::launch(open_handed(folder, &["serve"]), folder);
    assert_all_private(folder, &["iku.db-wal"]);
    let log = fs::read_to_string(folder.join("log")).unwrap();
    assert!(log.contains("iku.db was open to other users"), "{log}");
    service.stop();

    // A restore makes neither the new database nor the former one readable for others.
    open("iku.db");
    good(&open_handed(folder, &["restore", "backup"]).output().unwrap());
    assert_all_private(folder, &["iku.db.before-restore-"]);
}
